// A client comes in (§3.1.4): checked, authenticated, joined with its session, answered.
#include "bridge/mqtt/broker.h"
#include "bridge/mqtt/topic/reserved_topics.h"
#include "bridge/mqtt/topic/topic_name.h"

#include <algorithm>
#include <array>

namespace helio::bridge::mqtt {
namespace {

std::string made_client_id(const crypto::Random& random) {
    std::array<std::uint8_t, 12> bytes{};
    random(bytes);
    return "auto-" + to_hex(bytes);
}

}  // namespace

void Broker::connect(LinkId id, ConnectRequest request, Instant now) {
    LinkSlot* slot = slot_of(id);
    if (slot == nullptr || slot->session != nullptr || slot->pending) return;
    slot->address = request.address.text;
    if (const ReasonCode reason = check_connect(request); is_error(reason)) {
        return refuse_connect(id, reason);
    }
    if (limits_.strict.on) make_strict(request);
    slot->pending = std::make_unique<ConnectRequest>(std::move(request));
    if (slot->pending->authentication_method) return begin_negotiation(id, now);
    const std::weak_ptr<int> alive = alive_;
    authenticator_.authenticate(
        *slot->pending, now, [this, alive, id](const AuthResult& result, Instant at) {
            if (!alive.expired()) complete_connect(id, result, at);
        });
}

ReasonCode Broker::check_connect(const ConnectRequest& request) {
    const Session* session = sessions_.find(request.client_id);
    const bool takes_over = session != nullptr && session->link != nullptr;
    if (connected_ >= limits_.max_connections && !takes_over) return ReasonCode::server_busy;
    if (request.client_id.size() > limits_.max_client_id_bytes) {
        return ReasonCode::client_identifier_not_valid;
    }
    // 3.1.1 [MQTT-3.1.3-8]
    if (request.client_id.empty() && request.version == Version::v3_1_1 && !request.clean_start) {
        return ReasonCode::client_identifier_not_valid;
    }
    if (const ReasonCode reason = check_will(request); is_error(reason)) return reason;
    if (sessions_.count() >= limits_.max_sessions && session == nullptr) {
        return ReasonCode::quota_exceeded;
    }
    return ReasonCode::success;
}

ReasonCode Broker::check_will(const ConnectRequest& request) const {
    if (!request.will) return ReasonCode::success;
    const MessageView will = request.will->message->view();
    const Properties properties = Properties::checked(will.properties);
    if (strict_) {
        const ReasonCode reason = check_strict_message(will, properties, limits_);
        if (is_error(reason)) return reason;
    } else if (level_count(will.topic) > limits_.max_topic_levels) {
        return ReasonCode::topic_name_invalid;
    }
    // Else a will could say what only the server says.
    if (client_publish_to(will.topic) != PublishTo::allowed) return ReasonCode::not_authorized;
    return payload_is_as_said(properties, will.payload) ? ReasonCode::success
                                                        : ReasonCode::payload_format_invalid;
}

ReasonCode Broker::check_access(const ConnectRequest& request, const AuthResult& result) const {
    if (is_error(result.reason)) return result.reason;
    if (authorizer_ == nullptr) return ReasonCode::success;
    const Identity* who = result.identity.get();
    if (!authorizer_->may_connect(who, request.client_id)) return ReasonCode::not_authorized;
    if (request.will) {
        const MessageView will = request.will->message->view();
        if (!authorizer_->may_publish(who, request.client_id, will.topic, will.retain)) {
            return ReasonCode::not_authorized;
        }
    }
    return ReasonCode::success;
}

void Broker::refuse_connect(LinkId id, ReasonCode reason) {
    LinkSlot* slot = slot_of(id);
    Link* link = slot->link;
    ++stats_.connections_refused;
    free_link(id);
    link->connect_reply({.reason = reason});
}

void Broker::tell_refused(
    const LinkSlot& slot, LinkId id, std::string_view client_id, ReasonCode reason, Instant now) {
    if (end_reason_of(reason) != EndReason::auth_error) return;
    const ClientView client{.client_id = client_id, .address = slot.address, .connection = id};
    for (BrokerEvents* events : events_) events->connect_refused(client, reason, now);
}

void Broker::complete_connect(LinkId id,
                              const AuthResult& result,
                              Instant now,
                              const Bytes& authentication_data) {
    LinkSlot* slot = slot_of(id);
    if (slot == nullptr || !slot->pending) return;  // gone in the meantime
    ConnectRequest request = std::move(*slot->pending);
    slot->pending.reset();

    ConnectReply reply;
    if (request.authentication_method) {
        reply.authentication_method = *request.authentication_method;
        reply.authentication_data = authentication_data;
    }
    if (request.client_id.empty()) {
        request.client_id = made_client_id(random_);
        reply.assigned_client_id = request.client_id;
    }
    if (const ReasonCode reason = check_access(request, result); is_error(reason)) {
        tell_refused(*slot, id, request.client_id, reason, now);
        return refuse_connect(id, reason);
    }
    if (strict_ && !strict_->rates.may_connect(request.client_id, now)) {
        ++stats_.over_rate;
        return refuse_connect(id, ReasonCode::quota_exceeded);
    }
    join_session({.link = id,
                  .request = std::move(request),
                  .identity = result.identity,
                  .reply = std::move(reply)},
                 now);
}

// Once nothing of an old session is left that a new one could be taken for.
void Broker::join_session(AllowedConnect client, Instant now) {
    if (slot_of(client.link) == nullptr) return;  // gone in the meantime
    ConnectRequest& request = client.request;
    ended_at_ = 0;
    Session* resumed = resume(request, now);
    client.old_ended_at = std::max(client.old_ended_at, ended_at_);
    if (const auto it = endings_.find(request.client_id); it != endings_.end()) {
        client.old_ended_at = std::max(client.old_ended_at, it->second.at);
        it->second.next.push_back(std::move(client));
        return;
    }
    ConnectReply& reply = client.reply;
    reply.session_present = resumed != nullptr;
    Session& session = resumed != nullptr ? *resumed : sessions_.make(request.client_id);
    attach(session, client, now);
    if (strict_) begin_strict(session, request, now);
    reply.session_expiry_s = session.expiry_s;
    reply.session_expiry_changed = session.expiry_s != request.session_expiry_s;

    Link& link = *session.link;
    const Position position = std::max(store_connect(session), client.old_ended_at);
    if (position > durable_) {
        link.hold();
        when_durable({.position = position, .link = client.link, .kind = EffectKind::release});
    }
    link.connect_reply(reply);
    for (BrokerEvents* events : events_) events->connected(view_of(session), now);
    pump(session, now);
}

// The session to go on with; null where a new one begins (§3.1.2.4).
Session* Broker::resume(const ConnectRequest& request, Instant now) {
    Session* session = sessions_.find(request.client_id);
    if (session == nullptr) return nullptr;
    if (session->link != nullptr) {
        ++stats_.take_overs;
        close_link(session->link_id, ReasonCode::session_taken_over, now);  // [MQTT-3.1.4-3]
        session = sessions_.find(request.client_id);  // it may have ended with its connection
        if (session == nullptr) return nullptr;
    }
    // AWS keeps the sessions of the two versions apart.
    const bool foreign = limits_.strict.on && session->version != request.version;
    if (request.clean_start || !session->outlives() || session->expires_at <= now || foreign) {
        end_session(*session, now);
        return nullptr;
    }
    return session;
}

void Broker::attach(Session& session, AllowedConnect& client, Instant now) {
    ConnectRequest& request = client.request;
    LinkSlot& slot = *slot_of(client.link);
    slot.session = &session;
    slot.since = now;
    slot.keep_alive_s = request.keep_alive_s;
    session.link = slot.link;
    session.link_id = client.link;
    session.version = request.version;
    session.identity = client.identity;
    if (!events_.empty()) session.connection_version = versions_.begin(session.client_id, now);
    session.window = std::min(request.receive_maximum, limits_.max_inflight);
    session.expiry_s = std::min(request.session_expiry_s, limits_.max_session_expiry_s);
    // A session that had rows keeps them until it ends, whatever it wishes now.
    session.durable = session.durable || session.outlives();
    session.expires_at = kNever;
    session.will_due = kNever;  // [MQTT-3.1.3-9]: the delayed will of a resumed session is not sent
    if (session.will && session.durable) rows_.erase_will(session.client_id);
    session.will.reset();
    if (request.will) session.will = std::make_unique<Will>(std::move(*request.will));
    ++connected_;
}

Broker::Position Broker::store_connect(const Session& session) {
    Position position = 0;
    if (session.durable) position = rows_.put_session(session, std::nullopt);
    if (session.will) position = rows_.put_will(session.client_id, *session.will);
    return position;
}

void Broker::disconnect(LinkId id, const Disconnect& packet, Instant now) {
    Session* session = session_of(id);
    if (session == nullptr) return lost(id, EndReason::client_initiated, now);
    if (const auto expiry = packet.properties.find<PropertyId::session_expiry_interval>()) {
        if (session->expiry_s == 0 && *expiry != 0) {  // [MQTT-3.14.2-3]
            return close_link(id, ReasonCode::protocol_error, now);
        }
        session->expiry_s = std::min(*expiry, limits_.max_session_expiry_s);
    }
    tell_ended(*session, EndReason::client_initiated, now);
    free_link(id);
    const bool normal = packet.reason == ReasonCode::success;
    detach(*session, normal ? WillIs::dropped : WillIs::kept, now);
    run_deferred(now);
}

void Broker::lost(LinkId id, EndReason why, Instant now) {
    if (slot_of(id) == nullptr) return;
    Session* session = session_of(id);
    if (session != nullptr) tell_ended(*session, why, now);
    free_link(id);
    ++stats_.connections_lost;
    if (session != nullptr) detach(*session, WillIs::kept, now);
    run_deferred(now);
}

}  // namespace helio::bridge::mqtt
