// A message as AWS IoT's HTTPS publish says it: the topic in the path, the members of MQTT 5 in the
// query and in headers, the payload as the body.
//
//   POST /topics/{topic}?qos=0|1&retain=true|false&contentType=&responseTopic=&messageExpiry=
//   x-amz-mqtt5-user-properties           base64 of [{"name": "value"}, ...], or of a JSON string
//                                         that holds this (botocore)
//   x-amz-mqtt5-payload-format-indicator  UNSPECIFIED_BYTES | UTF8_DATA
//   x-amz-mqtt5-correlation-data          base64
#pragma once

#include "base/bytes.h"
#include "base/net/http.h"
#include "base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace helio::bridge::api {

struct HttpPublication {
    std::string topic;  // one that may be published to, as far as its characters go
    bool at_least_once = false;
    bool retain = false;
    std::optional<std::string> content_type;
    std::optional<std::string> response_topic;
    std::optional<Bytes> correlation_data;
    std::vector<std::pair<std::string, std::string>> user_properties;
    std::optional<std::uint32_t> expiry_s;
    bool payload_is_utf8 = false;
};

inline constexpr std::string_view kPublishPath = "/topics/";

// For a request below kPublishPath; else a sentence that says what is wrong.
Result<HttpPublication, std::string> parse_http_publication(const net::HttpRequest& request);

}  // namespace helio::bridge::api
