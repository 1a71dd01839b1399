#include "tests/lns/quiet.h"
#include "tests/support/catch.h"

using namespace helio;
using namespace helio::lns;
using namespace helio::lns::test;

TEST_CASE("queued messages are sent in order, one an uplink, FPending while more wait",
          "[lns][downlink]") {
    Quiet q;
    q.n.enqueue("a", {1});
    q.n.enqueue("b", {2});
    q.n.enqueue("c", {3});
    for (const std::uint8_t byte : {1, 2, 3}) {
        const auto received = q.hears(q.exchange());
        REQUIRE(received);
        CHECK(received->data == Bytes{byte});
        CHECK(received->fport == 10);
        CHECK(received->fpending == (byte != 3));
        CHECK_FALSE(received->confirmed);
    }
    CHECK(q.n.server->queue(q.device.dev_eui).empty());
    const auto acks = q.n.take(proto::Event::kTxack);
    REQUIRE(acks.size() == 3);
    CHECK(acks[0].txack().message_id() == "a");
    CHECK(acks[2].txack().message_id() == "c");
    CHECK(acks[0].txack().delay_us() == 1'000'000);
    CHECK(acks[0].txack().has_uplink_counter_us());
}

TEST_CASE("a confirmed message is sent again until the device acknowledges it", "[lns][downlink]") {
    Quiet q;
    q.n.enqueue("important", {1}, true);
    q.n.enqueue("next", {2});

    q.exchange();  // sent, but the device does not hear it
    const auto second = q.hears(q.exchange());
    REQUIRE(second);
    CHECK(second->confirmed);
    CHECK(second->data == Bytes{1});
    CHECK(q.n.server->queue(q.device.dev_eui).size() == 2);

    const auto third = q.hears(q.exchange());  // carries the device's ACK
    REQUIRE(third);
    CHECK(third->data == Bytes{2});
    const auto acks = q.n.take(proto::Event::kAck);
    REQUIRE(acks.size() == 1);
    CHECK(acks[0].ack().message_id() == "important");
    CHECK(acks[0].ack().acknowledged());
    CHECK(acks[0].ack().fcnt_down() == second->fcnt);
    const auto ups = q.n.take(proto::Event::kUp);
    CHECK(ups.back().up().acked_message_id() == "important");
}

TEST_CASE("a confirmed message that is never acknowledged ends as not acknowledged",
          "[lns][downlink]") {
    Quiet q;
    q.n.enqueue("lost", {1}, true);
    std::uint32_t sent = 0;
    for (int i = 0; i < 10; ++i) sent += static_cast<std::uint32_t>(q.exchange().size());
    CHECK(sent == q.n.config.max_attempts_confirmed);
    const auto acks = q.n.take(proto::Event::kAck);
    REQUIRE(acks.size() == 1);
    CHECK_FALSE(acks[0].ack().acknowledged());
    CHECK(q.n.server->queue(q.device.dev_eui).empty());
}

TEST_CASE("a message that expired is not sent, and the application is told", "[lns][downlink]") {
    Quiet q;
    REQUIRE(q.n.server->on_command(EnqueueDownlink{.dev_eui = q.device.dev_eui,
                                                   .message_id = "old",
                                                   .data = {1},
                                                   .expires_at = q.n.now + 1s},
                                   q.n.now));
    q.n.enqueue("young", {2});
    q.n.pass(2s);
    const auto received = q.hears(q.exchange());
    REQUIRE(received);
    CHECK(received->data == Bytes{2});
    const auto logs = q.n.take(proto::Event::kLog);
    REQUIRE(logs.size() == 1);
    CHECK(logs[0].log().code() == "EXPIRED");
    CHECK(logs[0].log().context().at("queue_item_id") == "old");
}

TEST_CASE("a message too large for the present data rate is dropped, and the application is told",
          "[lns][downlink]") {
    Quiet q;
    q.n.enqueue("large", Bytes(100, 7));
    const Reception slow{.modulation = LoraModulation{125'000, 12}};
    q.exchange({}, slow);  // 51 bytes at most, in either window
    const auto logs = q.n.take(proto::Event::kLog);
    REQUIRE(logs.size() == 1);
    CHECK(logs[0].log().code() == "DOWNLINK_PAYLOAD_SIZE");
    CHECK(q.n.server->queue(q.device.dev_eui).empty());
}

TEST_CASE("a message that only RX1 can carry is sent in RX1 only", "[lns][downlink]") {
    Quiet q;
    q.n.enqueue("large", Bytes(100, 7));
    q.n.uplink(q.device.uplink());
    auto down = q.n.take_downlinks();
    REQUIRE(down.size() == 1);
    CHECK(down[0].frequency_hz == 868'100'000);
    q.n.ack(down[0], TxAckStatus::collision_packet);
    CHECK(q.n.take_downlinks().empty());  // RX2 is SF12
    CHECK(q.n.server->queue(q.device.dev_eui).size() == 1);
}

TEST_CASE("a gateway that refuses RX1 is asked for RX2, then the next gateway", "[lns][downlink]") {
    Quiet q;
    q.n.registry->create(Owner::gateway(2));
    q.n.enqueue("a", {1});
    const Bytes phy = q.device.uplink();
    const Instant heard = q.n.now;
    q.n.hears(phy, {.gateway = 1, .snr_db = 9, .rssi_dbm = -60});
    q.n.hears(phy, {.gateway = 2, .snr_db = 2, .rssi_dbm = -110});
    q.n.pass(q.n.config.deduplication_window);

    struct Want {
        std::uint64_t gateway;
        std::uint32_t delay_us;
        std::uint32_t frequency_hz;
    };
    const Want wants[] = {{1, 1'000'000, 868'100'000},
                          {1, 2'000'000, 869'525'000},
                          {2, 1'000'000, 868'100'000},
                          {2, 2'000'000, 869'525'000}};
    std::optional<Bytes> bytes;
    for (const Want& want : wants) {
        const auto down = q.n.take_downlinks();
        REQUIRE(down.size() == 1);
        CHECK(down[0].path.gateway.value() == want.gateway);
        CHECK(q.n.window_us(down[0], heard) == want.delay_us);
        CHECK(down[0].frequency_hz == want.frequency_hz);
        if (bytes) CHECK(down[0].phy_payload == *bytes);
        bytes = down[0].phy_payload;
        q.n.ack(down[0], TxAckStatus::gateway_gone);
    }
    CHECK(q.n.take_downlinks().empty());
    CHECK(q.n.server->stats().downlinks_failed == 1);

    q.n.pass(5s);  // the message goes with the next uplink, under a new counter
    const auto received = q.hears(q.exchange());
    REQUIRE(received);
    CHECK(received->data == Bytes{1});
}

TEST_CASE("a gateway that stays silent is passed over while time remains", "[lns][downlink]") {
    Quiet q;
    q.n.registry->create(Owner::gateway(2));
    q.n.enqueue("a", {1});
    q.n.uplink(q.device.uplink());
    REQUIRE(q.n.take_downlinks().size() == 1);
    q.n.pass(q.n.config.tx_ack_timeout);
    const auto second = q.n.take_downlinks();
    REQUIRE(second.size() == 1);
    CHECK(second[0].frequency_hz == 869'525'000);
    CHECK(q.n.server->stats().downlinks_silent == 1);
}

TEST_CASE("two devices are not answered by one gateway at one time", "[lns][downlink]") {
    Quiet q;
    q.n.registry->create(Owner::abp(8, 0x05060708));
    auto other = DeviceSide::abp(8, 0x05060708);
    const Bytes a = q.device.uplink({.confirmed = true});
    const Bytes b = other.uplink({.confirmed = true});
    const Instant heard = q.n.now;
    q.n.hears(a);
    q.n.hears(b, {.frequency_hz = 868'300'000});
    q.n.pass(q.n.config.deduplication_window);
    const auto down = q.n.take_downlinks();
    REQUIRE(down.size() == 2);
    CHECK(q.n.window_us(down[0], heard) == 1'000'000);
    CHECK(q.n.window_us(down[1], heard) == 2'000'000);
    CHECK(q.n.server->stats().schedule_collision == 1);
}

TEST_CASE("a downlink counter is not used again after a crash", "[lns][downlink]") {
    Quiet q;
    const auto before = q.hears(q.exchange({.confirmed = true}));
    REQUIRE(before);
    q.n.restart();
    const auto after = q.hears(q.exchange({.confirmed = true}));
    REQUIRE(after);
    CHECK(after->fcnt > before->fcnt);
}

TEST_CASE("a queued message survives a restart", "[lns][downlink]") {
    Quiet q;
    q.n.enqueue("kept", {5});
    q.n.restart();
    const auto received = q.hears(q.exchange());
    REQUIRE(received);
    CHECK(received->data == Bytes{5});
}

TEST_CASE("an ADRACKReq is answered with some downlink", "[lns][downlink]") {
    Quiet q;
    CHECK(q.exchange({.adr = false, .adr_ack_req = false}).empty());
    CHECK(q.exchange({.adr = true, .adr_ack_req = true}).size() == 1);
}

TEST_CASE("a LinkCheckReq and a DeviceTimeReq are answered in the next downlink",
          "[lns][downlink]") {
    Quiet q;
    const auto received = q.hears(q.exchange({.fopts = {0x02, 0x0d}}, {.snr_db = 2.5}));
    REQUIRE(received);
    REQUIRE(received->commands.size() >= 9);
    CHECK(received->commands[0] == 0x02);
    CHECK(received->commands[1] == 10);  // 2.5 dB above the -7.5 dB that SF7 needs
    CHECK(received->commands[2] == 1);   // gateways
    CHECK(received->commands[3] == 0x0d);
}

TEST_CASE("what cannot be queued is refused with its reason", "[lns][downlink]") {
    Quiet q;
    const Eui64 dev = q.device.dev_eui;
    const auto error = [&](EnqueueDownlink command) {
        const auto answer = q.n.server->on_command(command, q.n.now);
        REQUIRE_FALSE(answer);
        return answer.error();
    };
    CHECK(error({.dev_eui = Eui64::from_value(99), .message_id = "x"}) ==
          CommandError::unknown_device);
    CHECK(error({.dev_eui = dev, .message_id = "x", .fport = 0}) == CommandError::bad_fport);
    CHECK(error({.dev_eui = dev, .message_id = "x", .fport = 224}) == CommandError::bad_fport);
    CHECK(error({.dev_eui = dev, .message_id = ""}) == CommandError::bad_message_id);
    CHECK(error({.dev_eui = dev, .message_id = "x", .data = Bytes(243)}) ==
          CommandError::payload_too_large);
    q.n.enqueue("x", {1});
    CHECK(error({.dev_eui = dev, .message_id = "x"}) == CommandError::duplicate_message_id);
    for (std::size_t i = 1; i < q.n.config.max_queue_per_device; ++i) {
        q.n.enqueue("m" + std::to_string(i), {1});
    }
    CHECK(error({.dev_eui = dev, .message_id = "one more"}) == CommandError::queue_full);

    REQUIRE(q.n.server->on_command(DeleteDownlink{dev, "x"}, q.n.now));
    CHECK_FALSE(q.n.server->on_command(DeleteDownlink{dev, "x"}, q.n.now));
    CHECK(q.n.server->on_command(FlushQueue{dev}, q.n.now)->removed == 99);
    CHECK(q.exchange().empty());
}
