#include "base/store/event_cursor.h"

#include "base/store/store_state.h"

#include <algorithm>

namespace helio::store {

EventCursor::EventCursor(Store& store, std::string_view name)
    : store_(store), key_("cursor/" + std::string(name)) {
    const auto row = store.get(kStoreTable, bytes_of(key_));
    if (row) position_ = event_row::parse_key(*row).value_or(Sequence{});
    store.state_->cursors.push_back(this);
}

EventCursor::~EventCursor() { std::erase(store_.state_->cursors, this); }

void EventCursor::advance(Sequence to) {
    if (to <= position_) return;
    position_ = to;
    unsaved_ = true;
}

void EventCursor::hand_on(Store::EventRow event) {
    const Position durable = store_.durable();
    store_.read_events(position_, [&](Sequence at, ByteView bytes) {
        if (at.position > durable || !event(at, bytes)) return false;
        advance({at.position, at.index + 1});
        return true;
    });
}

bool Store::State::has_unsaved_cursor() const {
    return std::any_of(
        cursors.begin(), cursors.end(), [](const EventCursor* c) { return c->unsaved_; });
}

// Alone they are worth a commit only now and then.
bool Store::State::cursors_are_due() {
    if (!has_unsaved_cursor()) {
        cursors_unsaved_since.reset();
        return false;
    }
    if (!cursors_unsaved_since) cursors_unsaved_since = now;
    return now - *cursors_unsaved_since >= kCursorsSavedWithin;
}

void Store::State::save_cursors() {
    for (EventCursor* cursor : cursors) {
        if (!cursor->unsaved_) continue;
        put_own(cursor->key_, event_row::key(cursor->position_));
        cursor->unsaved_ = false;
    }
    cursors_unsaved_since.reset();
}

Sequence Store::State::first_needed(Sequence below) const {
    for (const EventCursor* cursor : cursors) below = std::min(below, cursor->position_);
    return below;
}

}  // namespace helio::store
