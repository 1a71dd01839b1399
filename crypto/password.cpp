#include "crypto/password.h"

#include "base/base64.h"
#include "crypto/cmac.h"

#include <openssl/evp.h>

#include <array>
#include <charconv>
#include <optional>
#include <stdexcept>

namespace helio::crypto {
namespace {

struct Cost {
    unsigned log_n = 14;
    unsigned r = 8;
    unsigned p = 1;
};
constexpr std::size_t kSaltSize = 16;
constexpr std::size_t kHashSize = 32;
constexpr unsigned kMaxLogN = 18;  // 256 MB: who edits the store gets no further
constexpr std::uint64_t kMaxMemory = 300u << 20;

struct Stored {
    Cost cost;
    Bytes salt;
    Bytes hash;
};

std::string without_padding(std::string text) {
    while (text.ends_with('=')) text.pop_back();
    return text;
}

Bytes scrypt(ByteView password, ByteView salt, const Cost& cost) {
    Bytes out(kHashSize);
    if (EVP_PBE_scrypt(reinterpret_cast<const char*>(password.data()),
                       password.size(),
                       salt.data(),
                       salt.size(),
                       std::uint64_t{1} << cost.log_n,
                       cost.r,
                       cost.p,
                       kMaxMemory,
                       out.data(),
                       out.size()) != 1) {
        throw std::runtime_error("OpenSSL could not compute scrypt: is there memory for it?");
    }
    return out;
}

bool take(std::string_view& text, std::string_view part) {
    if (!text.starts_with(part)) return false;
    text.remove_prefix(part.size());
    return true;
}

std::optional<unsigned> take_number(std::string_view& text, unsigned max) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || value == 0 || value > max) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

std::optional<Stored> parse(std::string_view text) {
    if (!take(text, "$scrypt$ln=")) return std::nullopt;
    const auto log_n = take_number(text, kMaxLogN);
    if (!log_n || !take(text, ",r=")) return std::nullopt;
    const auto r = take_number(text, 8);
    if (!r || !take(text, ",p=")) return std::nullopt;
    const auto p = take_number(text, 16);
    if (!p || !take(text, "$")) return std::nullopt;
    const std::size_t mark = text.find('$');
    if (mark == std::string_view::npos) return std::nullopt;
    auto salt = from_base64(text.substr(0, mark));
    auto hash = from_base64(text.substr(mark + 1));
    if (!salt || !hash || hash->size() != kHashSize) return std::nullopt;
    return Stored{{*log_n, *r, *p}, *std::move(salt), *std::move(hash)};
}

}  // namespace

std::string hash_password(ByteView password, const Random& random) {
    std::array<std::uint8_t, kSaltSize> salt;
    random(salt);
    const Cost cost;
    return "$scrypt$ln=" + std::to_string(cost.log_n) + ",r=" + std::to_string(cost.r) +
           ",p=" + std::to_string(cost.p) + '$' + without_padding(to_base64(salt)) + '$' +
           without_padding(to_base64(scrypt(password, salt, cost)));
}

bool password_fits(std::string_view stored, ByteView password) {
    const auto parsed = parse(stored);
    const Stored known =
        parsed.value_or(Stored{.salt = Bytes(kSaltSize), .hash = Bytes(kHashSize)});
    const bool same = equal_in_constant_time(scrypt(password, known.salt, known.cost), known.hash);
    return same && parsed.has_value();
}

}  // namespace helio::crypto
