// A message comes in, from a client or from inside, and finds its receivers (§3.3.4).
#include "bridge/mqtt/broker.h"
#include "bridge/mqtt/topic/reserved_topics.h"
#include "bridge/mqtt/topic/topic_name.h"

#include <algorithm>

namespace helio::bridge::mqtt {
namespace {

constexpr std::uint8_t kQosMask = 0x03;
constexpr std::uint8_t kNoLocal = 0x04;
constexpr std::uint8_t kRetainAsPublished = 0x08;
// Of one turn: what a wild loop of republishing may cost the clients that wait for theirs.
constexpr int kDeferredPerTurn = 1'000;

void add_properties(const PublishMessage& message, PropertyList& out) {
    if (message.payload_is_utf8) out.add<PropertyId::payload_format_indicator>(1);
    if (message.content_type) out.add<PropertyId::content_type>(*message.content_type);
    if (message.response_topic) out.add<PropertyId::response_topic>(*message.response_topic);
    if (message.correlation_data) out.add<PropertyId::correlation_data>(*message.correlation_data);
    for (const UserProperty& p : message.user_properties) out.add_user(p.name, p.value);
}

}  // namespace

Broker::Position Broker::publish(const PublishMessage& message, Instant now) {
    if (check_topic_name(message.topic) != TopicCheck::ok) {
        ++stats_.protocol_errors;
        return 0;
    }
    ++stats_.messages_published;
    PropertyList nested;  // the kept list is in use while another message is on its way
    PropertyList& list = routing_ ? nested : internal_properties_;
    list.clear();
    add_properties(message, list);
    const Properties properties = list.view();
    const MessageView view{
        .topic = message.topic,
        .payload = message.payload,
        .properties = properties.wire(),
        .qos = message.qos,
        .retain = message.retain,
        .expires_at = message.expiry_s ? now + std::chrono::seconds(*message.expiry_s) : kNever,
    };
    const Routed routed = route(view,
                                {.topic = message.topic,
                                 .payload = message.payload,
                                 .properties = properties,
                                 .identity = message.identity,
                                 .address = message.address,
                                 .qos = message.qos,
                                 .retain = message.retain,
                                 .depth = message.depth},
                                kNobody,
                                now);
    run_deferred(now);
    return routed.position;
}

ReasonCode Broker::check(const PublishMessage& message) const {
    if (!strict_) {
        return level_count(message.topic) > limits_.max_topic_levels
                   ? ReasonCode::topic_name_invalid
                   : ReasonCode::success;
    }
    PropertyList list;
    add_properties(message, list);
    return check_strict_message(
        {.topic = message.topic, .payload = message.payload, .qos = message.qos},
        list.view(),
        limits_);
}

// Success, or why the message is refused.
ReasonCode Broker::check_publish(const Session& session, const Publish& packet) const {
    if (packet.properties.has(PropertyId::subscription_identifier)) {
        return ReasonCode::protocol_error;  // [MQTT-3.3.4-6]
    }
    const std::size_t open = links_[session.link_id.index].unanswered + session.inbound_count();
    if (session.version == Version::v5 && packet.qos != Qos::at_most_once &&
        open >= limits_.receive_maximum) {
        return ReasonCode::receive_maximum_exceeded;  // [MQTT-3.3.4-9]
    }
    if (!strict_ && level_count(packet.topic) > limits_.max_topic_levels) {
        return ReasonCode::topic_name_invalid;
    }
    if (!payload_is_as_said(packet.properties, packet.payload)) {
        return ReasonCode::payload_format_invalid;
    }
    if (authorizer_ != nullptr &&
        !authorizer_->may_publish(
            session.identity.get(), session.client_id, packet.topic, packet.retain)) {
        return ReasonCode::not_authorized;
    }
    return ReasonCode::success;
}

void Broker::refuse_publish(LinkId id, const Publish& packet, ReasonCode reason, Instant now) {
    if (reason == ReasonCode::not_authorized) ++stats_.not_authorized;
    const bool about_this_message =
        reason == ReasonCode::not_authorized || reason == ReasonCode::topic_name_invalid ||
        reason == ReasonCode::quota_exceeded || reason == ReasonCode::payload_format_invalid;
    const bool can_say = session_of(id)->version == Version::v5 && packet.qos != Qos::at_most_once;
    if (!about_this_message || !can_say) {
        ++stats_.protocol_errors;
        return close_link(id, reason, now);
    }
    const PacketType type =
        packet.qos == Qos::at_least_once ? PacketType::puback : PacketType::pubrec;
    answer_when_durable(id, type, packet.packet_id, reason, 0);
}

// As AWS does: the connection ends, and its client is told where it can be.
void Broker::refuse_reserved(LinkId id, const Publish& packet, Instant now) {
    ++stats_.not_authorized;
    if (session_of(id)->version == Version::v5 && packet.qos != Qos::at_most_once) {
        const PacketType type =
            packet.qos == Qos::at_least_once ? PacketType::puback : PacketType::pubrec;
        return answer_when_durable(id, type, packet.packet_id, ReasonCode::not_authorized, 0);
    }
    ++stats_.protocol_errors;
    close_link(id, {.reason = ReasonCode::not_authorized, .why = EndReason::forbidden_access}, now);
}

// §4.7.2: clients do not talk through '$' topics.  MQTT 5 can say so, 3.1.1 takes it and drops it
// [MQTT-3.3.5-2 of 3.1.1].
void Broker::accept_for_nobody(LinkId id, const Publish& packet) {
    ++stats_.not_authorized;
    if (packet.qos == Qos::at_most_once) return;
    const bool can_say = session_of(id)->version == Version::v5;
    const ReasonCode reason = can_say ? ReasonCode::not_authorized : ReasonCode::success;
    const PacketType type =
        packet.qos == Qos::at_least_once ? PacketType::puback : PacketType::pubrec;
    answer_when_durable(id, type, packet.packet_id, reason, 0);
}

bool Broker::is_repeated(const Session& session, const Publish& packet) const {
    return packet.qos == Qos::exactly_once && session.has_inbound(packet.packet_id);
}

void Broker::publish(LinkId id, const Publish& packet, Instant now) {
    Session* session = session_of(id);
    if (session == nullptr) return;
    ++stats_.messages_received;
    if (is_repeated(*session, packet)) {  // [MQTT-4.3.3-10]: however often it comes
        ++stats_.duplicates_suppressed;
        return answer_when_durable(
            id, PacketType::pubrec, packet.packet_id, ReasonCode::success, 0);
    }
    if (strict_ && !passes_strict(id, packet, now)) return;
    const PublishTo to = client_publish_to(packet.topic);
    if (to == PublishTo::reserved) return refuse_reserved(id, packet, now);
    if (const ReasonCode reason = check_publish(*session, packet); is_error(reason)) {
        return refuse_publish(id, packet, reason, now);
    }
    if (to == PublishTo::nowhere) return accept_for_nobody(id, packet);
    const MessageView view{
        .topic = packet.topic,
        .payload = packet.payload,
        .properties = forwarded_properties(packet.properties, properties_scratch_),
        .qos = packet.qos,
        .retain = packet.retain,
        .expires_at = expiry_for(packet.properties, now),
    };
    Routed routed = route(view,
                          {.topic = packet.topic,
                           .payload = packet.payload,
                           .properties = packet.properties,
                           .client_id = session->client_id,
                           .identity = session->identity.get(),
                           .address = links_[id.index].address,
                           .qos = packet.qos,
                           .retain = packet.retain},
                          session->id,
                          now);
    run_deferred(now);  // its offspring counts: it is acknowledged when that is durable, too
    routed.position = std::max(routed.position, needed_);
    session = session_of(id);  // an observer may have ended it
    if (session != nullptr && packet.qos != Qos::at_most_once) {
        if (packet.qos == Qos::exactly_once) {
            session->add_inbound(packet.packet_id);
            if (session->durable) {
                routed.position = std::max(routed.position,
                                           rows_.put_inbound(session->client_id, packet.packet_id));
            }
        }
        const PacketType type =
            packet.qos == Qos::at_least_once ? PacketType::puback : PacketType::pubrec;
        const bool nobody = routed.receivers == 0;
        answer_when_durable(id,
                            type,
                            packet.packet_id,
                            nobody ? ReasonCode::no_matching_subscribers : ReasonCode::success,
                            routed.position);
    }
}

Broker::Routed Broker::route(const MessageView& view,
                             const PublishedMessage& seen,
                             SubscriberId publisher,
                             Instant now) {
    if (routing_) {
        defer(view, seen);
        return {};
    }
    routing_ = true;
    for (const OnPublish& observer : observers_) observer(seen, now);
    Routed routed{.receivers = 1};
    if (observers_only_.empty() || !view.topic.starts_with(observers_only_)) {
        routed = route_now(view, publisher, now);
        call_internal(seen, now);
    }
    routing_ = false;
    return routed;
}

Broker::Routed Broker::route_now(const MessageView& view, SubscriberId publisher, Instant now) {
    forms_.start(view, now);
    Routing routing{.view = view, .forms = forms_};
    if (view.retain && !(strict_ && view.topic.starts_with('$'))) retain(routing, now);
    collect_targets(tree_.match(view.topic), view.topic, publisher);
    for (const Target& target : targets_) deliver_to(target, routing, now);
    return {routing.position, routing.receivers};
}

void Broker::add_target(const Subscription& subscription) {
    Target target{.subscriber = subscription.subscriber,
                  .options = subscription.options,
                  .first_identifier = static_cast<std::uint32_t>(target_identifiers_.size())};
    if (subscription.identifier != 0) {
        target_identifiers_.push_back(subscription.identifier);
        target.identifiers = 1;
    }
    targets_.push_back(target);
}

// Each client once, with the highest QoS and the identifiers of all its subscriptions that match.
void Broker::collect_targets(std::span<FilterNode* const> nodes,
                             std::string_view topic,
                             SubscriberId publisher) {
    targets_.clear();
    target_identifiers_.clear();
    std::span<const Subscription> subscriptions;
    if (nodes.size() == 1) {
        subscriptions = nodes[0]->subscriptions();  // sorted, and each subscriber once
    } else {
        gathered_.clear();
        for (const FilterNode* node : nodes) {
            const auto more = node->subscriptions();
            gathered_.insert(gathered_.end(), more.begin(), more.end());
        }
        std::sort(gathered_.begin(), gathered_.end(), [](const auto& a, const auto& b) {
            return a.subscriber < b.subscriber;
        });
        subscriptions = gathered_;
    }
    for (const Subscription& s : subscriptions) {
        if (s.subscriber == publisher && (s.options & kNoLocal) != 0) continue;
        if (targets_.empty() || targets_.back().subscriber != s.subscriber) {
            add_target(s);
            continue;
        }
        Target& target = targets_.back();
        const auto qos = std::max(target.options & kQosMask, s.options & kQosMask);
        target.options =
            static_cast<std::uint8_t>(((target.options | s.options) & kRetainAsPublished) | qos);
        if (s.identifier != 0) {
            target_identifiers_.push_back(s.identifier);
            ++target.identifiers;
        }
    }
    for (const FilterNode* node : nodes) collect_shared(*node, topic);
}

void Broker::collect_shared(const FilterNode& node, std::string_view topic) {
    for (const auto& group : node.groups()) {
        const Subscription* member = next_member(*group, topic);
        if (member == nullptr) continue;
        add_target(*member);
        targets_.back().group = group.get();
    }
}

// §4.8.2: one of the group, in turn, of those that may have it; one that is connected where there
// is one.
const Subscription* Broker::next_member(SharedGroup& group, std::string_view topic) {
    const auto members = group.members.view();
    const std::size_t count = members.size();
    const Subscription* away = nullptr;
    for (std::size_t i = 0; i < count; ++i) {
        const Subscription& member = members[(group.turn + i) % count];
        const Session& session = sessions_[member.subscriber];
        if (session.has_ended() || !may_receive(session, topic)) continue;
        if (session.link != nullptr && may_send(session)) {
            group.turn = static_cast<std::uint32_t>((group.turn + i + 1) % count);
            return &member;
        }
        if (away == nullptr) away = &member;
    }
    return away;
}

void Broker::deliver_to(const Target& target, Routing& routing, Instant now) {
    if ((target.subscriber & kInternal) != 0) {
        ++routing.receivers;
        called_.push_back(target.subscriber & ~kInternal);
        return;
    }
    Session& session = sessions_[target.subscriber];
    if (session.has_ended()) return;
    ++routing.receivers;
    if (!may_receive(session, routing.view.topic)) return;
    const auto qos = std::min(routing.view.qos, static_cast<Qos>(target.options & kQosMask));
    const bool retain = routing.view.retain && (target.options & kRetainAsPublished) != 0;
    const Identifiers identifiers =
        Identifiers(target_identifiers_).subspan(target.first_identifier, target.identifiers);
    routing.group = target.group;
    deliver(session, routing, qos, retain, identifiers, now);
}

void Broker::call_internal(const PublishedMessage& seen, Instant now) {
    for (const InternalId id : called_) {
        // Held, because the callback may end its own subscription.
        const auto callback = internals_[id].callback;
        if (callback) (*callback)(seen, now);
    }
    called_.clear();
}

void Broker::defer(const MessageView& view, const PublishedMessage& seen) {
    if (deferred_.size() >= limits_.max_deferred_publishes) {
        ++stats_.dropped_deferred_full;
        return;
    }
    deferred_.push_back({Message::copy_of(view), std::string(seen.client_id), seen.depth});
}

void Broker::run_deferred(Instant now) {
    if (routing_) return;
    for (int i = 0; i < kDeferredPerTurn && !deferred_.empty(); ++i) {
        const Deferred next = std::move(deferred_.front());
        deferred_.pop_front();
        const MessageView view = next.message->view();
        const Routed routed = route(view,
                                    {.topic = view.topic,
                                     .payload = view.payload,
                                     .properties = Properties::checked(view.properties),
                                     .client_id = next.client_id,
                                     .qos = view.qos,
                                     .retain = view.retain,
                                     .depth = next.depth},
                                    kNobody,
                                    now);
        acknowledge_from(routed.position);
    }
}

// §3.3.1.3: an empty payload removes what was retained.
void Broker::retain(Routing& routing, Instant now) {
    if (routing.view.payload.empty()) {
        if (retained_.erase(routing.view.topic)) {
            routing.position = rows_.erase_retained(routing.view.topic);
        }
        return;
    }
    routing.message = Message::copy_of(routing.view);
    if (!retained_.set(routing.message, now)) {
        ++stats_.dropped_retained_full;
        return;
    }
    routing.position = rows_.put_retained(*routing.message, now);
}

}  // namespace helio::bridge::mqtt
