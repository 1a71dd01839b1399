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

}  // namespace

void Broker::make_strict(ConnectRequest& request) const {
    if (request.version == Version::v3_1_1 && request.session_expiry_s > 0) {
        request.session_expiry_s = limits_.strict.session_expiry_3_1_1_s;
    }
    if (request.will && request.will->expiry_s) {
        request.will->expiry_s = std::clamp(
            *request.will->expiry_s, std::uint32_t{1}, limits_.strict.max_message_expiry_s);
    }
}

ReasonCode Broker::check_strict(const Publish& packet) const {
    if (packet.qos == Qos::exactly_once) return ReasonCode::qos_not_supported;
    if (packet.payload.size() > limits_.strict.max_payload_bytes) {
        return ReasonCode::packet_too_large;
    }
    if (packet.topic.size() > limits_.strict.max_topic_bytes ||
        strict_level_count(packet.topic) > limits_.max_topic_levels) {
        return ReasonCode::topic_name_invalid;
    }
    return ReasonCode::success;
}

bool Broker::is_over_rate(LinkId id, const Publish& packet, Instant now) {
    if (rates_.size() <= id.index) rates_.resize(id.index + 1);
    Rate& rate = rates_[id.index];
    if (now - rate.since >= std::chrono::seconds(1)) rate = {.since = now};
    rate.bytes += packet.topic.size() + packet.payload.size();
    return ++rate.publishes > limits_.strict.publishes_per_second ||
           rate.bytes > limits_.strict.bytes_per_second;
}

// Where it does not, that has been said.
bool Broker::passes_strict(LinkId id, const Publish& packet, Instant now) {
    if (const ReasonCode reason = check_strict(packet); is_error(reason)) {
        refuse_publish(id, packet, reason, now);
        return false;
    }
    if (!is_over_rate(id, packet, now)) return true;
    ++stats_.over_rate;
    if (session_of(id)->version == Version::v5 && packet.qos == Qos::at_least_once) {
        answer_when_durable(
            id, PacketType::puback, packet.packet_id, ReasonCode::quota_exceeded, 0);
    }
    return false;
}

Instant Broker::expiry_for(const Properties& properties, Instant now) const {
    if (!limits_.strict.on) return expiry_of(properties, now);
    const auto wish = properties.find<PropertyId::message_expiry_interval>();
    if (!wish) return kNever;
    return now + std::chrono::seconds(
                     std::clamp(*wish, std::uint32_t{1}, limits_.strict.max_message_expiry_s));
}

}  // namespace helio::bridge::mqtt
