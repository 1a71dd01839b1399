// What the store has at start.  Every client is gone without a DISCONNECT: sessions begin to
// expire, wills are due, and what a crash has left of sessions that had ended goes on ending.
#include "bridge/mqtt/broker.h"

#include <algorithm>

namespace helio::bridge::mqtt {

void Broker::load(Instant now) {
    load_sessions(now);
    load_wills(now);
    load_retained(now);
    sessions_.each([&](Session& session) {
        std::sort(session.subscriptions.begin(), session.subscriptions.end());
        set_timer(session);
    });
}

void Broker::load_sessions(Instant now) {
    rows_.each_session([&](const SessionStore::FoundSession& found) {
        Session& session = sessions_.make(found.client_id);
        session.durable = true;
        session.expiry_s = found.expiry_s;
        session.version = found.version;
        if (found.expiry_s != kNeverExpires) {
            session.expires_at =
                found.disconnected_at.value_or(now) + std::chrono::seconds(found.expiry_s);
        }
    });
    const auto owner = [&](std::string_view client_id) {
        Session* session = sessions_.find(client_id);
        if (session == nullptr && !endings_.contains(client_id)) {
            Ending& left = endings_[std::string(client_id)];
            left.rows.emplace(SessionStore::LeftRows{.client_id = std::string(client_id)});
        }
        return session;
    };
    rows_.each_subscription([&](const SessionStore::FoundSubscription& found) {
        Session* session = owner(found.client_id);
        if (session == nullptr) return;
        const auto filter = TopicFilter::parse(found.filter, limits_.max_topic_levels);
        if (!filter) return void(++stats_.corrupt_rows);
        Subscription subscription = found.subscription;
        subscription.subscriber = session->id;
        const auto added = tree_.add(*filter, subscription);
        if (!added.is_new) return;
        session->subscriptions.push_back(added.handle);
        ++subscriptions_;
    });
    rows_.each_queued([&](std::string_view client_id, std::uint64_t order, std::uint32_t size) {
        Session* session = owner(client_id);
        if (session == nullptr) return;
        if (!session->queue) session->queue = std::make_unique<OutboundQueue>();
        session->queue->push_unloaded(order, size);
    });
    rows_.erase_unnamed();
    rows_.each_inbound([&](std::string_view client_id, PacketId id) {
        if (Session* session = owner(client_id)) session->add_inbound(id);
    });
}

void Broker::load_wills(Instant now) {
    rows_.each_will([&](std::string_view client_id, Will will) {
        Session* session = sessions_.find(client_id);
        if (session == nullptr) {
            // Of a client without a lasting session: it ends, with its will, at the first on_time.
            session = &sessions_.make(client_id);
            session->expires_at = now;
        }
        session->will_due = now + std::chrono::seconds(will.delay_s);
        session->will = std::make_unique<Will>(std::move(will));
    });
}

void Broker::load_retained(Instant now) {
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
}

}  // namespace helio::bridge::mqtt
