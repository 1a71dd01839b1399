// How far somebody has handed events on, kept in the store under a name: where to go on after a
// start.
#pragma once

#include "base/store/store.h"

#include <string>
#include <string_view>

namespace helio::store {

class EventCursor {
  public:
    EventCursor(Store& store, std::string_view name);

    // The first event that was not handed on; the beginning of the log where nothing is stored.
    Sequence position() const { return position_; }

    // In a transaction of its own: durable with the commit that is filling.
    void advance(Sequence to);

  private:
    Store& store_;
    std::string key_;
    Sequence position_;
};

}  // namespace helio::store
