// A session ends.  One with a long queue goes in steps, so that nobody else has to wait for it.
//
// The first step takes the session itself; what is left then is nobody's, also after a crash.
// Until all of it is gone a client of the same id waits for its CONNACK: so nothing of the old
// session can be taken for the new one's.
#include "bridge/mqtt/broker.h"

#include <algorithm>

namespace helio::bridge::mqtt {
namespace {

// What most sessions have less of.
constexpr std::size_t kStepsAtOnce = 100;

}  // namespace

void Broker::end_session(Session& session, Instant now) {
    if (session.will) publish_will(session, now);  // §3.1.3.2.2: at the latest now
    Ending ending{.session = session.id};
    if (session.durable) {
        rows_.erase_session(session.client_id);
        ending.rows.emplace(SessionStore::LeftRows{.client_id = session.client_id});
    }
    session.expiry_s = 0;
    session.expires_at = kNever;
    session.pages.reset();
    sessions_.retire(session);
    std::string client_id = session.client_id;
    std::size_t steps = kStepsAtOnce;
    if (end_some(ending, steps)) return;
    endings_.emplace(std::move(client_id), std::move(ending));
}

// True: nothing is left of it.
bool Broker::end_some(Ending& ending, std::size_t& steps) {
    if (ending.session != kNobody) {
        Session& session = sessions_[ending.session];
        for (; steps > 0 && !session.subscriptions.empty(); --steps) {
            tree_.remove(session.subscriptions.back(), session.id);
            session.subscriptions.pop_back();
            --subscriptions_;
        }
        for (; steps > 0 && session.queue && session.queue->waiting() > 0; --steps) {
            session.queue->pop_waiting();
        }
        if (steps == 0) return false;
        sessions_.free(ending.session);
        ending.session = kNobody;
    }
    return !ending.rows || rows_.erase_rows(*ending.rows, steps);
}

// With half of a turn's work: those who are there come first.
void Broker::go_on_with_endings(Instant now) {
    std::size_t steps = std::min(work_.left(), work_.half());
    work_.take(steps);
    while (steps > 0 && !endings_.empty()) {
        const auto it = endings_.begin();
        if (!end_some(it->second, steps)) return;
        std::vector<AllowedConnect> next = std::move(it->second.next);
        endings_.erase(it);
        for (AllowedConnect& client : next) join_session(std::move(client), now);
    }
}

}  // namespace helio::bridge::mqtt
