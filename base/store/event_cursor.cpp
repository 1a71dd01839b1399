#include "base/store/event_cursor.h"

#include "base/store/event_row.h"
#include "base/store/own_tables.h"

namespace helio::store {

EventCursor::EventCursor(Store& store, std::string_view name)
    : store_(store), key_("cursor/" + std::string(name)) {
    if (const auto row = store_.get(kStoreTable, bytes_of(key_))) {
        position_ = event_row::parse_key(*row).value_or(Sequence{});
    }
}

void EventCursor::advance(Sequence to) {
    auto tx = store_.begin(0);
    tx.put(kStoreTable, bytes_of(key_), event_row::key(to));
    tx.commit();
    position_ = to;
}

}  // namespace helio::store
