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
        ending.at = ended_at_ = rows_.erase_session(session.client_id);
        ending.rows.emplace(SessionStore::LeftRows{.client_id = session.client_id});
    }
    session.expiry_s = 0;
    session.expires_at = kNever;
    session.pages.reset();
    sessions_.retire(session);
    std::string client_id = session.client_id;
    std::size_t steps = kStepsAtOnce;
    if (end_some(ending, steps, now)) return;
    endings_.emplace(std::move(client_id), std::move(ending));
}

// True: nothing is left of it.
bool Broker::end_some(Ending& ending, std::size_t& steps, Instant now) {
    if (ending.session != kNobody) {
        Session& session = sessions_[ending.session];
        for (; steps > 0 && !session.subscriptions.empty(); --steps) {
            tree_.remove(session.subscriptions.back(), session.id);
            session.subscriptions.pop_back();
            --subscriptions_;
        }
        for (; steps > 0 && session.queue; --steps) {
            const auto left = session.queue->pop();
            if (!left) session.queue.reset();
            // Of a durable session the rows say it.
            if (left && !ending.rows && left->message && left->head.passes_on()) {
                pass_on(left->head.shared->text(), left->message, now);
            }
        }
        if (steps == 0) return false;
        sessions_.free(ending.session);
        ending.session = kNobody;
    }
    return !ending.rows ||
           rows_.erase_rows(
               *ending.rows, steps, [&](std::string_view filter, const MessagePtr& message) {
                   pass_on(filter, message, now);
               });
}

// §4.8.2: what a member of a shared subscription has left undone another gets.
void Broker::pass_on(std::string_view shared_filter, const MessagePtr& message, Instant now) {
    const MessageView view = message->view();
    const auto filter = TopicFilter::parse(shared_filter, limits_.max_topic_levels);
    const auto handle = filter ? tree_.find(*filter) : std::nullopt;
    if (!handle || view.expires_at <= now) return;
    const Subscription* member = next_member(*handle->group(), view.topic);
    if (member == nullptr) return;
    const auto options = subscribe_options_from_byte(member->options);
    resend_forms_.start(view, now);
    Routing routing{
        .view = view, .forms = resend_forms_, .message = message, .group = handle->group()};
    const Identifiers identifiers(&member->identifier, member->identifier != 0 ? 1 : 0);
    deliver(sessions_[member->subscriber],
            routing,
            std::min(view.qos, options->qos),
            view.retain && options->retain_as_published,
            identifiers,
            now);
}

// With half of a turn's work: those who are there come first.
void Broker::go_on_with_endings(Instant now) {
    std::size_t steps = std::min(work_.left(), work_.half());
    work_.take(steps);
    while (steps > 0 && !endings_.empty()) {
        const auto it = endings_.begin();
        if (!end_some(it->second, steps, now)) return;
        std::vector<AllowedConnect> next = std::move(it->second.next);
        endings_.erase(it);
        for (AllowedConnect& client : next) join_session(std::move(client), now);
    }
}

}  // namespace helio::bridge::mqtt
