// A message goes out to one client: at once, or through its queue (§4.3, §4.9).
#include "bridge/mqtt/broker.h"

#include <algorithm>

namespace helio::bridge::mqtt {
namespace {

// Of a durable queue: how many rows are in memory while the client is connected.
constexpr std::size_t kLoadedMessages = 256;
constexpr std::size_t kStepsOfLoading = 2;  // a row and its message

}  // namespace

bool Broker::may_send(const Session& session) const {
    return session.link != nullptr && session.link->queued_bytes() < limits_.soft_output_bytes;
}

// Of a client that is away nothing is known: it is asked when the message is about to be sent.
bool Broker::may_receive(const Session& session, std::string_view topic) {
    if (authorizer_ == nullptr || !authorizer_->checks_receive() || session.link == nullptr ||
        authorizer_->may_receive(session.identity.get(), session.client_id, topic)) {
        return true;
    }
    ++stats_.not_authorized;
    return false;
}

void Broker::deliver(
    Session& session, Routing& routing, Qos qos, bool retain, Identifiers identifiers, Instant) {
    if (qos != Qos::at_most_once) return enqueue(session, routing, qos, retain, identifiers);
    if (session.link == nullptr) return;  // QoS 0 does not wait for who is away
    if (!may_send(session)) {
        ++stats_.dropped_slow_consumer;
        return;
    }
    if (session.link->publish(routing.forms, {.retain = retain, .identifiers = identifiers})) {
        ++stats_.messages_sent;
    } else {
        ++stats_.dropped_too_large;
    }
}

void Broker::enqueue(
    Session& session, Routing& routing, Qos qos, bool retain, Identifiers identifiers) {
    if (session.link == nullptr && !session.outlives()) return;
    if (!session.queue) session.queue = std::make_unique<OutboundQueue>();
    OutboundQueue& queue = *session.queue;
    const auto size = static_cast<std::uint32_t>(routing.view.size());
    if (queue.messages() >= limits_.max_queued_messages ||
        queue.bytes() + size > limits_.max_queued_bytes) {
        ++stats_.dropped_queue_full;
        return;
    }
    QueuedHead head{.order = queue.next_order(), .size_bytes = size, .qos = qos, .retain = retain};
    if (routing.group != nullptr) head.shared = routing.group->filter;
    const bool at_once = may_send(session) && queue.may_pass(session.window);
    if (at_once) head.packet_id = queue.allocate_id();

    const bool waits =
        !at_once && session.link != nullptr &&
        (!session.durable || (queue.unloaded() == 0 && queue.waiting() < kLoadedMessages));
    if ((session.durable || waits || head.shared) && !routing.message) {
        routing.message = Message::copy_of(routing.view);
    }
    Position stored_at = 0;
    if (session.durable) {
        stored_at = rows_.put_queued(session.client_id, head, *routing.message, identifiers);
        routing.position = std::max(routing.position, stored_at);
    }
    if (at_once) {
        send(session, head, routing.forms, routing.message, identifiers, false, stored_at);
    } else if (waits) {
        queue.push_waiting(
            {head, routing.message, {identifiers.begin(), identifiers.end()}, false});
    } else {
        queue.push_unloaded(head.order, size);
    }
}

// With a packet id, of a session that is connected.
void Broker::send(Session& session,
                  const QueuedHead& head,
                  PublishForms& forms,
                  const MessagePtr& message,
                  Identifiers identifiers,
                  bool dup,
                  Position stored_at) {
    const Delivery delivery{.qos = head.qos,
                            .retain = head.retain,
                            .dup = dup,
                            .packet_id = head.packet_id,
                            .identifiers = identifiers};
    if (head.qos == Qos::exactly_once && stored_at > durable_) {
        // Its packet id must not be forgotten once the client has seen it: else a crash would
        // make it a second message.
        session.queue->push_sent(head, SentState::storing);
        when_durable({.position = stored_at,
                      .link = session.link_id,
                      .kind = EffectKind::deliver,
                      .id = head.packet_id,
                      .message = message,
                      .delivery = delivery,
                      .identifiers = {identifiers.begin(), identifiers.end()}});
        return;
    }
    if (!session.link->publish(forms, delivery)) {
        ++stats_.dropped_too_large;  // [MQTT-3.1.2-25]
        return drop_queued(session, head);
    }
    ++stats_.messages_sent;
    SentMessage& sent = session.queue->push_sent(head, SentState::sent);
    if (head.passes_on() && !session.durable) sent.message = message;
}

void Broker::drop_queued(Session& session, const QueuedHead& head) {
    if (session.durable) rows_.erase_queued(session.client_id, head);
}

bool Broker::load_waiting(Session& session) {
    OutboundQueue& queue = *session.queue;
    while (queue.waiting() == 0 && queue.unloaded() > 0) {
        if (work_.spent()) {
            put_off(session);
            return false;
        }
        const std::size_t before = queue.unloaded();
        rows_.load_queue(session, std::min(kLoadedMessages, work_.left()));
        work_.take((before - queue.unloaded()) * kStepsOfLoading);
    }
    return queue.waiting() > 0;
}

bool Broker::may_replay(const Session& session, Instant now) {
    return !strict_ ||
           strict_->replays.take(session.id, session.queue->next_waiting()->head.order, now);
}

void Broker::put_off(Session& session) {
    if (session.put_off) return;
    session.put_off = true;
    later_.push_back(session.id);
}

void Broker::go_on_with_sessions(Instant now) {
    for (std::size_t count = later_.size(); count > 0 && !work_.spent(); --count) {
        Session* session = sessions_.find(later_.front());
        later_.pop_front();
        if (session == nullptr || !session->put_off) continue;
        session->put_off = false;
        pump(*session, now);
    }
}

void Broker::pump(Session& session, Instant now) {
    work_.enter(now);
    if (session.queue) {
        const OutboundQueue& queue = *session.queue;
        while (may_send(session) && queue.in_flight() < session.window && load_waiting(session) &&
               may_replay(session, now)) {
            const std::size_t in_flight = queue.in_flight();
            send_waiting(session, now);
            if (queue.in_flight() > in_flight) continue;
            // It was dropped: the window does not bound how many are.
            if (work_.spent()) return put_off(session);
            work_.take(1);
        }
    }
    pump_pages(session, now);
}

void Broker::send_waiting(Session& session, Instant now) {
    OutboundQueue& queue = *session.queue;
    WaitingMessage next = queue.pop_waiting();
    if (next.released) {  // [MQTT-4.4.0-1]
        session.link->answer(PacketType::pubrel, next.head.packet_id, ReasonCode::success);
        queue.push_sent(next.head, SentState::released);
        return;
    }
    const bool dup = next.head.packet_id != 0;
    if (!dup && next.message->view().expires_at <= now) {
        ++stats_.dropped_expired;
        return drop_queued(session, next.head);
    }
    if (!dup && !may_receive(session, next.message->view().topic)) {
        return drop_queued(session, next.head);
    }
    Position stored_at = 0;
    if (!dup) {
        next.head.packet_id = queue.allocate_id();
        if (session.durable) {
            stored_at = rows_.update_queued(session.client_id, next.head, false);
        }
    }
    resend_forms_.start(next.message->view(), now);
    send(session, next.head, resend_forms_, next.message, next.identifiers, dup, stored_at);
}

// Retained messages of new subscriptions: as many as the client takes, the rest when it has room.
void Broker::pump_pages(Session& session, Instant now) {
    work_.enter(now);
    while (session.pages && may_send(session) &&
           (!session.queue || session.queue->waiting() == 0)) {
        if (work_.spent()) return put_off(session);
        const auto page = session.pages->begin();
        if (!send_page(session, page->first, page->second, now)) continue;
        session.pages->erase(page);
        if (session.pages->empty()) session.pages.reset();
    }
}

// Whether the page has ended.
bool Broker::send_page(Session& session, std::string_view filter, RetainedPage& page, Instant now) {
    std::size_t steps = work_.left();
    const auto step = retained_.next(filter, page.after, steps);
    work_.take(work_.left() - steps + 1);
    if (!step.message) return step.ended;
    const MessageView view = step.message->view();
    if (view.expires_at <= now) {
        ++stats_.dropped_expired;
        retained_.erase(view.topic);
        rows_.erase_retained(view.topic);
        return step.ended;
    }
    if (!may_receive(session, view.topic)) return step.ended;
    const auto options = subscribe_options_from_byte(page.subscription.options);
    resend_forms_.start(view, now);
    Routing routing{.view = view, .forms = resend_forms_, .message = step.message};
    const Identifiers identifiers(&page.subscription.identifier,
                                  page.subscription.identifier != 0 ? 1 : 0);
    deliver(session, routing, std::min(view.qos, options->qos), true, identifiers, now);
    return step.ended;
}

void Broker::drained(LinkId id, Instant now) {
    if (Session* session = session_of(id)) pump(*session, now);
}

}  // namespace helio::bridge::mqtt
