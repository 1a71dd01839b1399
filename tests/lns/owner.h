// A network owner for tests: a store in memory with a registry, and records that only differ in
// what a test says.
#pragma once

#include "base/store/memory_log.h"
#include "base/store/store.h"
#include "lns/device/registry.h"
#include "lns/device/sessions.h"
#include "lns/device/tables.h"

#include <fmt/format.h>

namespace helio::lns::test {

// Ids that sort as their numbers: 00000000-0000-0000-0000-00000000002a.
inline std::string id_of(std::uint64_t number) {
    return fmt::format("00000000-0000-0000-0000-{:012x}", number);
}
// Test keys: the number, least significant byte first, and zeros.
inline std::string key_of(std::uint64_t number) {
    std::string key(16, '\0');
    for (std::size_t i = 0; i < 8; ++i) key[i] = static_cast<char>(number >> (8 * i));
    return key;
}

struct Owner {
    store::MemoryLog log;
    std::unique_ptr<store::Store> store;
    std::unique_ptr<Registry> registry;

    Owner() { open(); }
    void open() {
        store = std::make_unique<store::Store>(kTables, log);
        registry = std::make_unique<Registry>(*store);
    }

    static proto::DeviceProfile device_profile(std::uint64_t number = 1) {
        proto::DeviceProfile p;
        p.set_id(id_of(number));
        p.set_mac_version(proto::MAC_1_0_3);
        p.set_region("EU868");
        p.set_supports_join(true);
        p.set_supports_32bit_fcnt(true);
        return p;
    }
    static proto::ServiceProfile service_profile(std::uint64_t number = 1) {
        proto::ServiceProfile p;
        p.set_id(id_of(number));
        return p;
    }
    static proto::Destination destination(std::string name = "field") {
        proto::Destination d;
        d.set_name(std::move(name));
        return d;
    }
    static proto::WirelessDevice otaa(std::uint64_t dev_eui) {
        proto::WirelessDevice d;
        d.set_id(id_of(dev_eui));
        d.set_dev_eui(dev_eui);
        d.set_device_profile_id(id_of(1));
        d.mutable_otaa()->set_join_eui(0xfeed);
        d.mutable_otaa()->set_app_key(test::key_of(dev_eui));
        return d;
    }
    static proto::WirelessDevice abp(std::uint64_t dev_eui, std::uint32_t dev_addr) {
        proto::WirelessDevice d;
        d.set_id(id_of(dev_eui));
        d.set_dev_eui(dev_eui);
        d.set_device_profile_id(id_of(1));
        d.mutable_abp()->set_dev_addr(dev_addr);
        d.mutable_abp()->set_nwk_s_key(test::key_of(dev_eui));
        d.mutable_abp()->set_app_s_key(test::key_of(dev_eui + 100));
        return d;
    }
    static proto::WirelessGateway gateway(std::uint64_t eui, std::string region = "EU868") {
        proto::WirelessGateway g;
        g.set_id(id_of(eui));
        g.set_gateway_eui(eui);
        g.set_region(std::move(region));
        return g;
    }
};

}  // namespace helio::lns::test
