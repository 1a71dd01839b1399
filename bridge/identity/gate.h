// The gate: decides who a client is by the first checker whose kind of credentials it shows.
//
// Checkers are asked in the order in which they were added; one that feels meant decides alone, so
// that a bad certificate is not made good by a password.
#pragma once

#include "base/result.h"
#include "base/time.h"
#include "bridge/identity/principal.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace helio::bridge::identity {

struct Refusal {
    // What the client is told: MQTT 5 reason codes 0x86, 0x87, 0x88, 0x97; HTTP 403, 403, 503, 429.
    enum class Kind : std::uint8_t { bad_credentials, not_authorized, unavailable, busy };
    Kind kind = Kind::not_authorized;
    std::string why;  // for the log, never for the client
};

using Identified = Result<PrincipalPtr, Refusal>;

class Checker {
  public:
    // Once, before check() returns or later on the loop thread.
    using Answer = std::function<void(Identified, Instant now)>;

    virtual ~Checker() = default;
    virtual bool is_for(const Credentials& shown) const = 0;
    // `shown` is not kept.
    virtual void check(const Credentials& shown, Instant now, Answer answer) = 0;
};

class Gate {
  public:
    struct Stats {
        std::uint64_t identified = 0;
        std::uint64_t refused = 0;
        std::uint64_t without_credentials = 0;  // of them: no checker felt meant
    };

    // The checker outlives the gate.
    void add(Checker& checker) { checkers_.push_back(&checker); }

    // The gate outlives every answer that it owes.
    void identify(const Credentials& shown, Instant now, Checker::Answer answer);

    const Stats& stats() const { return stats_; }

  private:
    std::vector<Checker*> checkers_;
    Stats stats_;
};

}  // namespace helio::bridge::identity
