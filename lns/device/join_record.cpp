#include "lns/device/join_record.h"

#include <algorithm>
#include <bit>

namespace helio::lns {
namespace {

constexpr std::uint8_t kVersion = 2;
constexpr std::size_t kMapBytes = 8192;
constexpr std::size_t kHeaderBytes = 9;  // version 1, JoinNonce 4, DevNonce 4

void put(Bytes& out, std::uint64_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) out.push_back(static_cast<std::uint8_t>(value >> 8 * i));
}

std::uint64_t take_bytes(ByteView& bytes, std::size_t size) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i) value |= std::uint64_t{bytes[i]} << 8 * i;
    bytes = bytes.subspan(size);
    return value;
}

}  // namespace

bool UsedNonces::contains(std::uint16_t nonce) const {
    if (!map_.empty()) return map_[nonce / 8] >> (nonce % 8) & 1;
    return std::ranges::binary_search(listed_, nonce);
}

void UsedNonces::insert(std::uint16_t nonce) {
    if (contains(nonce)) return;
    if (map_.empty() && listed_.size() < kMaxListed) {
        listed_.insert(std::ranges::upper_bound(listed_, nonce), nonce);
        return;
    }
    if (map_.empty()) {
        map_.resize(kMapBytes);
        for (const std::uint16_t n : listed_) map_[n / 8] |= static_cast<std::uint8_t>(1 << n % 8);
        listed_.clear();
    }
    map_[nonce / 8] |= static_cast<std::uint8_t>(1 << nonce % 8);
}

std::size_t UsedNonces::size() const {
    std::size_t count = listed_.size();
    for (const std::uint8_t byte : map_) count += static_cast<std::size_t>(std::popcount(byte));
    return count;
}

// A list is as many bytes as two a nonce; exactly 8 KiB + 1 is the map, marked by its odd size.
void UsedNonces::encode(Bytes& out) const {
    for (const std::uint16_t nonce : listed_) put(out, nonce, 2);
    if (map_.empty()) return;
    out.insert(out.end(), map_.begin(), map_.end());
    out.push_back(0);
}

std::optional<UsedNonces> UsedNonces::parse(ByteView bytes) {
    UsedNonces out;
    if (bytes.size() == kMapBytes + 1) {
        out.map_.assign(bytes.begin(), bytes.end() - 1);
        return out;
    }
    if (bytes.size() % 2 != 0 || bytes.size() / 2 > kMaxListed) return std::nullopt;
    while (!bytes.empty()) out.listed_.push_back(static_cast<std::uint16_t>(take_bytes(bytes, 2)));
    if (!std::ranges::is_sorted(out.listed_)) return std::nullopt;
    return out;
}

bool JoinRecord::accepts(NonceRule rule, std::uint16_t nonce) const {
    return rule == NonceRule::increasing ? nonce >= next_dev_nonce && !used.contains(nonce)
                                         : !used.contains(nonce);
}

void JoinRecord::take(NonceRule rule, std::uint16_t nonce) {
    if (rule == NonceRule::increasing) {
        next_dev_nonce = nonce + 1u;
    } else {
        used.insert(nonce);
    }
}

void JoinRecord::forget_dev_nonces() {
    used = {};
    next_dev_nonce = 0;
}

Bytes encode_join_record(const JoinRecord& r) {
    Bytes out;
    out.reserve(kHeaderBytes + 2 * r.used.size());
    put(out, kVersion, 1);
    put(out, r.next_join_nonce, 4);
    put(out, r.next_dev_nonce, 4);
    r.used.encode(out);
    return out;
}

std::optional<JoinRecord> parse_join_record(ByteView bytes) {
    if (bytes.size() < kHeaderBytes || bytes[0] != kVersion) return std::nullopt;
    bytes = bytes.subspan(1);
    JoinRecord r;
    r.next_join_nonce = static_cast<std::uint32_t>(take_bytes(bytes, 4));
    r.next_dev_nonce = static_cast<std::uint32_t>(take_bytes(bytes, 4));
    auto used = UsedNonces::parse(bytes);
    if (!used) return std::nullopt;
    r.used = std::move(*used);
    return r;
}

}  // namespace helio::lns
