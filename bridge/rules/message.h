// A published message as rules see it, and what rules publish themselves.
#pragma once

#include "base/bytes.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace helio::bridge::rules {

using UserProperty = std::pair<std::string, std::string>;

// Borrows everything; valid during the call that it is handed to.
struct Message {
    std::string_view topic;
    ByteView payload;
    std::string_view client_id;  // empty: not from an MQTT client
    std::string_view principal;
    std::string_view source_ip;
    // The properties of MQTT 5.
    std::optional<std::string_view> content_type;
    std::optional<std::string_view> response_topic;
    std::optional<ByteView> correlation_data;
    bool payload_is_utf8 = false;  // the payload format indicator
    std::span<const UserProperty> user_properties;
    // How many rules republished on the way here: Publication::depth of the message that came in.
    std::uint8_t depth = 0;
};

struct Publication {
    std::string topic;
    Bytes payload;
    std::uint8_t qos = 0;  // 0 or 1
    std::optional<std::string> content_type;
    std::optional<std::string> response_topic;
    std::optional<Bytes> correlation_data;
    std::optional<bool> payload_is_utf8;
    std::optional<std::uint32_t> message_expiry_s;
    std::vector<UserProperty> user_properties;
    std::uint8_t depth = 0;  // belongs into Message::depth when this comes back as a message
    friend bool operator==(const Publication&, const Publication&) = default;
};

}  // namespace helio::bridge::rules
