#include "bridge/rules/execution.h"

#include "bridge/integration/json_text.h"

namespace helio::bridge::rules {

OwnedMessage::OwnedMessage(const Message& message)
    : message_(message),
      user_properties_(message.user_properties.begin(), message.user_properties.end()) {
    const auto text = [](const std::optional<std::string_view>& t) { return t.value_or(""); };
    const std::string_view correlation =
        message.correlation_data ? text_of(*message.correlation_data) : std::string_view();
    std::size_t size = 0;
    for (const std::string_view part : {message.topic,
                                        text_of(message.payload),
                                        message.client_id,
                                        message.principal,
                                        message.source_ip,
                                        text(message.content_type),
                                        text(message.response_topic),
                                        correlation}) {
        size += part.size();
    }
    text_.reserve(size);  // so that what was kept already does not move
    const auto keep = [&](std::string_view part) {
        const std::size_t at = text_.size();
        text_ += part;
        return std::string_view(text_).substr(at);
    };
    message_.topic = keep(message.topic);
    message_.payload = bytes_of(keep(text_of(message.payload)));
    message_.client_id = keep(message.client_id);
    message_.principal = keep(message.principal);
    message_.source_ip = keep(message.source_ip);
    if (message.content_type) message_.content_type = keep(*message.content_type);
    if (message.response_topic) message_.response_topic = keep(*message.response_topic);
    if (message.correlation_data) message_.correlation_data = bytes_of(keep(correlation));
    message_.user_properties = user_properties_;
}

std::string error_document(const Execution& execution) {
    using integration::append_json_string;
    const Message& message = execution.message.get();
    std::string out = R"({"ruleName":)";
    append_json_string(out, execution.rule);
    out += R"(,"topic":)";
    append_json_string(out, message.topic);
    out += R"(,"cloudwatchTraceId":)";
    append_json_string(out, execution.trace_id);
    out += R"(,"clientId":)";
    append_json_string(out, message.client_id.empty() ? "n/a" : message.client_id);
    out += R"(,"base64OriginalPayload":")";
    integration::append_base64(out, message.payload);
    out += R"(","failures":[)";
    for (std::size_t i = 0; i < execution.failures.size(); ++i) {
        const Failure& failure = execution.failures[i];
        out += i == 0 ? R"({"failedAction":)" : R"(,{"failedAction":)";
        append_json_string(out, failure.action);
        out += R"(,"failedResource":)";
        append_json_string(out, failure.resource);
        out += R"(,"errorMessage":)";
        append_json_string(out, failure.message);
        out += '}';
    }
    out += "]}";
    return out;
}

}  // namespace helio::bridge::rules
