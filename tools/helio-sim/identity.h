// Who a simulated device is: made from a seed and its index, so that a list for the server and the
// devices themselves can be made apart from each other, today and next year.
//
//   root        = "heliosim" | seed (8 bytes, big-endian)              an AES-128 key
//   key(label)  = AES-128(root, label (8 bytes, big-endian) | DevEUI (8 bytes, big-endian))
//   AppKey = key(1)    NwkSKey = key(2)    AppSKey = key(3)
//   DevEUI = dev_eui_base + index          DevAddr = dev_addr_base + index
//
// These are test keys: whoever knows the seed, which is small, knows them.
#pragma once

#include "base/eui64.h"
#include "crypto/aes.h"
#include "lns/frame/dev_addr.h"

#include <iosfwd>
#include <string>

namespace helio::sim {

struct IdentityBase {
    std::uint64_t seed = 1;
    Eui64 dev_eui = Eui64::from_value(0xa0b1'c2d3'0000'0000u);
    Eui64 join_eui = Eui64::from_value(0x70b3'd57e'd000'0001u);
    lns::DevAddr dev_addr = lns::DevAddr::from_value(0x0100'0000);  // of NetID 000000
};

struct Identity {
    Eui64 dev_eui;
    Eui64 join_eui;
    crypto::Key128 app_key;
    lns::DevAddr dev_addr;
    crypto::Key128 nwk_s_key;
    crypto::Key128 app_s_key;
};

Identity identity_of(const IdentityBase& base, std::uint32_t index);

enum class Activation : std::uint8_t { otaa, abp };

// What is the same for all devices of a list.
struct ListSettings {
    Activation activation = Activation::otaa;
    std::string profile = "sim";
    std::string destination = "sim";
};

// The list that `helioctl device import` reads, with a line of names first: those of the other
// activation are empty.
void write_device_list(std::ostream& out,
                       const IdentityBase& base,
                       std::uint32_t count,
                       const ListSettings& settings);

}  // namespace helio::sim
