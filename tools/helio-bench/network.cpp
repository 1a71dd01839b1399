#include "tools/helio-bench/network.h"

#include "base/store/lmdb/lmdb_log.h"
#include "crypto/random.h"
#include "lns/device/registry.h"
#include "lns/device/tables.h"
#include "tools/helio-sim/load/load_generator.h"

#include <cstdlib>
#include <stdexcept>

namespace helio::bench {
namespace {

constexpr std::string_view kDestination = "bench";
constexpr std::uint32_t kDevicesPerCommit = 2'000;

template <class T>
void require(const T& result, std::string_view what) {
    if (!result) {
        throw std::runtime_error("cannot register " + std::string(what) + ": " +
                                 std::string(lns::describe(result.error())));
    }
}

std::string text_of_key(const crypto::Key128& key) {
    return {reinterpret_cast<const char*>(key.bytes.data()), key.bytes.size()};
}

lns::proto::WirelessDevice device_of(const sim::Identity& identity,
                                     sim::Activation activation,
                                     const std::string& profile,
                                     const crypto::Random& random) {
    lns::proto::WirelessDevice device;
    device.set_id(crypto::uuid4(random));
    device.set_name("bench " + identity.dev_eui.to_text());
    device.set_destination(std::string(kDestination));
    device.set_dev_eui(identity.dev_eui.value());
    device.set_device_profile_id(profile);
    if (activation == sim::Activation::abp) {
        device.mutable_abp()->set_dev_addr(identity.dev_addr.value());
        device.mutable_abp()->set_nwk_s_key(text_of_key(identity.nwk_s_key));
        device.mutable_abp()->set_app_s_key(text_of_key(identity.app_s_key));
    } else {
        device.mutable_otaa()->set_join_eui(identity.join_eui.value());
        device.mutable_otaa()->set_app_key(text_of_key(identity.app_key));
    }
    return device;
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "helio-bench-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

void make_network(const std::filesystem::path& data, const NetworkPlan& plan) {
    std::filesystem::create_directories(data);
    store::LmdbLog log(data);
    store::Store store(lns::kTables, log);
    lns::Registry registry(store);
    const crypto::Random random = crypto::seeded_random(1);
    const auto settle = [&] {
        while (store.durable() + 1 < store.filling() || store.overloaded()) {
            store.flush(Instant{});
            log.wait();
            store.poll();
        }
    };

    lns::proto::DeviceProfile profile;
    profile.set_id(crypto::uuid4(random));
    profile.set_name("bench");
    profile.set_mac_version(lns::proto::MAC_1_0_3);
    profile.set_region("EU868");
    profile.set_supports_join(true);
    profile.set_supports_32bit_fcnt(true);
    profile.set_codec(plan.codec);
    require(registry.create(profile), "the profile");
    lns::proto::Destination destination;
    destination.set_name(std::string(kDestination));
    destination.set_expression_type(lns::proto::Destination::RULE_NAME);
    destination.set_expression("none");
    require(registry.create(destination), "the destination");
    lns::proto::WirelessGateway gateway;
    gateway.set_id(crypto::uuid4(random));
    gateway.set_gateway_eui(sim::LoadSettings{}.gateway_eui.value());
    gateway.set_region("EU868");
    require(registry.create(gateway), "the gateway");

    for (std::uint32_t i = 0; i < plan.devices; ++i) {
        const sim::Identity identity = sim::identity_of({}, i);
        require(registry.create(device_of(identity, plan.activation, profile.id(), random)),
                "a device");
        if (i % kDevicesPerCommit == kDevicesPerCommit - 1) {
            store.flush(Instant{});
            log.wait();
            store.poll();
        }
    }
    store.flush(Instant{});
    settle();
}

}  // namespace helio::bench
