// The Backend as a test speaks of it: datagrams in hex from an address, what came out, the clock.
#pragma once

#include "gateway-bridge/semtech-udp/backend.h"

#include <set>
#include <string>

namespace helio::gateway_bridge::semtech_udp {

inline const Eui64 kGateway = Eui64::from_value(0x0016'c001'ff10'a235u);
inline const io::Peer kPullAddress = *io::Peer::from_text("192.0.2.1:40001");
inline const io::Peer kPushAddress = *io::Peer::from_text("192.0.2.1:40000");

struct World {
    // With this seed the first token of kGateway is the one of the published samples.
    static constexpr Token kFirstToken = 0xc0de;

    Instant now = from_unix_us(1'795'253'400'000'000);  // 2026-11-21T09:30:00Z
    std::set<Eui64> registered = {kGateway};
    float antenna_gain_dbi = 0;
    int lookups = 0;
    Settings settings{.seed = 0xc0de ^ 0xa235};
    Backend backend{settings, [this](Eui64 eui) -> std::optional<GatewayInfo> {
                        ++lookups;
                        if (!registered.contains(eui)) return std::nullopt;
                        return GatewayInfo{.antenna_gain_dbi = antenna_gain_dbi};
                    }};
    Outbox out;

    void receive(ByteView datagram, const io::Peer& from = kPushAddress) {
        out.clear();
        backend.on_datagram(from, datagram, now, out);
    }
    void receive_hex(std::string_view hex, const io::Peer& from = kPushAddress) {
        receive(*from_hex(hex), from);
    }
    void push(std::string_view json, Eui64 gateway = kGateway) {
        receive(packet(0, 0xa1b2, gateway, json));
    }
    void pull(const io::Peer& from = kPullAddress, std::uint8_t version = 2) {
        Bytes datagram = packet(2, 0xbeef, kGateway, "");
        datagram[0] = version;
        receive(datagram, from);
    }
    void tx_ack(Token token, std::string_view json = "", Eui64 gateway = kGateway) {
        receive(packet(5, token, gateway, json), kPullAddress);
    }
    void send(const lns::GatewayDownlink& downlink) {
        out.clear();
        backend.send(downlink, now, out);
    }

    std::string reply(std::size_t i = 0) const {
        return i < out.datagrams.size() ? to_hex(out.bytes_of(out.datagrams[i])) : "";
    }
    GatewayView view() const { return backend.find(kGateway, now).value(); }

    // In RX1 of an uplink that came by the present connection.
    lns::GatewayDownlink downlink(std::uint64_t id = 7) const {
        const auto known = backend.find(kGateway, now);
        return {.downlink_id = id,
                .path = {.gateway = kGateway, .epoch = known ? known->epoch : 0},
                .timing = lns::SendAtCounter{3'517'348'611u},
                .frequency_hz = 868'100'000,
                .modulation = lns::LoraModulation{.bandwidth_hz = 125'000, .spreading_factor = 7},
                .eirp_dbm = 14,
                .phy_payload = *from_hex("20820f335489aae3183c082fbaa8dee5f3"),
                .send_by = now + std::chrono::seconds(1)};
    }

    static Bytes packet(std::uint8_t id, Token token, Eui64 gateway, std::string_view json) {
        Bytes out = {
            2, static_cast<std::uint8_t>(token >> 8), static_cast<std::uint8_t>(token), id};
        const auto eui = gateway.big_endian();
        out.insert(out.end(), eui.begin(), eui.end());
        out.insert(out.end(), json.begin(), json.end());
        return out;
    }
};

}  // namespace helio::gateway_bridge::semtech_udp
