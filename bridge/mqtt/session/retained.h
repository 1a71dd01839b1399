// The retained messages (§3.3.1.3), in the order of their topics' levels.
//
// In that order all topics below a level stand together, so that a wildcard subscription walks only
// what lies below its literal beginning, and can stop anywhere and go on later: a client that asks
// for everything gets it in pages, not all at once and not cut off.
#pragma once

#include "base/function_ref.h"
#include "bridge/mqtt/session/message.h"

#include <map>
#include <string>
#include <string_view>

namespace helio::bridge::mqtt {

struct RetainedLimits {
    std::size_t messages;
    std::size_t bytes;
};

class RetainedMessages {
  public:
    explicit RetainedMessages(RetainedLimits limits) : limits_(limits) {}

    // False at a limit: nothing is changed.
    bool set(MessagePtr message, Instant stored_at);
    // False where there was none.
    bool erase(std::string_view topic);
    MessagePtr find(std::string_view topic) const;

    // False: there is none for the filter.  True: next() will see.
    bool may_have(std::string_view filter) const;
    // The next message for `filter` behind `after` (empty: from the start).  Looks at no more than
    // `budget` topics and takes from it what it looked at; `after` is where it stands then.
    struct Step {
        MessagePtr message;  // null: none found within the budget
        bool ended = false;  // and none behind either
    };
    Step next(std::string_view filter, std::string& after, std::size_t& budget) const;

    struct Retained {
        MessagePtr message;
        Instant stored_at;
    };
    // Null where there is none; valid until the next change.
    const Retained* get(std::string_view topic) const;
    // In the order of topics, from the first behind `after`, until `visit` answers false.
    void each(std::string_view after, FunctionRef<bool(const Retained&)> visit) const;

    std::size_t size() const { return by_topic_.size(); }
    std::size_t bytes() const { return bytes_; }

  private:
    struct ByLevel {
        using is_transparent = void;
        bool operator()(std::string_view a, std::string_view b) const;
    };
    RetainedLimits limits_;
    std::map<std::string, Retained, ByLevel> by_topic_;
    std::size_t bytes_ = 0;
};

}  // namespace helio::bridge::mqtt
