#include "tools/heliograph/message_hub.h"

#include "bridge/integration/event_topic.h"
#include "bridge/mqtt/topic/topic_name.h"
#include "bridge/rules/basic_ingest.h"

namespace helio::server {
namespace {

using bridge::mqtt::PropertyId;
using bridge::mqtt::PublishedMessage;
using bridge::mqtt::PublishMessage;
using bridge::mqtt::Qos;

bridge::rules::Message to_rule_message(const PublishedMessage& message,
                                       std::vector<bridge::rules::UserProperty>& properties) {
    bridge::rules::Message out{.topic = message.topic,
                               .payload = message.payload,
                               .client_id = message.client_id,
                               .source_ip = message.address,
                               .depth = message.depth};
    if (message.identity != nullptr) out.principal = message.identity->name();
    const bridge::mqtt::Properties& of_mqtt_5 = message.properties;
    out.content_type = of_mqtt_5.find<PropertyId::content_type>();
    out.response_topic = of_mqtt_5.find<PropertyId::response_topic>();
    out.correlation_data = of_mqtt_5.find<PropertyId::correlation_data>();
    out.payload_is_utf8 = of_mqtt_5.find<PropertyId::payload_format_indicator>() == 1u;
    of_mqtt_5.each_user_property([&](const bridge::mqtt::UserProperty& one) {
        properties.emplace_back(one.name, one.value);
    });
    out.user_properties = properties;
    return out;
}

}  // namespace

void RulePublisher::connect(bridge::mqtt::Broker& broker, std::function<Instant()> clock) {
    broker_ = &broker;
    clock_ = std::move(clock);
}

Result<void, std::string> RulePublisher::publish(const bridge::rules::Publication& publication) {
    if (bridge::mqtt::check_topic_name(publication.topic) != bridge::mqtt::TopicCheck::ok) {
        return fail("\"" + publication.topic + "\" is no topic that can be published to");
    }
    PublishMessage message{
        .topic = publication.topic,
        .payload = publication.payload,
        .qos = publication.qos == 0 ? Qos::at_most_once : Qos::at_least_once,
        .payload_is_utf8 = publication.payload_is_utf8.value_or(false),
        .expiry_s = publication.message_expiry_s,
        .depth = publication.depth,
    };
    std::vector<bridge::mqtt::UserProperty> properties;
    for (const auto& [name, value] : publication.user_properties)
        properties.push_back({name, value});
    message.user_properties = properties;
    if (publication.content_type) message.content_type = *publication.content_type;
    if (publication.response_topic) message.response_topic = *publication.response_topic;
    if (publication.correlation_data) message.correlation_data = *publication.correlation_data;
    broker_->publish(message, clock_());
    return {};
}

MessageHub::MessageHub(bridge::mqtt::Broker& broker,
                       bridge::rules::RuleEngine& rules,
                       std::function<Instant()> clock)
    : broker_(broker), rules_(rules), clock_(std::move(clock)) {
    broker_.keep_from_subscribers(std::string(bridge::rules::kBasicIngestPrefix));
    broker_.on_publish([this](const PublishedMessage& message, Instant now) {
        std::vector<bridge::rules::UserProperty> properties;
        rules_.on_message(to_rule_message(message, properties), now);
        broker_.acknowledge_from(rules_.kept_at());
    });
}

void MessageHub::serve_commands(bridge::delivery::DownlinkCommands& commands) {
    broker_.subscribe_internal(bridge::integration::kCommandFilter,
                               [&commands](const PublishedMessage& message, Instant now) {
                                   commands.on_message(
                                       message.topic, text_of(message.payload), now);
                               });
}

void MessageHub::publish(std::string_view topic, std::string_view payload) {
    // The subscription decides: at QoS 1 a session that is away finds the event when it is back.
    broker_.publish({.topic = topic,
                     .payload = bytes_of(payload),
                     .qos = Qos::at_least_once,
                     .payload_is_utf8 = true},
                    clock_());
}

bool MessageHub::has_rule(std::string_view name) const { return rules_.find(name) != nullptr; }

void MessageHub::run_rule(std::string_view name, std::string_view topic, std::string_view payload) {
    rules_.run_rule(name, {.topic = topic, .payload = bytes_of(payload)}, clock_());
}

}  // namespace helio::server
