#include "lns/frame/cflist.h"

#include <cassert>

namespace helio::lns {
namespace {

using Wire = std::array<std::uint8_t, kCFListSize>;

Wire encode(const CFListFrequencies& list, std::uint32_t step_hz) {
    Wire out{};
    for (std::size_t i = 0; i < list.hz.size(); ++i) {
        const std::uint32_t code = list.hz[i] / step_hz;
        assert(list.hz[i] % step_hz == 0 && code <= 0xff'ffff);
        out[3 * i] = static_cast<std::uint8_t>(code);
        out[3 * i + 1] = static_cast<std::uint8_t>(code >> 8);
        out[3 * i + 2] = static_cast<std::uint8_t>(code >> 16);
    }
    return out;
}

Wire encode(const CFListMasks& list, std::uint32_t) {
    Wire out{};
    for (std::size_t i = 0; i < list.masks.size(); ++i) {
        out[2 * i] = static_cast<std::uint8_t>(list.masks[i]);
        out[2 * i + 1] = static_cast<std::uint8_t>(list.masks[i] >> 8);
    }
    out[15] = 1;
    return out;
}

}  // namespace

Wire encode_cflist(const CFList& list, std::uint32_t step_hz) {
    return std::visit([&](const auto& l) { return encode(l, step_hz); }, list);
}

std::optional<CFList> parse_cflist(std::span<const std::uint8_t, kCFListSize> bytes,
                                   std::uint32_t step_hz) {
    switch (bytes[15]) {
        case 0: {
            CFListFrequencies list;
            for (std::size_t i = 0; i < list.hz.size(); ++i) {
                const std::uint32_t code = static_cast<std::uint32_t>(
                    bytes[3 * i] | bytes[3 * i + 1] << 8 | bytes[3 * i + 2] << 16);
                list.hz[i] = code * step_hz;
            }
            return list;
        }
        case 1: {
            CFListMasks list;
            for (std::size_t i = 0; i < list.masks.size(); ++i) {
                list.masks[i] = static_cast<std::uint16_t>(bytes[2 * i] | bytes[2 * i + 1] << 8);
            }
            return list;
        }
        default:
            return std::nullopt;
    }
}

}  // namespace helio::lns
