#include "lns/mac/family.h"

#include <algorithm>
#include <cassert>

namespace helio::lns::mac {
namespace {

// So often a question gets a downlink of its own; afterwards it rides along with others.
constexpr std::uint32_t kOwnDownlinks = 4;

constexpr std::uint32_t entry(std::uint16_t kind, std::uint16_t what) {
    return static_cast<std::uint32_t>(kind) << 16 | what;
}

}  // namespace

bool Refusals::contains(std::uint16_t kind, std::uint16_t what) const {
    return std::ranges::find(entries_, entry(kind, what)) != entries_.end();
}

void Refusals::add(std::uint16_t kind, std::uint16_t what) {
    if (contains(kind, what)) return;
    if (entries_.size() >= kMax) entries_.erase(entries_.begin());
    entries_.push_back(entry(kind, what));
}

bool Refusals::contains(Cid cid, ByteView payload) const {
    return contains(static_cast<std::uint16_t>(cid), digest(payload));
}

void Refusals::add(Cid cid, ByteView payload) {
    add(static_cast<std::uint16_t>(cid), digest(payload));
}

std::uint16_t Refusals::digest(ByteView payload) {
    std::uint32_t h = 2'166'136'261u;  // FNV-1a, folded to 16 bits
    for (const std::uint8_t byte : payload) h = (h ^ byte) * 16'777'619u;
    return static_cast<std::uint16_t>(h >> 16 ^ h);
}

void RequestWriter::add_block(Cid cid, std::span<const Bytes> payloads) {
    std::size_t size = 0;
    for (const Bytes& payload : payloads) size += 1 + payload.size();
    if (requests_.bytes.size() + size > budget_) {
        requests_.more = true;
        return;
    }
    for (const Bytes& payload : payloads) {
        const auto number = static_cast<std::uint8_t>(cid);
        const auto before = std::ranges::find_if(pending_, [&](const PlannedRequest& p) {
            return p.cid == number && p.payload == payload;
        });
        const std::uint32_t attempts = before == pending_.end() ? 1 : before->attempts + 1;
        requests_.bytes.push_back(number);
        requests_.bytes.insert(requests_.bytes.end(), payload.begin(), payload.end());
        requests_.planned.push_back({number, payload, attempts});
        if (attempts <= kOwnDownlinks) requests_.worth_a_downlink = true;
    }
}

void put_frequency(std::uint8_t* to, std::uint32_t hz, std::uint32_t step_hz) {
    const std::uint32_t code = hz / step_hz;
    assert(hz % step_hz == 0 && code <= 0xff'ffff);
    to[0] = static_cast<std::uint8_t>(code);
    to[1] = static_cast<std::uint8_t>(code >> 8);
    to[2] = static_cast<std::uint8_t>(code >> 16);
}

std::uint32_t get_frequency(const std::uint8_t* from, std::uint32_t step_hz) {
    return static_cast<std::uint32_t>(from[0] | from[1] << 8 | from[2] << 16) * step_hz;
}

}  // namespace helio::lns::mac
