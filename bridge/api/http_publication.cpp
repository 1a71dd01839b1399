#include "bridge/api/http_publication.h"

#include "base/base64.h"
#include "base/net/uri.h"
#include "bridge/mqtt/packet/utf8.h"
#include "bridge/mqtt/topic/topic_name.h"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <charconv>

namespace helio::bridge::api {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxString = 65'535;  // of MQTT (§1.5.4)

using Problem = std::optional<std::string>;  // absent where all is well

bool is_mqtt_string(std::string_view text) {
    return text.size() <= kMaxString && mqtt::is_mqtt_utf8(text);
}

Problem read_flag(std::string_view name, std::string_view value, bool& out) {
    if (value != "true" && value != "false") {
        return std::string(name) + " must be true or false.";
    }
    out = value == "true";
    return {};
}

Problem read_parameter(const net::QueryParameter& parameter, HttpPublication& out) {
    const auto& [name, value] = parameter;
    if (name == "qos") {
        if (value != "0" && value != "1") return "qos must be 0 or 1.";
        out.at_least_once = value == "1";
    } else if (name == "retain") {
        return read_flag(name, value, out.retain);
    } else if (name == "contentType") {
        if (!is_mqtt_string(value)) return "contentType must be UTF-8 without U+0000.";
        out.content_type = value;
    } else if (name == "responseTopic") {
        if (mqtt::check_topic_name(value) != mqtt::TopicCheck::ok) {
            return "responseTopic must be a topic without wildcards.";
        }
        out.response_topic = value;
    } else if (name == "messageExpiry") {
        std::uint32_t seconds = 0;
        const auto [end, error] =
            std::from_chars(value.data(), value.data() + value.size(), seconds);
        if (value.empty() || error != std::errc{} || end != value.data() + value.size()) {
            return "messageExpiry must be a number of seconds.";
        }
        out.expiry_s = std::max(seconds, 1u);
    }
    return {};  // others belong to signatures and authorizers
}

// One object a property, which may have several members.
bool add_properties(const json::value& list, HttpPublication& out) {
    const json::array* const objects = list.if_array();
    if (objects == nullptr) return false;
    for (const json::value& one : *objects) {
        const json::object* const object = one.if_object();
        if (object == nullptr) return false;
        for (const auto& [name, value] : *object) {
            const json::string* const text = value.if_string();
            if (text == nullptr || !is_mqtt_string(name) || !is_mqtt_string(*text)) return false;
            out.user_properties.emplace_back(name, *text);
        }
    }
    return true;
}

bool read_user_properties(std::string_view header, HttpPublication& out) {
    const auto text = from_base64(header);
    if (!text) return false;
    boost::system::error_code error;
    json::value value = json::parse(text_of(*text), error);
    if (error) return false;
    if (const json::string* const inner = value.if_string()) {
        json::value again = json::parse(*inner, error);
        return !error && add_properties(again, out);
    }
    return add_properties(value, out);
}

Problem read_headers(const net::HttpRequest& request, HttpPublication& out) {
    if (const auto text = request.header("x-amz-mqtt5-user-properties")) {
        if (!read_user_properties(*text, out)) {
            return "x-amz-mqtt5-user-properties must be base64 of a JSON array of objects whose "
                   "values are strings.";
        }
    }
    if (const auto text = request.header("x-amz-mqtt5-payload-format-indicator")) {
        if (*text != "UTF8_DATA" && *text != "UNSPECIFIED_BYTES") {
            return "x-amz-mqtt5-payload-format-indicator must be UTF8_DATA or UNSPECIFIED_BYTES.";
        }
        out.payload_is_utf8 = *text == "UTF8_DATA";
        if (out.payload_is_utf8 && !mqtt::is_utf8(request.body)) {
            return "The payload is not UTF-8, as x-amz-mqtt5-payload-format-indicator says it is.";
        }
    }
    if (const auto text = request.header("x-amz-mqtt5-correlation-data")) {
        out.correlation_data = from_base64(*text);
        if (!out.correlation_data || out.correlation_data->size() > kMaxString) {
            return "x-amz-mqtt5-correlation-data must be base64 of at most 65535 bytes.";
        }
    }
    return {};
}

}  // namespace

Result<HttpPublication, std::string> parse_http_publication(const net::HttpRequest& request) {
    HttpPublication out;
    const auto topic = net::percent_decode(request.path().substr(kPublishPath.size()));
    if (!topic || mqtt::check_topic_name(*topic) != mqtt::TopicCheck::ok) {
        return fail("The topic must be UTF-8 of 1 to 65535 bytes without the wildcards + and #.");
    }
    out.topic = *topic;
    const auto query = net::parse_query(request.query());
    if (!query) return fail("The query has a '%' that two hexadecimal digits do not follow.");
    for (const net::QueryParameter& parameter : *query) {
        if (auto problem = read_parameter(parameter, out)) return fail(*std::move(problem));
    }
    if (auto problem = read_headers(request, out)) return fail(*std::move(problem));
    return out;
}

}  // namespace helio::bridge::api
