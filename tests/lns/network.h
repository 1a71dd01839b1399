// A network for tests: a server on a store in memory, its clock, and verbs for what happens on the
// air.  Effects are seen only when they are durable, as outside.
#pragma once

#include "lns/network_server.h"
#include "tests/lns/device_side.h"
#include "tests/lns/owner.h"

#include <algorithm>

namespace helio::lns::test {

using namespace std::chrono_literals;

struct Reception {
    std::uint64_t gateway = 1;
    float snr_db = 5;
    std::int16_t rssi_dbm = -80;
    std::uint32_t frequency_hz = 868'100'000;
    Modulation modulation = LoraModulation{125'000, 7};
    std::uint32_t epoch = 0;
    bool with_counter = true;
};

struct Network : Owner {
    Instant now = from_unix_us(1'800'000'000'000'000);
    Outbox outbox;
    std::vector<proto::Event> events;
    std::vector<GatewayDownlink> downlinks;
    Config config;
    std::unique_ptr<NetworkServer> server;

    explicit Network(Config c = quiet()) : config(std::move(c)) { start(); }

    // Waits the whole window: tests say themselves when a frame closes early.
    static Config quiet() {
        Config c;
        c.close_early = false;
        return c;
    }

    void start() {
        server =
            std::make_unique<NetworkServer>(config, *registry, crypto::seeded_random(1), outbox);
    }
    // The process ends; what was not flushed is gone, what was is there.
    void restart() {
        server.reset();
        outbox = {};
        open();
        start();
    }

    static std::uint32_t counter_of(Instant at) {
        return static_cast<std::uint32_t>(to_unix_us(at));
    }

    void hears(ByteView phy, const Reception& r = {}) {
        GatewayUplink up{.path = {Eui64::from_value(r.gateway), r.epoch},
                         .phy_payload = phy,
                         .frequency_hz = r.frequency_hz,
                         .modulation = r.modulation,
                         .rssi_dbm = r.rssi_dbm,
                         .snr_db = r.snr_db};
        if (r.with_counter) up.counter_us = counter_of(now);
        server->on_uplink(up, now);
        turn();
    }

    // The end of a loop turn: commits, and takes what may leave.
    void turn() {
        store->flush(now);
        store->poll();
        for (auto& p : outbox.publish_event) events.push_back(std::move(p.publish.event));
        for (auto& d : outbox.send_downlink) downlinks.push_back(std::move(d.downlink));
        outbox.publish_event.clear();
        outbox.send_downlink.clear();
    }

    void pass(Duration time) {
        const Instant until = now + time;
        for (auto due = server->on_time(now); due && *due <= until; due = server->on_time(now)) {
            now = std::max(now, *due);
            server->on_time(now);
            turn();
        }
        now = until;
        server->on_time(now);
        turn();
    }

    // Hears it and waits until it is handled.
    void uplink(ByteView phy, const Reception& r = {}) {
        hears(phy, r);
        pass(config.deduplication_window);
    }

    void ack(const GatewayDownlink& downlink, TxAckStatus status = TxAckStatus::ok) {
        server->on_tx_ack({.gateway = downlink.path.gateway,
                           .downlink_id = downlink.downlink_id,
                           .status = status},
                          now);
        turn();
    }

    std::vector<proto::Event> take(proto::Event::KindCase kind) {
        std::vector<proto::Event> out;
        for (auto& e : events) {
            if (e.kind_case() == kind) out.push_back(e);
        }
        std::erase_if(events, [&](const auto& e) { return e.kind_case() == kind; });
        return out;
    }
    std::vector<GatewayDownlink> take_downlinks() { return std::exchange(downlinks, {}); }

    std::uint32_t window_us(const GatewayDownlink& d, Instant uplink_end) const {
        return std::get<SendAtCounter>(d.timing).counter_us - counter_of(uplink_end);
    }

    // One gateway, one device profile, and an ABP device 7 at 01020304.
    DeviceSide with_abp_device() {
        registry->create(device_profile());
        registry->create(gateway(1));
        registry->create(abp(7, 0x01020304));
        return DeviceSide::abp(7, 0x01020304);
    }
    DeviceSide with_otaa_device(proto::MacVersion version = proto::MAC_1_0_3) {
        auto profile = device_profile();
        profile.set_mac_version(version);
        registry->create(profile);
        registry->create(gateway(1));
        registry->create(otaa(7));
        return DeviceSide::otaa(7);
    }
    void enqueue(std::string id, Bytes data, bool confirmed = false) {
        const auto answer = server->on_command(EnqueueDownlink{.dev_eui = Eui64::from_value(7),
                                                               .message_id = std::move(id),
                                                               .fport = 10,
                                                               .data = std::move(data),
                                                               .confirmed = confirmed},
                                               now);
        if (!answer) throw std::logic_error(std::string(describe(answer.error())));
        turn();
    }
};

}  // namespace helio::lns::test
