// What AWS IoT Core allows less of than the standards: `[aws] strict = true` (Limits::Strict).
#include "bridge/mqtt/broker.h"
#include "bridge/mqtt/topic/topic_name.h"

#include <algorithm>

namespace helio::bridge::mqtt {
namespace {

// The device protocols' topics are as long as they are, and "$aws/rules/{rule}/" is not counted.
std::size_t strict_level_count(std::string_view topic) {
    const std::size_t levels = level_count(topic);
    if (!topic.starts_with("$aws/")) return levels;
    return topic.starts_with("$aws/rules/") && levels > 3 ? levels - 3 : 1;
}

ReasonCode check_properties(const Properties& properties, const Limits::Strict& limits) {
    const auto is_over = [](const auto& value, std::size_t most) {
        return value && value->size() > most;
    };
    std::size_t user_bytes = 0;
    properties.each_user_property(
        [&](const UserProperty& p) { user_bytes += p.name.size() + p.value.size(); });
    if (user_bytes > limits.max_user_properties_bytes ||
        is_over(properties.find<PropertyId::content_type>(), limits.max_content_type_bytes) ||
        is_over(properties.find<PropertyId::correlation_data>(),
                limits.max_correlation_data_bytes)) {
        return ReasonCode::quota_exceeded;
    }
    return is_over(properties.find<PropertyId::response_topic>(), limits.max_topic_bytes)
               ? ReasonCode::topic_name_invalid
               : ReasonCode::success;
}

}  // namespace

ReasonCode check_strict_message(const MessageView& message,
                                const Properties& properties,
                                const Limits& limits) {
    if (message.qos == Qos::exactly_once) return ReasonCode::qos_not_supported;
    if (message.payload.size() > limits.strict.max_payload_bytes) {
        return ReasonCode::packet_too_large;
    }
    if (message.topic.size() > limits.strict.max_topic_bytes ||
        strict_level_count(message.topic) > limits.max_topic_levels) {
        return ReasonCode::topic_name_invalid;
    }
    return properties.empty() ? ReasonCode::success : check_properties(properties, limits.strict);
}

void Broker::make_strict(ConnectRequest& request) const {
    if (request.version == Version::v3_1_1 && request.session_expiry_s > 0) {
        request.session_expiry_s = limits_.strict.session_expiry_3_1_1_s;
    }
    if (request.will && request.will->expiry_s) {
        request.will->expiry_s = std::clamp(
            *request.will->expiry_s, std::uint32_t{1}, limits_.strict.max_message_expiry_s);
    }
}

// Where it does not, that has been said.
bool Broker::passes_strict(LinkId id, const Publish& packet, Instant now) {
    const MessageView message{.topic = packet.topic, .payload = packet.payload, .qos = packet.qos};
    const ReasonCode reason = check_strict_message(message, packet.properties, limits_);
    if (is_error(reason)) {
        refuse_publish(id, packet, reason, now);
        return false;
    }
    const std::size_t bytes = packet.topic.size() + packet.payload.size();
    if (strict_->rates.may_publish(id.index, bytes, now) &&
        (!packet.retain || strict_->rates.may_retain(packet.topic, now))) {
        return true;
    }
    ++stats_.over_rate;
    if (session_of(id)->version == Version::v5 && packet.qos == Qos::at_least_once) {
        answer_when_durable(
            id, PacketType::puback, packet.packet_id, ReasonCode::quota_exceeded, 0);
    }
    return false;
}

// A shared subscription that is new to this client.
ReasonCode Broker::check_strict_share(const TopicFilter& filter, const Session& session) const {
    if (filter.group().size() > limits_.strict.max_group_name_bytes) {
        return ReasonCode::topic_filter_invalid;
    }
    const auto group = tree_.find(filter);
    const bool room = holds(session, filter) ||
                      (group ? TopicTree::member_count(*group) < limits_.strict.max_group_members
                             : tree_.group_count() < limits_.strict.max_groups);
    return room ? ReasonCode::success : ReasonCode::quota_exceeded;
}

// A client has come, and is not answered yet.
void Broker::begin_strict(const Session& session, const ConnectRequest& request, Instant now) {
    if (session.queue && !session.queue->empty()) {
        strict_->replays.begin(session.id, session.queue->last_order());
    }
    if (request.address.upgrade) {
        strict_->websockets.push_back({now + limits_.strict.websocket_life, session.link_id});
    }
}

std::optional<Instant> Broker::on_strict_time(Instant now) {
    auto& websockets = strict_->websockets;
    for (; !websockets.empty() && websockets.front().ends_at <= now; websockets.pop_front()) {
        close_link(
            websockets.front().link,
            {.reason = ReasonCode::maximum_connect_time, .why = EndReason::websocket_expired},
            now);
    }
    for (const SubscriberId id : strict_->replays.due(now)) pump(sessions_[id], now);
    std::optional<Instant> next = strict_->replays.next();
    if (!websockets.empty()) {
        next = std::min(next.value_or(Instant::max()), websockets.front().ends_at);
    }
    return next;
}

Instant Broker::expiry_for(const Properties& properties, Instant now) const {
    if (!limits_.strict.on) return expiry_of(properties, now);
    const auto wish = properties.find<PropertyId::message_expiry_interval>();
    if (!wish) return kNever;
    return now + std::chrono::seconds(
                     std::clamp(*wish, std::uint32_t{1}, limits_.strict.max_message_expiry_s));
}

}  // namespace helio::bridge::mqtt
