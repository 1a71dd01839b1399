// How often AWS IoT Core lets things happen within a second ([aws] strict): counters that start
// anew with each second that begins with what is counted.
//
// What is over a rate is refused and counted with the rest, so that who insists stays refused only
// until the second is over.
#pragma once

#include "base/text_key.h"
#include "base/time.h"
#include "bridge/mqtt/session/limits.h"

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace helio::bridge::mqtt {

// Of each key, once a second.  Remembers no longer than that.
class OnceASecond {
  public:
    bool take(std::string_view key, Instant now);
    std::size_t size() const { return taken_.size(); }

  private:
    struct Taken {
        std::string key;
        Instant at;
    };
    boost::unordered_flat_map<std::string, Instant, TextHash, std::equal_to<>> taken_;
    std::deque<Taken> order_;  // oldest first
};

class StrictRates {
  public:
    explicit StrictRates(const Limits::Strict& limits) : limits_(limits) {}

    bool may_connect(std::string_view client_id, Instant now) {
        return connects_.take(client_id, now);
    }
    bool may_retain(std::string_view topic, Instant now) { return retains_.take(topic, now); }
    // `link`: a small number that names the connection, or the one that had it before.
    bool may_publish(std::uint32_t link, std::size_t bytes, Instant now);

  private:
    struct Rate {
        Instant since{};
        std::uint32_t publishes = 0;
        std::size_t bytes = 0;
        void add(std::size_t size, Instant now);
    };

    const Limits::Strict limits_;
    std::vector<Rate> links_;
    Rate all_;
    OnceASecond connects_;
    OnceASecond retains_;
};

}  // namespace helio::bridge::mqtt
