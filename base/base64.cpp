#include "base/base64.h"

#include <array>

namespace helio {
namespace {

constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint32_t kForeign = 0xff00'0000;  // no bits of it are those of three bytes

using Digits = std::array<std::uint32_t, 256>;

// One table a place in the group of four, so that a group is four loads and three ORs.
constexpr Digits digits_shifted_by(int shift) {
    Digits digits{};
    for (auto& digit : digits) digit = kForeign;
    for (std::uint32_t i = 0; i < 64; ++i) {
        digits[static_cast<std::uint8_t>(kAlphabet[i])] = i << shift;
    }
    digits['-'] = 62u << shift;
    digits['_'] = 63u << shift;
    return digits;
}
constexpr std::array<Digits, 4> kDigits{
    digits_shifted_by(18), digits_shifted_by(12), digits_shifted_by(6), digits_shifted_by(0)};

std::uint32_t digit(int place, char c) { return kDigits[place][static_cast<std::uint8_t>(c)]; }

// Padding may be missing in part or whole, but none stands where none belongs.
std::optional<std::string_view> without_padding(std::string_view text) {
    std::size_t size = text.size();
    while (size > 0 && text.size() - size < 2 && text[size - 1] == '=') --size;
    const std::size_t padding = text.size() - size;
    const std::size_t rest = size % 4;
    if (rest == 1 || (padding > 0 && (rest == 0 || rest + padding > 4))) return std::nullopt;
    return text.substr(0, size);
}

constexpr std::size_t decoded_size(std::size_t digits) {
    return digits / 4 * 3 + digits % 4 * 3 / 4;
}

bool decode(std::string_view text, std::uint8_t* out) {
    const char* in = text.data();
    std::uint32_t foreign = 0;
    for (std::size_t groups = text.size() / 4; groups > 0; --groups, in += 4, out += 3) {
        const std::uint32_t group =
            digit(0, in[0]) | digit(1, in[1]) | digit(2, in[2]) | digit(3, in[3]);
        foreign |= group;
        out[0] = static_cast<std::uint8_t>(group >> 16);
        out[1] = static_cast<std::uint8_t>(group >> 8);
        out[2] = static_cast<std::uint8_t>(group);
    }
    const std::size_t rest = text.size() % 4;
    if (rest >= 2) {
        std::uint32_t group = digit(0, in[0]) | digit(1, in[1]);
        if (rest == 3) group |= digit(2, in[2]);
        foreign |= group;
        out[0] = static_cast<std::uint8_t>(group >> 16);
        if (rest == 3) out[1] = static_cast<std::uint8_t>(group >> 8);
    }
    return (foreign & kForeign) == 0;
}

}  // namespace

std::string to_base64(ByteView bytes) {
    std::string out((bytes.size() + 2) / 3 * 4, '=');
    char* at = out.data();
    std::size_t i = 0;
    for (; i + 3 <= bytes.size(); i += 3, at += 4) {
        const std::uint32_t group = std::uint32_t{bytes[i]} << 16 |
                                    std::uint32_t{bytes[i + 1]} << 8 | std::uint32_t{bytes[i + 2]};
        at[0] = kAlphabet[group >> 18];
        at[1] = kAlphabet[group >> 12 & 63];
        at[2] = kAlphabet[group >> 6 & 63];
        at[3] = kAlphabet[group & 63];
    }
    if (i == bytes.size()) return out;
    const bool two = bytes.size() - i == 2;
    const std::uint32_t group =
        std::uint32_t{bytes[i]} << 16 | (two ? std::uint32_t{bytes[i + 1]} << 8 : 0u);
    at[0] = kAlphabet[group >> 18];
    at[1] = kAlphabet[group >> 12 & 63];
    if (two) at[2] = kAlphabet[group >> 6 & 63];
    return out;
}

std::optional<Bytes> from_base64(std::string_view text) {
    const auto digits = without_padding(text);
    if (!digits) return std::nullopt;
    Bytes out(decoded_size(digits->size()));
    if (!decode(*digits, out.data())) return std::nullopt;
    return out;
}

std::optional<std::size_t> from_base64(std::string_view text, std::span<std::uint8_t> out) {
    const auto digits = without_padding(text);
    if (!digits) return std::nullopt;
    const std::size_t size = decoded_size(digits->size());
    if (size > out.size() || !decode(*digits, out.data())) return std::nullopt;
    return size;
}

}  // namespace helio
