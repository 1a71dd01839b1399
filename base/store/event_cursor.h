// How far a consumer of the event log has come: the first event that it has not handed on.
//
// It moves in memory and is stored with the next commit, within a second at the latest: after a
// crash a few events are handed on again, and none is left out.
#pragma once

#include "base/store/store.h"

#include <string>
#include <string_view>

namespace helio::store {

class EventCursor {
  public:
    // `name` is unique and stays; the store outlives the cursor.  A new cursor stands at the
    // beginning of the log.
    EventCursor(Store& store, std::string_view name);
    ~EventCursor();
    EventCursor(const EventCursor&) = delete;
    EventCursor& operator=(const EventCursor&) = delete;

    // The first event that was not handed on.
    Sequence position() const { return position_; }
    // All before `to` is handed on.  Never moves back.
    void advance(Sequence to);

    // Hands on what is durable, from position() on: at a start, or for a consumer that reads the
    // log. `event` answers false to keep its event and what follows for later.
    void hand_on(Store::EventRow event);

  private:
    friend class Store;
    Store& store_;
    std::string key_;
    Sequence position_;
    bool unsaved_ = false;
};

}  // namespace helio::store
