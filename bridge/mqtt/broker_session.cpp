// Sessions between and beyond their connections: kept, expired, ended, found again at start.
#include "bridge/mqtt/broker.h"

#include <algorithm>

namespace helio::bridge::mqtt {

Session* Broker::find_session(std::string_view client_id) {
    const auto it = by_client_.find(client_id);
    return it == by_client_.end() ? nullptr : sessions_[*it].get();
}

Session& Broker::make_session(std::string_view client_id) {
    auto id = static_cast<SubscriberId>(sessions_.size());
    if (free_sessions_.empty()) {
        sessions_.emplace_back();
    } else {
        id = free_sessions_.back();
        free_sessions_.pop_back();
    }
    sessions_[id] = std::make_unique<Session>();
    Session& session = *sessions_[id];
    session.id = id;
    session.client_id = client_id;
    by_client_.insert(id);
    return session;
}

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

void Broker::end_session(Session& session, Instant now) {
    const bool had_rows = session.durable || session.will != nullptr;
    if (session.will) publish_will(session, now);  // §3.1.3.2.2: at the latest now
    for (const FilterHandle& handle : session.subscriptions) tree_.remove(handle, session.id);
    subscriptions_ -= session.subscriptions.size();
    if (had_rows) rows_.erase_session(session.client_id);
    by_client_.erase(session.id);
    const SubscriberId id = session.id;
    sessions_[id].reset();
    free_sessions_.push_back(id);
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

// After a start every client is gone without a DISCONNECT: sessions begin to expire, wills are due.
void Broker::load(Instant now) {
    rows_.each_session([&](const SessionStore::FoundSession& found) {
        Session& session = make_session(found.client_id);
        session.durable = true;
        session.expiry_s = found.expiry_s;
        session.version = found.version;
        if (found.expiry_s != kNeverExpires) {
            session.expires_at =
                found.disconnected_at.value_or(now) + std::chrono::seconds(found.expiry_s);
        }
    });
    rows_.each_subscription([&](const SessionStore::FoundSubscription& found) {
        Session* session = find_session(found.client_id);
        const auto filter = TopicFilter::parse(found.filter, limits_.max_topic_levels);
        if (session == nullptr || !filter) return void(++stats_.corrupt_rows);
        Subscription subscription = found.subscription;
        subscription.subscriber = session->id;
        const auto added = tree_.add(*filter, subscription);
        if (!added.is_new) return;
        session->subscriptions.push_back(added.handle);
        ++subscriptions_;
    });
    rows_.each_queued([&](std::string_view client_id, std::uint64_t order, std::uint32_t size) {
        Session* session = find_session(client_id);
        if (session == nullptr) return void(++stats_.corrupt_rows);
        if (!session->queue) session->queue = std::make_unique<OutboundQueue>();
        session->queue->push_unloaded(order, size);
    });
    rows_.erase_unnamed();
    rows_.each_inbound([&](std::string_view client_id, PacketId id) {
        if (Session* session = find_session(client_id)) session->add_inbound(id);
    });
    rows_.each_will([&](std::string_view client_id, Will will) {
        Session* session = find_session(client_id);
        if (session == nullptr) {
            // Of a client without a lasting session: it ends, with its will, at the first on_time.
            session = &make_session(client_id);
            session->expires_at = now;
        }
        session->will_due = now + std::chrono::seconds(will.delay_s);
        session->will = std::make_unique<Will>(std::move(will));
    });
    std::vector<std::string> expired;
    rows_.each_retained([&](const MessagePtr& message, Instant stored_at) {
        const MessageView view = message->view();
        if (view.expires_at <= now) {
            expired.emplace_back(view.topic);
        } else if (!retained_.set(message, stored_at)) {
            ++stats_.dropped_retained_full;
        }
    });
    for (const std::string& topic : expired) rows_.erase_retained(topic);
    for (const auto& session : sessions_) {
        std::sort(session->subscriptions.begin(), session->subscriptions.end());
        set_timer(*session);
    }
}

}  // namespace helio::bridge::mqtt
