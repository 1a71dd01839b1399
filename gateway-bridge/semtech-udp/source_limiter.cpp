#include "gateway-bridge/semtech-udp/source_limiter.h"

#include <algorithm>

namespace helio::gateway_bridge::semtech_udp {

bool SourceLimiter::allow(const io::Peer& source, Instant now) {
    std::uint64_t hash = 0xcbf2'9ce4'8422'2325u;  // FNV-1a
    for (const std::uint8_t byte : source.address) hash = (hash ^ byte) * 0x100'0000'01b3u;

    Instant& full_at = buckets_[(hash ^ hash >> 32) % kBuckets].full_at;
    const Instant after = std::max(full_at, now) + kRefill;
    if (after > now + kBurst * kRefill) return false;
    full_at = after;
    return true;
}

}  // namespace helio::gateway_bridge::semtech_udp
