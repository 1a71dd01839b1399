// The newest events of the log, read back from its end: what devices did lately.
//
// Only durable events are seen, and at most kMaxExamined are looked at, so that a question about a
// quiet device does not stall the server.
#pragma once

#include "base/eui64.h"
#include "base/function_ref.h"
#include "base/store/store.h"
#include "lns/proto/event.pb.h"

#include <boost/json/fwd.hpp>
#include <vector>

namespace helio::bridge::api {

struct RecentEvent {
    store::Sequence sequence;
    lns::proto::Event event;
};

inline constexpr std::size_t kMaxExamined = 50'000;

// The newest `count` events that `wanted` takes, oldest first.
std::vector<RecentEvent> newest_events(const store::Store& store,
                                       std::size_t count,
                                       FunctionRef<bool(const lns::proto::Event&)> wanted);

// Up to `count` events behind `after`, oldest first.
std::vector<RecentEvent> events_after(const store::Store& store,
                                      store::Sequence after,
                                      std::size_t count);

// "123.4", as clients give it back to go on behind it.
std::string sequence_text(store::Sequence sequence);
std::optional<store::Sequence> sequence_from(std::string_view text);

// {"Sequence", "Time", "DevEui", "Kind", and what the kind has to tell}
boost::json::object event_json(const RecentEvent& event);

}  // namespace helio::bridge::api
