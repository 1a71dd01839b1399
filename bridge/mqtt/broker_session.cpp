// Sessions between and beyond their connections: kept, expired, their wills published.
#include "bridge/mqtt/broker.h"

#include <algorithm>

namespace helio::bridge::mqtt {
namespace {

// A timer may publish a will, and end a session with a hundred rows.
constexpr std::size_t kStepsOfTimer = 4;

}  // namespace

void Broker::free_link(LinkId id) {
    LinkSlot& slot = *slot_of(id);
    const std::uint32_t generation = slot.generation + 1;
    slot = {};
    slot.generation = generation;
    free_links_.push_back(id.index);
}

void Broker::close_link(LinkId id, ReasonCode reason, Instant now) {
    close_link(id, {.reason = reason, .why = end_reason_of(reason)}, now);
}

// Ended by us: the will is published [MQTT-3.1.2-8].
void Broker::close_link(LinkId id, const Kick& how, Instant now) {
    LinkSlot* slot = slot_of(id);
    if (slot == nullptr) return;
    Link* link = slot->link;
    Session* session = slot->session;
    if (session != nullptr) tell_ended(*session, how.why, now);
    free_link(id);
    link->close(how.reason);
    if (session != nullptr) detach(*session, how.drop_will ? WillIs::dropped : WillIs::kept, now);
}

ClientView Broker::view_of(const Session& session) const {
    return {.client_id = session.client_id,
            .identity = session.identity.get(),
            .address = links_[session.link_id.index].address,
            .connection = session.link_id,
            .version = session.connection_version};
}

void Broker::tell_ended(const Session& session, EndReason why, Instant now) {
    if (events_.empty()) return;
    versions_.end(session.client_id, session.connection_version, now);
    for (BrokerEvents* events : events_) events->disconnected(view_of(session), why, now);
}

// It was allowed when the client came; what that client may do can have changed since.
bool Broker::may_publish_will(const Session& session) {
    const MessageView will = session.will->message->view();
    if (authorizer_ == nullptr ||
        authorizer_->may_publish(
            session.identity.get(), session.client_id, will.topic, will.retain)) {
        return true;
    }
    ++stats_.not_authorized;
    return false;
}

void Broker::detach(Session& session, WillIs will, Instant now) {
    if (session.will && will == WillIs::kept && !may_publish_will(session)) {
        will = WillIs::dropped;
    }
    if (strict_) strict_->replays.end(session.id);
    session.link = nullptr;
    session.link_id = {};
    session.identity.reset();
    --connected_;
    if (will == WillIs::dropped && session.will) {
        session.will.reset();
        rows_.erase_will(session.client_id);
    }
    if (!session.outlives()) return end_session(session, now);

    if (session.queue) {
        session.queue->unload();
        if (session.queue->empty()) session.queue.reset();
    }
    if (session.expiry_s != kNeverExpires) {
        session.expires_at = now + std::chrono::seconds(session.expiry_s);
    }
    rows_.put_session(session, now);
    if (session.will) {
        session.will_due = now + std::chrono::seconds(session.will->delay_s);
        if (session.will->delay_s == 0) publish_will(session, now);
    }
    set_timer(session);
}

void Broker::publish_will(Session& session, Instant now) {
    const std::unique_ptr<Will> will = std::move(session.will);
    session.will_due = kNever;
    rows_.erase_will(session.client_id);
    ++stats_.wills_published;
    MessageView view = will->message->view();
    if (will->expiry_s) view.expires_at = now + std::chrono::seconds(*will->expiry_s);
    route(view,
          {.topic = view.topic,
           .payload = view.payload,
           .properties = Properties::checked(view.properties),
           .client_id = session.client_id,
           .qos = view.qos,
           .retain = view.retain},
          kNobody,
          now);
}

void Broker::set_timer(Session& session) {
    const Instant at = std::min(session.will_due, session.expires_at);
    if (at >= session.timer_at) return;
    session.timer_at = at;
    timers_.push({at, session.id});
}

void Broker::on_session_timer(Session& session, Instant now) {
    session.timer_at = kNever;
    if (session.link != nullptr) return;
    if (session.will_due <= now) publish_will(session, now);
    if (session.expires_at <= now) {
        ++stats_.sessions_expired;
        return end_session(session, now);
    }
    set_timer(session);
}

// Of those that are due together some wait for the next turn.
void Broker::run_timers(Instant now) {
    while (!work_.spent() && !timers_.empty() && timers_.top().at <= now) {
        work_.take(kStepsOfTimer);
        const SubscriberId id = timers_.top().session;
        timers_.pop();
        if (Session* session = sessions_.find(id)) on_session_timer(*session, now);
    }
}

}  // namespace helio::bridge::mqtt
