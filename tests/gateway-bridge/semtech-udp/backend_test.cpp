#include "tests/gateway-bridge/semtech-udp/world.h"
#include "tests/support/catch.h"

using namespace helio;
using namespace helio::gateway_bridge::semtech_udp;
using namespace std::chrono_literals;
using lns::TxAckStatus;

namespace {

constexpr std::string_view kUplink =
    R"({"rxpk":[{"tmst":1000,"freq":868.1,"stat":1,"modu":"LORA","datr":"SF7BW125","codr":"4/5",)"
    R"("rssi":-35,"lsnr":5.1,"data":"QAQDAgGAAQABppRkJhXWw7WC"}]})";
const Eui64 kStranger = Eui64::from_value(0x0102'0304'0506'0708);
const io::Peer kOther = *io::Peer::from_text("198.51.100.9:5000");

TxAckStatus only_status(const World& world) {
    REQUIRE(world.out.tx_acks.size() == 1);
    return world.out.tx_acks[0].status;
}

}  // namespace

TEST_CASE("an uplink names the gateway and the connection that it came by", "[semtech-udp]") {
    World world;
    world.push(kUplink);
    REQUIRE(world.out.uplinks.size() == 1);
    CHECK(world.out.uplinks[0].path == lns::GatewayPath{kGateway, world.view().epoch});
    const auto first = world.out.uplinks[0].uplink_id;
    world.push(kUplink);
    CHECK(world.out.uplinks[0].uplink_id != first);
}

TEST_CASE("an answer goes to where the question came from", "[semtech-udp]") {
    World world;
    world.push(kUplink);
    REQUIRE(world.out.datagrams.size() == 1);
    CHECK(world.out.datagrams[0].to == kPushAddress);
    world.pull();
    REQUIRE(world.out.datagrams.size() == 1);
    CHECK(world.out.datagrams[0].to == kPullAddress);
}

TEST_CASE("a downlink goes to the address of the last PULL_DATA", "[semtech-udp]") {
    World world;
    world.pull();
    world.push(kUplink);
    world.send(world.downlink());
    REQUIRE(world.out.datagrams.size() == 1);
    CHECK(world.out.datagrams[0].to == kPullAddress);
    CHECK(world.reply().starts_with("02c0de03"));
    CHECK(world.out.tx_acks.empty());
}

TEST_CASE("a downlink for a gateway without PULL_DATA is refused at once", "[semtech-udp]") {
    World world;
    world.send(world.downlink());
    CHECK(only_status(world) == TxAckStatus::gateway_gone);
    world.push(kUplink);
    world.send(world.downlink());
    CHECK(only_status(world) == TxAckStatus::gateway_gone);
    CHECK(world.out.datagrams.empty());
    CHECK(world.backend.stats().downlinks_without_path == 2);
}

TEST_CASE("the path for downlinks lasts 90 s after a PULL_DATA", "[semtech-udp]") {
    World world;
    world.pull();
    world.now += 90s;
    world.send(world.downlink());
    CHECK(world.out.datagrams.size() == 1);
    world.now += 1us;
    CHECK_FALSE(world.view().downlink_path);
    world.send(world.downlink());
    CHECK(only_status(world) == TxAckStatus::gateway_gone);
    world.pull();
    world.send(world.downlink());
    CHECK(world.out.datagrams.size() == 1);
}

TEST_CASE("a connection ends after three minutes of silence", "[semtech-udp]") {
    World world;
    world.pull();
    const auto epoch = world.view().epoch;
    world.now += 3min;
    world.backend.on_time(world.now);
    CHECK(world.backend.list(world.now).size() == 1);
    world.now += 1us;
    world.backend.on_time(world.now);
    CHECK(world.backend.list(world.now).empty());
    world.pull();
    CHECK(world.view().epoch != epoch);
}

TEST_CASE("what was heard before the gateway moved is answered at its new address",
          "[semtech-udp]") {
    World world;
    world.pull();
    world.push(kUplink);
    const auto in_rx1 = world.downlink();
    world.pull(kOther);
    CHECK(world.view().epoch == in_rx1.path.epoch);
    CHECK(world.view().address == kOther);
    world.send(in_rx1);
    REQUIRE(world.out.datagrams.size() == 1);
    CHECK(world.out.datagrams[0].to == kOther);
}

TEST_CASE("a counter of a connection that has ended is not sent", "[semtech-udp]") {
    World world;
    world.pull();
    auto in_rx1 = world.downlink();
    world.now += 3min + 1us;
    world.backend.on_time(world.now);
    world.pull();
    in_rx1.send_by = world.now;
    world.send(in_rx1);
    CHECK(only_status(world) == TxAckStatus::gateway_gone);
    auto at_once = in_rx1;
    at_once.timing = lns::SendImmediately{};
    world.send(at_once);
    CHECK(world.out.datagrams.size() == 1);
}

TEST_CASE("a connection that has heard no PULL_DATA yet keeps its epoch when one comes",
          "[semtech-udp]") {
    World world;
    world.push(kUplink);
    const auto in_rx1 = world.downlink();
    world.pull();
    world.send(in_rx1);
    CHECK(world.out.datagrams.size() == 1);
}

TEST_CASE("a path may move four times at once, and every five seconds in the long run",
          "[semtech-udp]") {
    World world;
    world.pull();
    const auto moves = [&] {
        const auto to = world.view().address == kOther ? kPullAddress : kOther;
        world.pull(to);
        CHECK(world.reply() == "02beef04");
        return world.view().address == to;
    };
    for (int i = 0; i < 4; ++i) CHECK(moves());
    CHECK_FALSE(moves());
    CHECK(world.view().counters.address_changes_refused == 1);
    world.now += 5s;
    CHECK(moves());
    CHECK_FALSE(moves());
    world.now += 1min;
    for (int i = 0; i < 4; ++i) CHECK(moves());
    CHECK_FALSE(moves());
    CHECK(world.view().counters.address_changes == 9);
}

TEST_CASE("PUSH_DATA comes from another port and does not move the path", "[semtech-udp]") {
    World world;
    world.pull();
    world.now += 1min;
    world.push(kUplink);
    CHECK(world.view().address == kPullAddress);
}

TEST_CASE("a version 1 gateway answers no downlink, so it counts as transmitted", "[semtech-udp]") {
    World world;
    world.pull(kPullAddress, 1);
    CHECK(world.reply() == "01beef04");
    world.send(world.downlink());
    CHECK(world.reply().starts_with("01000003"));
    CHECK(only_status(world) == TxAckStatus::ok);
    CHECK(world.out.tx_acks[0].downlink_id == 7);
}

TEST_CASE("a downlink past its time is refused instead of sent", "[semtech-udp]") {
    World world;
    world.pull();
    auto late = world.downlink();
    late.send_by = world.now - 1us;
    world.send(late);
    CHECK(only_status(world) == TxAckStatus::too_late);
    CHECK(world.out.datagrams.empty());
}

TEST_CASE("a downlink that cannot be written is refused and awaits no TX_ACK", "[semtech-udp]") {
    World world;
    world.pull();
    auto lr_fhss = world.downlink();
    lr_fhss.modulation = lns::LrFhssModulation{.operating_channel_width_hz = 137'000};
    world.send(lr_fhss);
    CHECK(only_status(world) == TxAckStatus::other);
    world.tx_ack(World::kFirstToken);
    CHECK(world.out.tx_acks.empty());
}

TEST_CASE("a TX_ACK tells of the downlink whose token it has, once", "[semtech-udp]") {
    World world;
    world.pull();
    world.send(world.downlink(7));
    world.send(world.downlink(8));
    world.tx_ack(World::kFirstToken + 1, R"({"txpk_ack":{"error":"COLLISION_PACKET"}})");
    CHECK(only_status(world) == TxAckStatus::collision_packet);
    CHECK(world.out.tx_acks[0].downlink_id == 8);
    CHECK(world.out.tx_acks[0].gateway == kGateway);
    world.tx_ack(World::kFirstToken + 1);
    CHECK(world.out.tx_acks.empty());
    world.tx_ack(World::kFirstToken);
    CHECK(world.out.tx_acks[0].downlink_id == 7);
    CHECK(world.backend.stats().tx_acks_unexpected == 1);
}

TEST_CASE("no gateway answers for another", "[semtech-udp]") {
    World world;
    world.registered.insert(kStranger);
    world.pull();
    world.send(world.downlink());
    world.tx_ack(World::kFirstToken, "", kStranger);
    CHECK(world.out.tx_acks.empty());
}

TEST_CASE("a gateway's round trips are those from PULL_RESP to TX_ACK", "[semtech-udp]") {
    World world;
    world.pull();
    for (int i = 1; i <= 10; ++i) {
        world.send(world.downlink());
        world.now += std::chrono::milliseconds(10 * i);
        world.tx_ack(static_cast<Token>(World::kFirstToken + i - 1));
    }
    CHECK(world.view().round_trips == RoundTrips::Summary{10, 50ms, 90ms});
    CHECK(world.view().counters.tx_acks[static_cast<std::size_t>(TxAckStatus::ok)] == 10);
}

TEST_CASE("a gateway that never answers costs a bounded memory of tokens", "[semtech-udp]") {
    World world;
    world.pull();
    for (std::size_t i = 0; i < 3 * PendingDownlinks::kCapacity; ++i) {
        world.send(world.downlink(i));
        REQUIRE(world.out.datagrams.size() == 1);
    }
    CHECK(world.view().counters.unanswered_downlinks == 2 * PendingDownlinks::kCapacity);
    world.now += 61s;
    world.backend.on_time(world.now);
    CHECK(world.view().counters.unanswered_downlinks == 3 * PendingDownlinks::kCapacity);
}

TEST_CASE("the antenna's gain comes from the registry", "[semtech-udp]") {
    World world;
    world.antenna_gain_dbi = 3;
    world.pull();
    world.send(world.downlink());
    const auto powe = [&] {
        const auto sent = world.out.bytes_of(world.out.datagrams.at(0));
        const auto text = text_of(sent);
        return std::string(text.substr(text.find("\"powe\":"), 9));
    };
    CHECK(powe() == "\"powe\":11");
    world.antenna_gain_dbi = 1;
    world.backend.on_registration_changed(kGateway);
    world.send(world.downlink());
    CHECK(powe() == "\"powe\":13");
}

TEST_CASE("a gateway that is not registered is shown and gets no answer", "[semtech-udp]") {
    World world;
    const Instant first = world.now;
    world.push(kUplink, kStranger);
    world.now += 1s;
    world.push(kUplink, kStranger);
    CHECK(world.out.datagrams.empty());
    CHECK(world.out.uplinks.empty());
    CHECK(world.lookups == 1);
    const auto seen = world.backend.unknown();
    REQUIRE(seen.size() == 1);
    CHECK(seen[0].gateway == kStranger);
    CHECK(seen[0].address == kPushAddress);
    CHECK(seen[0].first_seen == first);
    CHECK(seen[0].last_seen == world.now);
    CHECK(seen[0].packets == 2);
    CHECK(world.backend.stats().unregistered == 2);
}

TEST_CASE("a gateway is served from its registration on, and until it is removed",
          "[semtech-udp]") {
    World world;
    world.push(kUplink, kStranger);
    world.registered.insert(kStranger);
    world.backend.on_registration_changed(kStranger);
    CHECK(world.backend.unknown().empty());
    world.push(kUplink, kStranger);
    CHECK(world.out.uplinks.size() == 1);

    world.registered.erase(kStranger);
    world.backend.on_registration_changed(kStranger);
    world.push(kUplink, kStranger);
    CHECK(world.out.uplinks.empty());
    CHECK(world.backend.unknown().size() == 1);
}

TEST_CASE("a registration is noticed within ten seconds even if nobody tells", "[semtech-udp]") {
    World world;
    world.push(kUplink, kStranger);
    world.registered.insert(kStranger);
    world.now += 10s;
    world.push(kUplink, kStranger);
    CHECK(world.out.uplinks.size() == 1);
}

TEST_CASE("a registered gateway is looked up once", "[semtech-udp]") {
    World world;
    for (int i = 0; i < 100; ++i) world.push(kUplink);
    CHECK(world.lookups == 1);
}

TEST_CASE("one source cannot make us look up gateways at its own rate", "[semtech-udp]") {
    World world;
    for (std::uint64_t i = 0; i < 1000; ++i) world.push(kUplink, Eui64::from_value(i));
    CHECK(world.lookups == SourceLimiter::kBurst);
    CHECK(world.backend.stats().unregistered_refused == 1000 - SourceLimiter::kBurst);
    world.now += 10 * SourceLimiter::kRefill;
    for (std::uint64_t i = 1000; i < 2000; ++i) world.push(kUplink, Eui64::from_value(i));
    CHECK(world.lookups == SourceLimiter::kBurst + 10);

    world.push(kUplink);  // the registered one is behind the same address
    CHECK(world.out.uplinks.empty());
    world.receive(World::packet(0, 1, kGateway, kUplink), kOther);
    CHECK(world.out.uplinks.size() == 1);
}

TEST_CASE("the table of unknown gateways is bounded and forgets the longest silent",
          "[semtech-udp]") {
    UnknownGateways unknown;
    Instant now = from_unix_us(1'000'000);
    for (std::uint64_t i = 0; i <= UnknownGateways::kCapacity; ++i) {
        unknown.add(Eui64::from_value(i), kOther, now += 1us);
    }
    CHECK(unknown.size() == UnknownGateways::kCapacity);
    const auto list = unknown.list();
    CHECK(list.front().gateway == Eui64::from_value(UnknownGateways::kCapacity));
    CHECK(list.back().gateway == Eui64::from_value(1));
}

TEST_CASE("a gateway's statistics are passed on and kept", "[semtech-udp]") {
    World world;
    world.push(R"({"stat":{"rxnb":2}})");
    REQUIRE(world.out.status != nullptr);
    CHECK(world.out.status->path.gateway == kGateway);
    REQUIRE(world.view().last_status);
    CHECK(world.view().last_status->rx_received == 2u);
}

TEST_CASE("what is malformed is counted by its kind", "[semtech-udp]") {
    World world;
    world.receive_hex("02");
    world.receive_hex("030000000016c001ff10a235");
    world.receive_hex("020000010016c001ff10a235");
    world.push("no JSON");
    world.push(R"({"rxpk":[1]})");
    const Stats& stats = world.backend.stats();
    CHECK(stats.malformed_packets == decltype(stats.malformed_packets){1, 1, 1});
    CHECK(stats.push_data_malformed == 1);
    CHECK(stats.rxpk_dropped[static_cast<std::size_t>(RxpkFlaw::bad_member)] == 1);
    CHECK(stats.datagrams == 5);
}

TEST_CASE("under overload PUSH_DATA are refused unread, PULL_DATA and TX_ACK never",
          "[semtech-udp]") {
    World world;
    world.pull();
    for (int i = 0; i < 100; ++i) {
        world.now += 20ms;
        world.backend.on_turn_end(true, world.now);
    }
    std::size_t uplinks = 0;
    std::size_t acks = 0;
    for (int i = 0; i < 640; ++i) {
        world.push(kUplink);
        uplinks += world.out.uplinks.size();
        acks += world.out.datagrams.size();
        world.pull();
        REQUIRE(world.reply() == "02beef04");
        world.send(world.downlink());
        world.tx_ack(static_cast<Token>(World::kFirstToken + i));
        REQUIRE(world.out.tx_acks.size() == 1);
    }
    CHECK(uplinks == 10);  // the least share is 1/64
    CHECK(acks == 10);
    CHECK(world.backend.stats().push_data_refused == 630);
}
