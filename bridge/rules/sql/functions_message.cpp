// accountid() to traceid(): functions of the message and of where it came from.
#include "bridge/integration/json_text.h"
#include "bridge/rules/sql/conversion.h"
#include "bridge/rules/sql/evaluation.h"
#include "bridge/rules/sql/function.h"

namespace helio::bridge::rules::sql {
namespace {

const Message& message_of(const Arguments& a) { return a.evaluation.scope().message(); }

Value text_or_undefined(std::string_view text) {
    return text.empty() ? Value() : Value::string(text);
}

Value accountid(const Arguments& a) {
    return Value::string(a.evaluation.scope().machinery().account);
}
Value clientid(const Arguments& a) {
    const std::string_view client = message_of(a).client_id;
    return Value::string(client.empty() ? "n/a" : client);
}
Value principal(const Arguments& a) { return text_or_undefined(message_of(a).principal); }
Value sourceip(const Arguments& a) { return text_or_undefined(message_of(a).source_ip); }

Value newuuid(const Arguments& a) {
    return a.evaluation.make_string(crypto::uuid4(a.evaluation.scope().machinery().random));
}
Value traceid(const Arguments& a) {
    return a.evaluation.make_string(a.evaluation.scope().trace_id());
}
Value sql_version(const Arguments& a) {
    const bool old = a.evaluation.version() == Version::v2015_10_08;
    return Value::string(old ? "2015-10-08" : "2016-03-23");
}

Value topic(const Arguments& a) {
    std::string_view topic = a.evaluation.scope().topic();
    if (a.size() == 0) return Value::string(topic);
    const auto number = to_whole(a[0]);
    const auto wanted = number ? to_int64(*number) : std::nullopt;
    if (!wanted || *wanted < 1) return {};
    for (std::int64_t level = 1; level < *wanted; ++level) {
        const std::size_t slash = topic.find('/');
        if (slash == topic.npos) return {};
        topic.remove_prefix(slash + 1);
    }
    return Value::string(topic.substr(0, topic.find('/')));
}

Value get_mqtt_property(const Arguments& a) {
    if (!a[0].is(Type::string)) return {};
    const Message& message = message_of(a);
    const std::string_view name = a[0].as_string();
    if (name == "format_indicator") {
        return Value::string(message.payload_is_utf8 ? "UTF8_DATA" : "UNSPECIFIED_BYTES");
    }
    if (name == "content_type" && message.content_type) return Value::string(*message.content_type);
    if (name == "response_topic" && message.response_topic) {
        return Value::string(*message.response_topic);
    }
    if (name == "correlation_data" && message.correlation_data) {
        std::string& encoded = a.evaluation.scratch();
        integration::append_base64(encoded, *message.correlation_data);
        return a.evaluation.make_string(encoded);
    }
    return {};
}

// With a key the array of its values, without one an array of one-member objects.
Value get_user_properties(const Arguments& a) {
    const auto properties = message_of(a).user_properties;
    if (a.size() == 1 && !a[0].is(Type::string)) return {};
    Arena& arena = a.evaluation.arena();
    Value* items = arena.allocate<Value>(properties.size());
    if (!items) return {};
    std::size_t size = 0;
    for (const auto& [key, value] : properties) {
        if (a.size() == 1) {
            if (key == a[0].as_string()) items[size++] = Value::string(value);
            continue;
        }
        Member* member = arena.allocate<Member>(1);
        if (!member) return {};
        *member = {key, Value::string(value)};
        items[size++] = Value::object({member, 1});
    }
    return size > 0 ? Value::array({items, size}) : Value();
}

constexpr auto kOld = Version::v2015_10_08;

constexpr Function kFunctions[] = {
    {"accountid", 0, 0, kOld, accountid},
    {"clientid", 0, 0, kOld, clientid},
    {"get_mqtt_property", 1, 1, kOld, get_mqtt_property},
    {"get_user_properties", 0, 1, kOld, get_user_properties},
    {"newuuid", 0, 0, kOld, newuuid},
    {"principal", 0, 0, kOld, principal},
    {"sourceip", 0, 0, kOld, sourceip},
    {"sql_version", 0, 0, kOld, sql_version},
    {"topic", 0, 1, kOld, topic},
    {"traceid", 0, 0, kOld, traceid},
};

}  // namespace

std::span<const Function> message_functions() { return kFunctions; }

}  // namespace helio::bridge::rules::sql
