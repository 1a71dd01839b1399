#include "tests/lns/owner.h"
#include "tests/support/catch.h"

using namespace helio;
using namespace helio::lns;
using namespace helio::lns::test;

namespace {

RegistryError error_of(const Result<store::Position, RegistryError>& result) {
    REQUIRE_FALSE(result.has_value());
    return result.error();
}

std::vector<std::uint64_t> page(const Registry& registry,
                                std::optional<Eui64> after,
                                std::size_t size) {
    std::vector<std::uint64_t> out;
    registry.devices(after, [&](const proto::WirelessDevice& d) {
        out.push_back(d.dev_eui());
        return out.size() < size;
    });
    return out;
}

}  // namespace

TEST_CASE("a device is found by its DevEUI and by its id, and what it refers to exists",
          "[lns][device]") {
    Owner o;
    CHECK(error_of(o.registry->create(Owner::otaa(7))) == RegistryError::unknown_device_profile);
    REQUIRE(o.registry->create(Owner::device_profile()));
    auto device = Owner::otaa(7);
    device.set_service_profile_id(id_of(5));
    CHECK(error_of(o.registry->create(device)) == RegistryError::unknown_service_profile);
    device.clear_service_profile_id();
    device.set_destination("nowhere");
    CHECK(error_of(o.registry->create(device)) == RegistryError::unknown_destination);
    device.clear_destination();
    device.set_name("door");
    REQUIRE(o.registry->create(device));

    CHECK(o.registry->device(Eui64::from_value(7))->name() == "door");
    CHECK(o.registry->device(id_of(7))->name() == "door");
    CHECK(o.registry->device_count() == 1);
    CHECK_FALSE(o.registry->device(id_of(8)));
    CHECK_FALSE(o.registry->device("not a uuid"));
}

TEST_CASE("ids and EUIs are unique, and an EUI does not change", "[lns][device]") {
    Owner o;
    REQUIRE(o.registry->create(Owner::device_profile()));
    CHECK(error_of(o.registry->create(Owner::device_profile())) == RegistryError::already_exists);
    REQUIRE(o.registry->create(Owner::otaa(7)));
    CHECK(error_of(o.registry->create(Owner::otaa(7))) == RegistryError::already_exists);
    auto twin = Owner::otaa(7);
    twin.set_id(id_of(8));
    CHECK(error_of(o.registry->create(twin)) == RegistryError::dev_eui_taken);
    auto moved = Owner::otaa(7);
    moved.set_dev_eui(9);
    CHECK(error_of(o.registry->update(moved)) == RegistryError::eui_immutable);

    REQUIRE(o.registry->create(Owner::gateway(1)));
    auto other = Owner::gateway(1);
    other.set_id(id_of(2));
    CHECK(error_of(o.registry->create(other)) == RegistryError::gateway_eui_taken);
    CHECK(o.registry->is_gateway(Eui64::from_value(1)));
    CHECK(o.registry->gateway_count() == 1);
    REQUIRE(o.registry->erase_gateway(id_of(1)));
    CHECK_FALSE(o.registry->is_gateway(Eui64::from_value(1)));
    CHECK(o.registry->gateway_count() == 0);
}

TEST_CASE("a profile or destination that devices use is not deleted", "[lns][device]") {
    Owner o;
    REQUIRE(o.registry->create(Owner::device_profile(1)));
    REQUIRE(o.registry->create(Owner::device_profile(2)));
    REQUIRE(o.registry->create(Owner::service_profile(3)));
    REQUIRE(o.registry->create(Owner::destination("field")));
    auto device = Owner::otaa(7);
    device.set_service_profile_id(id_of(3));
    device.set_destination("field");
    REQUIRE(o.registry->create(device));

    CHECK(error_of(o.registry->erase_device_profile(id_of(1))) == RegistryError::in_use);
    CHECK(error_of(o.registry->erase_service_profile(id_of(3))) == RegistryError::in_use);
    CHECK(error_of(o.registry->erase_destination("field")) == RegistryError::in_use);

    SECTION("until the device uses another") {
        device.set_device_profile_id(id_of(2));
        device.clear_service_profile_id();
        REQUIRE(o.registry->update(device));
        CHECK(o.registry->erase_device_profile(id_of(1)));
        CHECK(o.registry->erase_service_profile(id_of(3)));
        CHECK(error_of(o.registry->erase_device_profile(id_of(2))) == RegistryError::in_use);
    }
    SECTION("until the device is gone") {
        REQUIRE(o.registry->erase_device(id_of(7)));
        CHECK(o.registry->erase_device_profile(id_of(1)));
        CHECK(o.registry->erase_destination("field"));
        CHECK(o.registry->device_count() == 0);
    }
}

TEST_CASE("a device needs the keys of its activation", "[lns][device]") {
    Owner o;
    REQUIRE(o.registry->create(Owner::device_profile()));
    auto device = Owner::otaa(7);
    device.mutable_otaa()->set_app_key("short");
    CHECK(error_of(o.registry->create(device)) == RegistryError::bad_key);
    device.clear_activation();
    CHECK(error_of(o.registry->create(device)) == RegistryError::activation_missing);
    auto profile = Owner::device_profile();
    profile.set_supports_join(false);
    REQUIRE(o.registry->update(profile));
    CHECK(error_of(o.registry->create(Owner::otaa(7))) == RegistryError::activation_not_supported);
    CHECK(o.registry->create(Owner::abp(7, 0x01020304)));
}

TEST_CASE("an ABP device has its session from registration on, with the counter of its record",
          "[lns][device]") {
    Owner o;
    REQUIRE(o.registry->create(Owner::device_profile()));
    auto device = Owner::abp(7, 0x01020304);
    device.mutable_abp()->set_fcnt_start(1000);
    REQUIRE(o.registry->create(device));
    const Eui64 dev_eui = Eui64::from_value(7);
    const DevAddr addr = DevAddr::from_value(0x01020304);
    CHECK(addresses_of(*o.store, dev_eui).active == addr);
    CHECK(active_session(*o.store, dev_eui)->nwk_s_key() == test::key_of(7));
    CHECK(find_frame_state(*o.store, addr, dev_eui)->fcnt_up_next == 1000);

    SECTION("a new name keeps the counters") {
        auto tx = o.store->begin(0);
        put_frame_state(tx, addr, dev_eui, {.fcnt_up_next = 2000});
        tx.commit();
        device.set_name("renamed");
        device.set_disabled(true);
        REQUIRE(o.registry->update(device));
        CHECK(find_frame_state(*o.store, addr, dev_eui)->fcnt_up_next == 2000);
        CHECK(active_session(*o.store, dev_eui)->disabled());
    }
    SECTION("another address begins another session") {
        device.mutable_abp()->set_dev_addr(0x01020305);
        REQUIRE(o.registry->update(device));
        CHECK_FALSE(find_session(*o.store, addr, dev_eui));
        CHECK(active_session(*o.store, dev_eui)->dev_addr() == 0x01020305);
    }
    SECTION("deleting the device takes the session along") {
        REQUIRE(o.registry->erase_device(id_of(7)));
        CHECK_FALSE(find_session(*o.store, addr, dev_eui));
        CHECK_FALSE(find_frame_state(*o.store, addr, dev_eui));
    }
}

TEST_CASE("devices are listed in pages, each beginning after the last of the one before",
          "[lns][device]") {
    Owner o;
    REQUIRE(o.registry->create(Owner::device_profile()));
    for (std::uint64_t eui = 1; eui <= 25; ++eui) REQUIRE(o.registry->create(Owner::otaa(eui)));
    std::vector<std::uint64_t> all;
    std::optional<Eui64> after;
    for (auto rows = page(*o.registry, after, 10); !rows.empty();
         rows = page(*o.registry, after, 10)) {
        all.insert(all.end(), rows.begin(), rows.end());
        after = Eui64::from_value(rows.back());
    }
    std::ranges::sort(all);
    REQUIRE(all.size() == 25);
    CHECK(all.front() == 1);
    CHECK(all.back() == 25);
}

TEST_CASE("what was registered is there after a restart", "[lns][device]") {
    Owner o;
    REQUIRE(o.registry->create(Owner::device_profile()));
    REQUIRE(o.registry->create(Owner::otaa(7)));
    o.store->flush(Instant{});
    o.open();
    CHECK(o.registry->device(Eui64::from_value(7)));
    CHECK(error_of(o.registry->erase_device_profile(id_of(1))) == RegistryError::in_use);
}
