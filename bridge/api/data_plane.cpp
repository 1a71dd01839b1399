// What AWS IoT's data plane has beside HTTPS publish and connections: retained messages.
#include "base/base64.h"
#include "bridge/api/handlers.h"
#include "bridge/mqtt/broker.h"

#include <boost/json.hpp>
#include <charconv>

namespace helio::bridge::api {
namespace {

namespace json = boost::json;
using Retained = mqtt::RetainedMessages::Retained;

constexpr std::size_t kMaxTopics = 200;

std::int64_t ms_of(Instant at) { return to_unix_us(at) / 1000; }

bool has_expired(const Retained& retained, Instant now) {
    return retained.message->view().expires_at <= now;
}

// [{"name": "value"}, ...] in Base64, as AWS has it; empty where there are none.
std::string user_properties(const mqtt::MessageView& message) {
    json::array out;
    mqtt::Properties::checked(message.properties)
        .each_user_property(
            [&](const mqtt::UserProperty& p) { out.push_back(json::object{{p.name, p.value}}); });
    return out.empty() ? std::string() : to_base64(bytes_of(json::serialize(out)));
}

Result<std::size_t, ApiError> page_size(const Call& call) {
    const auto text = call.parameter("maxResults");
    if (!text) return kMaxTopics;
    std::size_t size = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), size);
    if (error != std::errc() || end != text->data() + text->size() || size < 1 ||
        size > kMaxTopics) {
        return fail(invalid_request("maxResults must be a number from 1 to 200."));
    }
    return size;
}

}  // namespace

Outcome get_retained_message(Context& context, const Call& call) {
    const Retained* found = context.broker->retained().get(call.label("topic"));
    if (found == nullptr || has_expired(*found, call.now)) {
        return fail(ApiError{.status = 404,
                             .code = "ResourceNotFoundException",
                             .message = "No message is retained on topic " + call.label("topic")});
    }
    const mqtt::MessageView message = found->message->view();
    json::object body{{"topic", message.topic},
                      {"payload", to_base64(message.payload)},
                      {"qos", static_cast<int>(message.qos)},
                      {"lastModifiedTime", ms_of(found->stored_at)}};
    if (const std::string properties = user_properties(message); !properties.empty()) {
        body["userProperties"] = properties;
    }
    return Reply{.body = json::serialize(body)};
}

Outcome list_retained_messages(Context& context, const Call& call) {
    const auto size = page_size(call);
    if (!size) return fail(size.error());
    std::string after;
    if (const auto token = call.parameter("nextToken")) {
        const auto bytes = from_base64(*token);
        if (!bytes || bytes->empty()) {
            return fail(invalid_request("nextToken is not one that a list has answered."));
        }
        after = text_of(*bytes);
    }
    json::array topics;
    bool more = false;
    context.broker->retained().each(after, [&](const Retained& retained) {
        if (has_expired(retained, call.now)) return true;
        if (topics.size() == *size) {
            more = true;
            return false;
        }
        const mqtt::MessageView message = retained.message->view();
        after = message.topic;
        topics.push_back(json::object{{"topic", message.topic},
                                      {"payloadSize", message.payload.size()},
                                      {"qos", static_cast<int>(message.qos)},
                                      {"lastModifiedTime", ms_of(retained.stored_at)}});
        return true;
    });
    json::object body{{"retainedTopics", std::move(topics)}};
    if (more) body["nextToken"] = to_base64(bytes_of(after));
    return Reply{.body = json::serialize(body)};
}

}  // namespace helio::bridge::api
