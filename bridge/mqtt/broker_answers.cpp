// Acknowledgements in both directions, and what waits for the disk before it leaves (§4.3, §4.6).
//
// Answers to one client keep their order [MQTT-4.6.0-2]: one that waits for nothing itself still
// waits for those before it.
#include "bridge/mqtt/broker.h"

#include <algorithm>

namespace helio::bridge::mqtt {

void Broker::when_durable(Effect effect) { effects_.push_back(std::move(effect)); }

void Broker::answer_when_durable(
    LinkId id, PacketType type, PacketId packet, ReasonCode reason, Position at) {
    LinkSlot& slot = *slot_of(id);
    at = std::max(at, slot.answers_wait_for);
    if (at <= durable_) return slot.link->answer(type, packet, reason);
    slot.answers_wait_for = at;
    if (type == PacketType::puback) ++slot.unanswered;
    when_durable({.position = at,
                  .link = id,
                  .kind = EffectKind::answer,
                  .type = type,
                  .id = packet,
                  .reason = reason});
}

void Broker::on_durable(Position position, Instant now) {
    durable_ = std::max(durable_, position);
    while (!effects_.empty() && effects_.front().position <= durable_) {
        Effect effect = std::move(effects_.front());
        effects_.pop_front();
        run_effect(effect, now);
    }
}

void Broker::run_effect(Effect& effect, Instant now) {
    LinkSlot* slot = slot_of(effect.link);
    if (slot == nullptr) return;  // that connection is gone; its session knows what is open
    switch (effect.kind) {
        case EffectKind::answer:
            if (effect.type == PacketType::puback) --slot->unanswered;
            slot->link->answer(effect.type, effect.id, effect.reason);
            return;
        case EffectKind::suback:
            slot->link->suback(effect.id, effect.codes);
            return;
        case EffectKind::unsuback:
            slot->link->unsuback(effect.id, effect.codes);
            return;
        case EffectKind::release:
            slot->link->release();
            return;
        case EffectKind::deliver:
            break;
    }
    Session& session = *slot->session;
    SentMessage* sent = session.queue ? session.queue->find_sent(effect.id) : nullptr;
    if (sent == nullptr || sent->state != SentState::storing) return;
    sent->state = SentState::sent;
    effect.delivery.identifiers = effect.identifiers;
    resend_forms_.start(effect.message->view(), now);
    if (session.link->publish(resend_forms_, effect.delivery)) {
        ++stats_.messages_sent;
        return;
    }
    ++stats_.dropped_too_large;
    drop_queued(session, session.queue->remove_sent(*sent));
}

void Broker::answer(LinkId id, const PublishAnswer& packet, Instant now) {
    Session* session = session_of(id);
    if (session == nullptr) return;
    switch (packet.type) {
        case PacketType::puback:
            on_puback(*session, packet);
            break;
        case PacketType::pubrec:
            on_pubrec(*session, packet);
            break;
        case PacketType::pubrel:
            on_pubrel(*session, packet);
            break;
        default:
            on_pubcomp(*session, packet);
            break;
    }
    pump(*session, now);
}

void Broker::finish_sent(Session& session, SentMessage& sent) {
    drop_queued(session, session.queue->remove_sent(sent));
    ++stats_.messages_acknowledged;
}

void Broker::on_puback(Session& session, const PublishAnswer& packet) {
    SentMessage* sent = session.queue ? session.queue->find_sent(packet.packet_id) : nullptr;
    if (sent != nullptr && sent->head.qos == Qos::at_least_once) finish_sent(session, *sent);
}

void Broker::on_pubrec(Session& session, const PublishAnswer& packet) {
    SentMessage* sent = session.queue ? session.queue->find_sent(packet.packet_id) : nullptr;
    const bool known =
        sent != nullptr && sent->head.qos == Qos::exactly_once && sent->state != SentState::storing;
    if (!known) {
        if (is_error(packet.reason)) return;
        return session.link->answer(
            PacketType::pubrel, packet.packet_id, ReasonCode::packet_identifier_not_found);
    }
    if (is_error(packet.reason)) return finish_sent(session, *sent);  // §4.3.3: it ends here
    Position position = 0;
    if (sent->state != SentState::released) {
        sent->state = SentState::released;
        if (session.durable) position = rows_.update_queued(session.client_id, sent->head, true);
    }
    answer_when_durable(
        session.link_id, PacketType::pubrel, packet.packet_id, ReasonCode::success, position);
}

void Broker::on_pubrel(Session& session, const PublishAnswer& packet) {
    if (!session.remove_inbound(packet.packet_id)) {
        return answer_when_durable(session.link_id,
                                   PacketType::pubcomp,
                                   packet.packet_id,
                                   ReasonCode::packet_identifier_not_found,
                                   0);
    }
    Position position = 0;
    // The id is free for a new message once the client sees the PUBCOMP: the erasure comes first.
    if (session.durable) position = rows_.erase_inbound(session.client_id, packet.packet_id);
    answer_when_durable(
        session.link_id, PacketType::pubcomp, packet.packet_id, ReasonCode::success, position);
}

void Broker::on_pubcomp(Session& session, const PublishAnswer& packet) {
    SentMessage* sent = session.queue ? session.queue->find_sent(packet.packet_id) : nullptr;
    if (sent != nullptr && sent->state == SentState::released) finish_sent(session, *sent);
}

}  // namespace helio::bridge::mqtt
