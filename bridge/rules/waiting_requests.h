// What HTTP and file actions have not brought to its end, stored: what a message brought about is
// not lost with the process.
//
// A row is there from the commit of the message on until the request has ended or the line is in
// its file.
#pragma once

#include "base/store/store.h"
#include "bridge/rules/effects.h"
#include "bridge/rules/execution.h"

#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace helio::bridge::rules {

inline constexpr store::TableSpec kRequestTable{
    .id = 61, .name = "rule_requests", .partitioned_by = store::PartitionedBy::topic};

// The topic of the message, cut to what a key holds, and the request's place among all of them.
struct RequestKey {
    std::string topic;
    store::Position position = 0;
    std::uint32_t index = 0;
};

using Work = std::variant<HttpRequest, FileAppend>;

class WaitingRequests {
  public:
    explicit WaitingRequests(store::Store& store) : store_(store) {}

    // `topic` is that of the message that made rule `rule` do it.
    RequestKey put(std::string_view rule,
                   std::string_view topic,
                   const Work& work,
                   const Execution* execution);
    void erase(const RequestKey& key);
    // All that was put is durable from there on.
    store::Position kept_at() const { return kept_at_; }

    struct Waiting {
        RequestKey key;
        std::string rule;
        Work work;
        std::shared_ptr<Execution> execution;  // where one was given
    };
    // What an earlier run of the program left, in its order.
    std::vector<Waiting> load() const;

  private:
    store::Store& store_;
    store::Position kept_at_ = 0;
    std::uint32_t index_ = 0;  // within the commit that is being filled
};

}  // namespace helio::bridge::rules
