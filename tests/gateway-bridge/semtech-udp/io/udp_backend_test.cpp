#include "gateway-bridge/semtech-udp/io/udp_backend.h"

#include "gateway-bridge/semtech-udp/metrics.h"
#include "tests/gateway-bridge/semtech-udp/world.h"
#include "tests/support/catch.h"

using namespace helio;
using namespace helio::gateway_bridge::semtech_udp;

namespace {

struct Heard final : UdpBackend::Handler {
    std::vector<std::string> uplinks;  // their payloads
    std::vector<lns::GatewayTxAck> tx_acks;
    std::vector<lns::GatewayStatus> statuses;

    void on_uplink(const lns::GatewayUplink& uplink) override {
        uplinks.push_back(to_hex(uplink.phy_payload));
    }
    void on_tx_ack(const lns::GatewayTxAck& ack) override { tx_acks.push_back(ack); }
    void on_status(const lns::GatewayStatus& status) override { statuses.push_back(status); }
};

// A server and the two sockets of a gateway, on real loopback addresses.
struct Wired {
    io::Loop loop;
    Heard heard;
    UdpBackend server{loop,
                      io::Peer::loopback(0),
                      "gateways.semtech_udp",
                      Settings{.seed = 0xc0de ^ 0xa235},
                      [](Eui64 eui) -> std::optional<GatewayInfo> {
                          if (eui != kGateway) return std::nullopt;
                          return GatewayInfo{};
                      },
                      heard};
    std::vector<std::string> answers;
    io::UdpSocket gateway{loop, io::Peer::loopback(0), "test", [this](auto batch) {
                              for (const auto& d : batch) answers.push_back(to_hex(d.bytes));
                          }};

    void send(ByteView datagram) { gateway.send(server.socket().local(), datagram); }
    bool until(const std::function<bool()>& done) { return loop.run_until(done); }
    lns::GatewayDownlink downlink() {
        const auto known = server.find(kGateway);
        return {.downlink_id = 7,
                .path = {.gateway = kGateway, .epoch = known ? known->epoch : 0},
                .timing = lns::SendAtCounter{1},
                .frequency_hz = 868'100'000,
                .modulation = lns::LoraModulation{.bandwidth_hz = 125'000, .spreading_factor = 7},
                .phy_payload = {1, 2, 3},
                .send_by = loop.now() + std::chrono::seconds(1)};
    }
};

}  // namespace

TEST_CASE("over real sockets an uplink is acknowledged and handed on", "[semtech-udp][io]") {
    Wired wired;
    wired.send(World::packet(
        0,
        0xa1b2,
        kGateway,
        R"({"rxpk":[{"tmst":1,"freq":868.1,"modu":"LORA","datr":"SF7BW125","rssi":-35,"lsnr":5,)"
        R"("data":"QAQDAgGAAQABppRkJhXWw7WC"}],"stat":{"rxnb":1}})"));
    REQUIRE(wired.until([&] { return !wired.answers.empty(); }));
    CHECK(wired.answers[0] == "02a1b201");
    REQUIRE(wired.heard.uplinks.size() == 1);
    CHECK(wired.heard.uplinks[0] == "400403020180010001a694642615d6c3b582");
    CHECK(wired.heard.statuses.size() == 1);
}

TEST_CASE("over real sockets a downlink reaches the gateway and its TX_ACK comes back",
          "[semtech-udp][io]") {
    Wired wired;
    wired.send(World::packet(2, 0xbeef, kGateway, ""));
    REQUIRE(wired.until([&] { return wired.answers.size() == 1; }));
    CHECK(wired.answers[0] == "02beef04");
    wired.server.send(wired.downlink());
    REQUIRE(wired.until([&] { return wired.answers.size() == 2; }));
    CHECK(wired.answers[1].starts_with("02c0de03"));
    wired.send(World::packet(5, World::kFirstToken, kGateway, ""));
    REQUIRE(wired.until([&] { return !wired.heard.tx_acks.empty(); }));
    CHECK(wired.heard.tx_acks[0].downlink_id == 7);
    CHECK(wired.server.list().at(0).round_trips.samples == 1);
}

TEST_CASE("a refusal by the bridge itself never comes from inside send()", "[semtech-udp][io]") {
    Wired wired;
    wired.server.send(wired.downlink());
    CHECK(wired.heard.tx_acks.empty());
    REQUIRE(wired.until([&] { return !wired.heard.tx_acks.empty(); }));
    CHECK(wired.heard.tx_acks[0].status == lns::TxAckStatus::gateway_gone);
}

TEST_CASE("a stranger gets no answer and stands on the list", "[semtech-udp][io]") {
    Wired wired;
    wired.send(World::packet(2, 0xbeef, Eui64::from_value(1), ""));
    wired.send(World::packet(2, 0xbeef, kGateway, ""));
    REQUIRE(wired.until([&] { return !wired.answers.empty(); }));
    CHECK(wired.answers.size() == 1);
    REQUIRE(wired.server.unknown().size() == 1);
    CHECK(wired.server.unknown()[0].gateway == Eui64::from_value(1));
}

TEST_CASE("a taken port gets a sentence that names the setting", "[semtech-udp][io]") {
    Wired wired;
    CHECK_THROWS_WITH(UdpBackend(
                          wired.loop,
                          wired.server.socket().local(),
                          "gateways.semtech_udp",
                          Settings{},
                          [](Eui64) { return std::nullopt; },
                          wired.heard),
                      Catch::Contains("gateways.semtech_udp"));
}

TEST_CASE("the counters are on the metrics page", "[semtech-udp][io]") {
    Wired wired;
    metrics::Registry registry;
    expose(wired.server.backend(), registry);
    wired.send(World::packet(2, 0xbeef, kGateway, ""));
    REQUIRE(wired.until([&] { return !wired.answers.empty(); }));
    const std::string page = registry.to_prometheus();
    CHECK(page.find("heliograph_udp_pull_data_total 1\n") != std::string::npos);
    CHECK(page.find("heliograph_udp_rxpk_dropped_total{reason=\"crc\"} 0\n") != std::string::npos);
}
