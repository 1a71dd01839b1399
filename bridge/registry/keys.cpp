#include "bridge/registry/keys.h"

#include "crypto/digest.h"

namespace helio::bridge::registry {

CertificateId CertificateId::of(ByteView der) { return {crypto::sha256(der)}; }

std::optional<CertificateId> CertificateId::from_hex(std::string_view text) {
    if (text.size() != 64) return std::nullopt;
    const auto bytes = helio::from_hex(text);
    if (!bytes) return std::nullopt;
    return from_bytes(*bytes);
}

CertificateId CertificateId::from_bytes(ByteView bytes) {
    CertificateId id;
    std::copy_n(bytes.data(), std::min(bytes.size(), id.bytes.size()), id.bytes.data());
    return id;
}

CertificateByTime by_time(const CertificateId& authority,
                          Direction direction,
                          std::int64_t created_at_us,
                          const CertificateId& id) {
    const auto time = static_cast<std::uint64_t>(created_at_us);
    return {authority, direction, direction == Direction::oldest_first ? time : ~time, id};
}

SplitName split_name(ByteView key) {
    const std::string_view text = text_of(key);
    const std::size_t end = std::min(text.find('\0'), text.size());
    return {text.substr(0, end), text.substr(std::min(end + 1, text.size()))};
}

SplitTarget split_target(ByteView key) {
    const auto [name, rest] = split_name(key);
    if (rest.empty()) return {};
    return {{static_cast<Target::Kind>(rest[0]), std::string(name)}, rest.substr(1)};
}

}  // namespace helio::bridge::registry
