#include "bridge/mqtt/session/session_table.h"

namespace helio::bridge::mqtt {

Session* SessionTable::find(std::string_view client_id) const {
    const auto it = by_client_.find(client_id);
    return it == by_client_.end() ? nullptr : sessions_[*it].get();
}

Session& SessionTable::make(std::string_view client_id) {
    auto id = static_cast<SubscriberId>(sessions_.size());
    if (free_.empty()) {
        sessions_.emplace_back();
    } else {
        id = free_.back();
        free_.pop_back();
    }
    sessions_[id] = std::make_unique<Session>();
    Session& session = *sessions_[id];
    session.id = id;
    session.client_id = client_id;
    by_client_.insert(id);
    return session;
}

void SessionTable::free(SubscriberId id) {
    sessions_[id].reset();
    free_.push_back(id);
}

}  // namespace helio::bridge::mqtt
