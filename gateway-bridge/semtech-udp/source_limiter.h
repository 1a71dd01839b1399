// How often one source address may make us look up a gateway that we do not know.  A fixed table of
// buckets, shared by the addresses that fall into one, so that a flood of made-up addresses costs
// no memory.
#pragma once

#include "base/io/peer.h"
#include "base/time.h"

#include <array>

namespace helio::gateway_bridge::semtech_udp {

class SourceLimiter {
  public:
    static constexpr std::uint32_t kBurst = 20;
    static constexpr Duration kRefill = std::chrono::milliseconds(50);  // one more

    // Takes one from the bucket of the address, whatever the port; false if it is empty.
    bool allow(const io::Peer& source, Instant now);

  private:
    static constexpr std::size_t kBuckets = 1024;
    struct Bucket {
        Instant full_at;  // the bucket is full again then
    };
    std::array<Bucket, kBuckets> buckets_{};
};

}  // namespace helio::gateway_bridge::semtech_udp
