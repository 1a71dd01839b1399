#include "tools/helio-sim/identity.h"

#include <algorithm>
#include <fmt/format.h>
#include <ostream>

namespace helio::sim {
namespace {

enum class Label : std::uint64_t { app_key = 1, nwk_s_key = 2, app_s_key = 3 };

crypto::Block block_of(std::uint64_t high, std::uint64_t low) {
    crypto::Block out;
    std::ranges::copy(Eui64::from_value(high).big_endian(), out.begin());
    std::ranges::copy(Eui64::from_value(low).big_endian(), out.begin() + 8);
    return out;
}

crypto::Key128 derive(std::uint64_t seed, Label label, Eui64 dev_eui) {
    constexpr std::uint64_t kHeliosim = 0x6865'6c69'6f73'696d;  // "heliosim"
    const crypto::Key128 root{block_of(kHeliosim, seed)};
    return {
        crypto::aes128_encrypt(root, block_of(static_cast<std::uint64_t>(label), dev_eui.value()))};
}

}  // namespace

Identity identity_of(const IdentityBase& base, std::uint32_t index) {
    const Eui64 dev_eui = Eui64::from_value(base.dev_eui.value() + index);
    return {
        .dev_eui = dev_eui,
        .join_eui = base.join_eui,
        .app_key = derive(base.seed, Label::app_key, dev_eui),
        .dev_addr = lns::DevAddr::from_value(base.dev_addr.value() + index),
        .nwk_s_key = derive(base.seed, Label::nwk_s_key, dev_eui),
        .app_s_key = derive(base.seed, Label::app_s_key, dev_eui),
    };
}

void write_device_list(std::ostream& out,
                       const IdentityBase& base,
                       std::uint32_t count,
                       const ListSettings& settings) {
    out << "name,dev_eui,join_eui,app_key,nwk_s_key,app_s_key,dev_addr,profile,destination\n";
    for (std::uint32_t i = 0; i < count; ++i) {
        const Identity device = identity_of(base, i);
        const std::string name = fmt::format("sim-{:06}", i);
        if (settings.activation == Activation::otaa) {
            out << fmt::format("{},{},{},{},,,,{},{}\n",
                               name,
                               device.dev_eui.to_text(),
                               device.join_eui.to_text(),
                               to_hex(device.app_key.bytes),
                               settings.profile,
                               settings.destination);
        } else {
            out << fmt::format("{},{},,,{},{},{},{},{}\n",
                               name,
                               device.dev_eui.to_text(),
                               to_hex(device.nwk_s_key.bytes),
                               to_hex(device.app_s_key.bytes),
                               device.dev_addr.to_text(),
                               settings.profile,
                               settings.destination);
        }
    }
}

}  // namespace helio::sim
