// The simulated forwarder against the server's bridge, and its radio.
#include "gateway-bridge/semtech-udp/packet.h"
#include "gateway-bridge/semtech-udp/push_data.h"
#include "gateway-bridge/semtech-udp/tx_ack.h"
#include "gateway-bridge/semtech-udp/txpk.h"
#include "lns/region/airtime.h"
#include "tests/support/catch.h"
#include "tools/helio-sim/concentrator.h"
#include "tools/helio-sim/listeners.h"

using namespace helio;
using namespace helio::sim;
using namespace std::chrono_literals;
namespace bridge = helio::gateway_bridge::semtech_udp;

namespace {

const Eui64 kGateway = Eui64::from_value(0x0016'c001'ff10'0000u);
const Instant kNow = from_unix_us(1'795'253'400'000'000);

TxRequest order(lns::SendTiming timing, std::size_t size = 12) {
    return {.timing = timing,
            .frequency_hz = 868'100'000,
            .modulation = lns::LoraModulation{.bandwidth_hz = 125'000, .spreading_factor = 7},
            .power_dbm = 14,
            .polarization_inverted = true,
            .phy = Bytes(size)};
}

}  // namespace

TEST_CASE("the server's bridge understands a simulated forwarder", "[forwarder]") {
    const auto modulation = GENERATE(values<lns::Modulation>({
        lns::LoraModulation{.bandwidth_hz = 125'000, .spreading_factor = 12},
        lns::LoraModulation{.bandwidth_hz = 500'000, .spreading_factor = 8},
        lns::FskModulation{.bit_rate = 50'000},
        lns::LrFhssModulation{137'000, 2, 8},
    }));
    const Bytes phy = {1, 2, 3, 4};
    const Bytes datagram = push_data(0xa1b2,
                                     kGateway,
                                     {.phy = phy,
                                      .counter_us = 4'000'000'000u,
                                      .time = kNow,
                                      .frequency_hz = 867'100'000,
                                      .modulation = modulation,
                                      .level = {.rssi_dbm = -120, .snr_db = -7.5f}});
    const auto packet = bridge::parse_packet(datagram);
    REQUIRE(packet);
    CHECK(packet->token == 0xa1b2);
    CHECK(packet->gateway == kGateway);
    bridge::PushData data;
    REQUIRE(bridge::parse_push_data(packet->json, data));
    REQUIRE(data.uplinks.size() == 1);
    const lns::GatewayUplink& uplink = data.uplinks[0];
    CHECK(uplink.modulation == modulation);
    CHECK(uplink.frequency_hz == 867'100'000);
    CHECK(uplink.counter_us == 4'000'000'000u);
    CHECK(uplink.gateway_time == kNow);
    CHECK(uplink.rssi_dbm == -120);
    CHECK(uplink.snr_db == -7.5f);
    CHECK(Bytes(uplink.phy_payload.begin(), uplink.phy_payload.end()) == phy);
}

TEST_CASE("the server's bridge understands simulated statistics and TX_ACK", "[forwarder]") {
    bridge::PushData data;
    const Bytes stat =
        push_stat(1, kGateway, {.received = 5, .forwarded = 4, .acknowledged = 2}, kNow);
    REQUIRE(bridge::parse_push_data(bridge::parse_packet(stat)->json, data));
    REQUIRE(data.status);
    CHECK(data.status->gateway_time == kNow);
    CHECK(data.status->rx_received == 5u);
    CHECK(data.status->ack_percent == 50);
    const Bytes ack = tx_ack(1, kGateway, "TOO_LATE");
    CHECK(bridge::parse_tx_ack(bridge::parse_packet(ack)->json).status ==
          lns::TxAckStatus::too_late);
}

TEST_CASE("a simulated forwarder understands the server's orders", "[forwarder]") {
    const auto timing = GENERATE(values<lns::SendTiming>({
        lns::SendAtCounter{3'517'348'611u},
        lns::SendImmediately{},
        lns::SendAtGpsTime{{std::chrono::milliseconds(1'479'288'618'123)}},
    }));
    const lns::GatewayDownlink downlink{
        .timing = timing,
        .frequency_hz = 869'525'000,
        .modulation = lns::LoraModulation{.bandwidth_hz = 125'000, .spreading_factor = 9},
        .eirp_dbm = 27,
        .phy_payload = {1, 2, 3}};
    Bytes datagram;
    REQUIRE(bridge::encode_pull_resp(bridge::Version::v2, 0xc0de, downlink, 2, datagram));
    const auto heard = parse_from_server(datagram);
    REQUIRE(heard);
    CHECK(heard->kind == FromServer::Kind::pull_resp);
    CHECK(heard->token == 0xc0de);
    REQUIRE(heard->request);
    CHECK(heard->request->timing == timing);
    CHECK(heard->request->frequency_hz == 869'525'000);
    CHECK(heard->request->modulation == downlink.modulation);
    CHECK(heard->request->power_dbm == 25);
    CHECK(heard->request->polarization_inverted);
    CHECK(heard->request->phy == downlink.phy_payload);
}

TEST_CASE("an order that makes no sense is told apart from none", "[forwarder]") {
    const Bytes header = {2, 0, 1, 3};
    for (const char* json : {"", "{}", R"({"txpk":{"imme":true}})", "["}) {
        Bytes datagram = header;
        datagram.insert(datagram.end(), json, json + std::string_view(json).size());
        const auto heard = parse_from_server(datagram);
        REQUIRE(heard);
        CHECK_FALSE(heard->request);
    }
    CHECK_FALSE(parse_from_server(Bytes{2, 0, 1}));
    CHECK_FALSE(parse_from_server(Bytes{2, 0, 1, 9}));
}

TEST_CASE("a counter that wraps is still the same time", "[concentrator]") {
    const Concentrator radio(0xffff'ff00u - static_cast<std::uint32_t>(to_unix_us(kNow)));
    CHECK(radio.counter_at(kNow) == 0xffff'ff00u);
    CHECK(radio.counter_at(kNow + 1s) == 999'744);
    CHECK(radio.time_of(999'744, kNow) == kNow + 1s);
    CHECK(radio.time_of(0xffff'ff00u, kNow + 1s) == kNow);
}

TEST_CASE("a transmission starts when the counter shows what was ordered", "[concentrator]") {
    Concentrator radio(12345);
    const TxRequest request = order(lns::SendAtCounter{radio.counter_at(kNow + 1s)});
    const auto accepted = radio.accept(request, kNow);
    REQUIRE(accepted);
    CHECK(accepted->from == kNow + 1s);
    CHECK(accepted->to == kNow + 1s + lns::airtime(request.modulation, 12, false));
}

TEST_CASE("an order is refused as a forwarder's queue refuses it", "[concentrator]") {
    Concentrator radio(0);
    const auto at = [&](Duration ahead) {
        return order(lns::SendAtCounter{radio.counter_at(kNow + ahead)});
    };
    CHECK(radio.accept(at(Concentrator::kLead - 1us), kNow).error() == "TOO_LATE");
    CHECK(radio.accept(at(-1s), kNow).error() == "TOO_LATE");
    CHECK(radio.accept(at(Concentrator::kMostAhead + 1us), kNow).error() == "TOO_EARLY");
    CHECK(radio.accept(at(1s), kNow));
    CHECK(radio.accept(at(1s + 20ms), kNow).error() == "COLLISION_PACKET");
    CHECK(radio.accept(at(2s), kNow));
}

TEST_CASE("a downlink is heard only at the time, on the frequency and at the rate of a window",
          "[listeners]") {
    Listeners listeners;
    const TxRequest right = order(lns::SendImmediately{});
    listeners.open({.device = 3, .transmission = 1, .window = 1},
                   kNow,
                   {.frequency_hz = right.frequency_hz, .modulation = right.modulation});
    REQUIRE(listeners.hearing(right, kNow).size() == 1);
    CHECK(listeners.hearing(right, kNow)[0].device == 3);
    CHECK(listeners.hearing(right, kNow + 20us).size() == 1);
    CHECK(listeners.hearing(right, kNow + 21us).empty());
    CHECK(listeners.hearing(right, kNow - 21us).empty());

    TxRequest wrong = right;
    wrong.frequency_hz += 200'000;
    CHECK(listeners.hearing(wrong, kNow).empty());
    wrong = right;
    wrong.modulation = lns::LoraModulation{.bandwidth_hz = 125'000, .spreading_factor = 8};
    CHECK(listeners.hearing(wrong, kNow).empty());
    wrong = right;
    wrong.polarization_inverted = false;
    CHECK(listeners.hearing(wrong, kNow).empty());

    listeners.forget_before(kNow + 1us);
    CHECK(listeners.hearing(right, kNow).empty());
}
