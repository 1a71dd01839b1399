// What becomes of a downlink that a gateway does not want to send.
#include "tests/lns/quiet.h"
#include "tests/support/catch.h"

using namespace helio;
using namespace helio::lns;
using namespace helio::lns::test;

namespace {

constexpr TxAckStatus kRefusals[] = {TxAckStatus::too_late,
                                     TxAckStatus::too_early,
                                     TxAckStatus::collision_packet,
                                     TxAckStatus::collision_beacon,
                                     TxAckStatus::tx_freq,
                                     TxAckStatus::tx_power,
                                     TxAckStatus::gps_unlocked,
                                     TxAckStatus::queue_full,
                                     TxAckStatus::gateway_gone,
                                     TxAckStatus::other};

}  // namespace

TEST_CASE("whatever a gateway refuses RX1 for, the same bytes go to RX2", "[lns][downlink]") {
    for (const TxAckStatus status : kRefusals) {
        CAPTURE(name_of(status));
        Quiet q;
        const Instant heard = q.n.now;
        q.n.uplink(q.device.uplink({.confirmed = true}));
        const auto first = q.n.take_downlinks();
        REQUIRE(first.size() == 1);
        CHECK(q.n.window_us(first[0], heard) == 1'000'000);
        q.n.ack(first[0], status);
        const auto second = q.n.take_downlinks();
        REQUIRE(second.size() == 1);
        CHECK(q.n.window_us(second[0], heard) == 2'000'000);
        CHECK(second[0].phy_payload == first[0].phy_payload);
        CHECK(second[0].downlink_id != first[0].downlink_id);
        q.n.ack(second[0]);
        CHECK(q.n.take(proto::Event::kLog).empty());
        CHECK(q.n.server->stats().downlinks_sent > 0);
    }
}

TEST_CASE("when no window and no gateway is left, the application is told why", "[lns][downlink]") {
    Quiet q;
    q.n.enqueue("a", {1});
    q.n.uplink(q.device.uplink());
    q.n.ack(q.n.take_downlinks().at(0), TxAckStatus::too_late);
    CHECK(q.n.take(proto::Event::kLog).empty());
    q.n.ack(q.n.take_downlinks().at(0), TxAckStatus::tx_freq);
    CHECK(q.n.take_downlinks().empty());
    const auto logs = q.n.take(proto::Event::kLog);
    REQUIRE(logs.size() == 1);
    CHECK(logs[0].log().code() == "DOWNLINK_GATEWAY");
    CHECK(logs[0].log().description().find("TX_FREQ") != std::string::npos);
    CHECK(logs[0].log().context().at("queue_item_id") == "a");
    CHECK(logs[0].log().context().at("gateway_id") == Eui64::from_value(1).to_text());
    CHECK(q.n.take(proto::Event::kTxack).empty());
    CHECK(q.n.server->queue(q.device.dev_eui).size() == 1);
}

TEST_CASE("a message that no gateway can send is given up after its attempts", "[lns][downlink]") {
    Quiet q;
    q.n.enqueue("a", {1});
    for (std::uint32_t i = 0; i <= q.n.config.max_attempts_unconfirmed; ++i) {
        q.n.uplink(q.device.uplink());
        for (auto down = q.n.take_downlinks(); !down.empty(); down = q.n.take_downlinks()) {
            q.n.ack(down[0], TxAckStatus::tx_freq);
        }
        q.n.pass(10s);
    }
    CHECK(q.n.server->queue(q.device.dev_eui).empty());
    CHECK(q.n.server->stats().queue_dropped == 1);
    CHECK(q.n.take(proto::Event::kLog).back().log().description() ==
          "no gateway could send the message");
}

TEST_CASE("a TX_ACK of another gateway, or for another downlink, changes nothing",
          "[lns][downlink]") {
    Quiet q;
    q.n.registry->create(Owner::gateway(2));
    q.n.enqueue("a", {1});
    q.n.uplink(q.device.uplink());
    const auto down = q.n.take_downlinks();
    REQUIRE(down.size() == 1);
    auto foreign = down[0];
    foreign.path.gateway = Eui64::from_value(2);
    q.n.ack(foreign);
    auto unknown = down[0];
    unknown.downlink_id += 1u << 20;
    q.n.ack(unknown);
    CHECK(q.n.server->stats().unknown_tx_ack == 2);
    CHECK(q.n.server->queue(q.device.dev_eui).size() == 1);
    q.n.ack(down[0]);
    CHECK(q.n.server->queue(q.device.dev_eui).empty());
    q.n.ack(down[0]);
    CHECK(q.n.server->stats().unknown_tx_ack == 3);
}
