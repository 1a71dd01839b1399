// All sessions, by their number and by their client id.
//
// A number stays a session's own until free(); a client id only until retire(): what is left of a
// session that has ended may take a while to go, and a new one must not be taken for it.
#pragma once

#include "base/text_key.h"
#include "bridge/mqtt/session/session.h"

#include <boost/unordered/unordered_flat_set.hpp>
#include <memory>
#include <string_view>
#include <vector>

namespace helio::bridge::mqtt {

class SessionTable {
  public:
    SessionTable() = default;
    SessionTable(const SessionTable&) = delete;
    SessionTable& operator=(const SessionTable&) = delete;

    // Null where there is none.
    Session* find(std::string_view client_id) const;
    Session* find(SubscriberId id) const { return sessions_[id].get(); }
    Session& operator[](SubscriberId id) const { return *sessions_[id]; }

    // No session has the client id.
    Session& make(std::string_view client_id);
    // Its client id is free.
    void retire(const Session& session) { by_client_.erase(session.id); }
    // It is gone.
    void free(SubscriberId id);

    // Those that have a client id.
    std::size_t count() const { return by_client_.size(); }
    template <class Visit>
    void each(Visit visit) const {
        for (const SubscriberId id : by_client_) visit(*sessions_[id]);
    }

  private:
    // By the client id of the session: four bytes a client instead of a view of its id.
    struct ClientIdOf {
        const std::vector<std::unique_ptr<Session>>* sessions;
        std::string_view operator()(SubscriberId id) const { return (*sessions)[id]->client_id; }
    };
    using ByClientId = KeyedByText<ClientIdOf>;

    std::vector<std::unique_ptr<Session>> sessions_;
    std::vector<SubscriberId> free_;
    boost::unordered_flat_set<SubscriberId, ByClientId, ByClientId> by_client_{
        0, ByClientId{{&sessions_}}, ByClientId{{&sessions_}}};
};

}  // namespace helio::bridge::mqtt
