#include "tests/bridge/api/fixture.h"

using namespace helio;
using namespace helio::bridge::api;
using namespace helio::bridge::api::test;

namespace {

std::string eui_of(int number) { return fmt::format("{:016x}", 0x1000 + number); }

std::string import_json(const std::vector<std::string>& devices, bool dry_run = false) {
    return fmt::format(R"({{"DryRun":{},"Devices":[{}]}})", dry_run, fmt::join(devices, ","));
}

}  // namespace

TEST_CASE("many devices are registered by one request", "[api]") {
    World world;
    world.destination();
    const std::string profile = world.profile();
    std::vector<std::string> devices;
    for (int i = 0; i < 500; ++i) devices.push_back(World::otaa_json(profile, eui_of(i)));
    const auto answer = world.call("POST", "/wireless-devices/import", import_json(devices));
    REQUIRE(answer.status == 200);
    CHECK(answer.body().at("Accepted").to_number<int>() == 500);
    CHECK(answer.body().at("Errors").as_array().empty());
    CHECK(world.registry.device_count() == 500);
    CHECK(answer.wait_for > 0);
}

TEST_CASE("a wrong device is told by its index and does not stop the others", "[api]") {
    World world;
    world.destination();
    const std::string profile = world.profile();
    const auto answer = world.call("POST",
                                   "/wireless-devices/import",
                                   import_json({World::otaa_json(profile, eui_of(1)),
                                                World::otaa_json(profile, "nonsense"),
                                                "7",
                                                World::otaa_json(profile, eui_of(1)),
                                                World::otaa_json(profile, eui_of(2))}));
    REQUIRE(answer.status == 200);
    CHECK(answer.body().at("Accepted").to_number<int>() == 2);
    const auto errors = answer.body().at("Errors").as_array();
    REQUIRE(errors.size() == 3);
    CHECK(errors[0].at("Index").to_number<int>() == 1);
    CHECK(errors[0].at("Message").as_string() == "LoRaWAN.DevEui must be 16 hexadecimal digits.");
    CHECK(errors[1].at("Message").as_string() == "The device must be an object.");
    CHECK(errors[2].at("Index").to_number<int>() == 3);
    CHECK(errors[2].at("Code").as_string() == "ConflictException");
    CHECK(world.registry.device_count() == 2);
}

TEST_CASE("a dry run says the same and changes nothing", "[api]") {
    World world;
    world.destination();
    const std::string profile = world.profile();
    const auto position = world.store.filling();
    const auto answer = world.call(
        "POST",
        "/wireless-devices/import",
        import_json({World::otaa_json(profile, eui_of(1)),
                     World::otaa_json(profile, eui_of(1)),
                     World::otaa_json("00000000-0000-4000-8000-000000000000", eui_of(2))},
                    true));
    REQUIRE(answer.status == 200);
    CHECK(answer.body().at("Accepted").to_number<int>() == 1);
    const auto errors = answer.body().at("Errors").as_array();
    REQUIRE(errors.size() == 2);
    CHECK(errors[0].at("Code").as_string() == "ConflictException");
    CHECK(errors[1].at("Code").as_string() == "ResourceNotFoundException");
    CHECK(world.registry.device_count() == 0);
    CHECK(world.store.filling() == position);
}

TEST_CASE("more devices than a request may carry are refused as a whole", "[api]") {
    World world;
    std::string devices = "{}";
    for (int i = 0; i < 1000; ++i) devices += ",{}";
    const auto answer =
        world.call("POST", "/wireless-devices/import", R"({"Devices":[)" + devices + "]}");
    CHECK(answer.status == 400);
    CHECK(answer.message() == "Devices must be a list of at most 1000 elements.");
}
