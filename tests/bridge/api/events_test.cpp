#include "tests/bridge/api/fixture.h"

using namespace helio;
using namespace helio::bridge::api;
using namespace helio::bridge::api::test;

namespace {

constexpr std::uint64_t kDevice = 0x0102030405060708;

lns::proto::Event uplink(std::uint64_t dev_eui, std::uint32_t fcnt) {
    lns::proto::Event event;
    event.set_dev_eui(dev_eui);
    event.set_time_us(to_unix_us(kNow));
    auto& up = *event.mutable_up();
    up.set_dev_addr(0x01020304);
    up.set_fcnt(fcnt);
    up.set_fport(2);
    up.set_data("\x01\x02");
    up.set_data_rate(5);
    up.set_frequency_hz(868'100'000);
    up.mutable_modulation()->mutable_lora()->set_spreading_factor(7);
    up.mutable_modulation()->mutable_lora()->set_bandwidth_hz(125'000);
    auto& reception = *up.add_receptions();
    reception.set_gateway_eui(0xaa);
    reception.set_rssi_dbm(-60);
    reception.set_snr_db(9.5);
    return event;
}

// Appends an event in a commit of its own.
void happen(World& world, const std::string& bytes) {
    auto tx = world.store.begin(0);
    tx.append_event(bytes_of(bytes));
    tx.commit();
}
void make_durable(World& world) {
    world.store.flush(world.now);
    world.store.poll();
}
void happen(World& world, const lns::proto::Event& event) {
    happen(world, event.SerializeAsString());
}

std::vector<int> counters(const Answer& answer, const char* list) {
    std::vector<int> out;
    const auto body = answer.body();
    for (const auto& event : body.at(list).as_array()) {
        out.push_back(event.at("FCnt").to_number<int>());
    }
    return out;
}

}  // namespace

TEST_CASE("a device's frames are its own newest events, oldest first", "[api]") {
    World world;
    const std::string id = world.device();
    for (std::uint32_t i = 0; i < 300; ++i) {
        happen(world, uplink(i % 100 == 0 ? kDevice : kDevice + 1, i));
        make_durable(world);
    }
    CHECK(counters(world.call("GET", "/wireless-devices/" + id + "/frames"), "Frames") ==
          std::vector{0, 100, 200});
    CHECK(counters(world.call("GET", "/wireless-devices/" + id + "/frames?maxResults=2"),
                   "Frames") == std::vector{100, 200});
}

TEST_CASE("an event tells what was on the air", "[api]") {
    World world;
    happen(world, uplink(kDevice, 7));
    make_durable(world);
    const auto body = world.call("GET", "/events?last=1").body();
    CHECK(json::serialize(body.at("Events").as_array().at(0)) ==
          R"({"Sequence":"1.0","Time":"2026-02-01T00:00:00.000Z","DevEui":"0102030405060708",)"
          R"("Kind":"up","DevAddr":"01020304","FCnt":7,"FPort":2,"Confirmed":false,)"
          R"("PayloadData":"AQI=","DataRate":5,"Modulation":"SF7BW125","Frequency":868100000,)"
          R"("Adr":false,"Gateways":[{"GatewayEui":"00000000000000aa","Rssi":-60,"Snr":9.5E0}]})");
}

TEST_CASE("who follows the events gets each one once", "[api]") {
    World world;
    happen(world, uplink(kDevice, 1));
    make_durable(world);
    auto answer = world.call("GET", "/events?last=10");
    CHECK(counters(answer, "Events") == std::vector{1});
    std::vector<int> followed;
    for (std::uint32_t i = 2; i < 8; i += 2) {
        happen(world, uplink(kDevice, i));
        happen(world, uplink(kDevice, i + 1));
        make_durable(world);
        answer = world.call("GET", "/events?after=" + answer.string("Next"));
        for (const int fcnt : counters(answer, "Events")) followed.push_back(fcnt);
        answer = world.call("GET", "/events?after=" + answer.string("Next"));
        CHECK(counters(answer, "Events").empty());
    }
    CHECK(followed == std::vector{2, 3, 4, 5, 6, 7});
}

TEST_CASE("who begins to follow now sees what happens from now on", "[api]") {
    World world;
    happen(world, uplink(kDevice, 1));
    make_durable(world);
    auto answer = world.call("GET", "/events");
    CHECK(counters(answer, "Events").empty());
    happen(world, uplink(kDevice, 2));
    make_durable(world);
    CHECK(counters(world.call("GET", "/events?after=" + answer.string("Next")), "Events") ==
          std::vector{2});
}

TEST_CASE("an event that is not on disk yet is not told", "[api]") {
    World world;
    happen(world, uplink(kDevice, 1));
    CHECK(counters(world.call("GET", "/events?last=10"), "Events").empty());
    CHECK(counters(world.call("GET", "/events?after=0.0"), "Events").empty());
    make_durable(world);
    CHECK(counters(world.call("GET", "/events?after=0.0"), "Events") == std::vector{1});
}

TEST_CASE("what other rooms keep in the log is passed over", "[api]") {
    World world;
    happen(world, "\x7f something else");
    happen(world, "\x09 cut");
    happen(world, uplink(kDevice, 3));
    make_durable(world);
    CHECK(counters(world.call("GET", "/events?last=10"), "Events") == std::vector{3});
}

TEST_CASE("statistics tell of the device's last uplink", "[api]") {
    World world;
    const std::string id = world.device();
    const auto before = world.call("GET", "/wireless-devices/" + id + "/statistics");
    CHECK(json::serialize(before.body().at("LoRaWAN")) == R"({"DevEui":"0102030405060708"})");
    happen(world, uplink(kDevice, 7));
    make_durable(world);
    const auto after = world.call("GET", "/wireless-devices/" + id + "/statistics").body();
    CHECK(json::serialize(after.at("LoRaWAN")) ==
          R"({"DevEui":"0102030405060708","FPort":2,"DataRate":5,"Frequency":868100000,)"
          R"("Gateways":[{"GatewayEui":"00000000000000aa","Rssi":-60,"Snr":9.5E0}],)"
          R"("Timestamp":"2026-02-01T00:00:00.000Z"})");
}
