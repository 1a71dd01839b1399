// A message on its way in from inside the server, and as those inside see it.
//
// Both borrow everything: what outlasts the call has to be copied.
#pragma once

#include "bridge/mqtt/packet/properties.h"
#include "bridge/mqtt/session/access.h"

#include <optional>
#include <span>
#include <string_view>

namespace helio::bridge::mqtt {

// What is published from inside: an event, a rule's republish, an API call.
struct PublishMessage {
    std::string_view topic;
    ByteView payload;
    Qos qos = Qos::at_most_once;
    bool retain = false;
    std::span<const UserProperty> user_properties;
    std::optional<std::string_view> content_type;
    std::optional<std::string_view> response_topic;
    std::optional<ByteView> correlation_data;
    bool payload_is_utf8 = false;
    std::optional<std::uint32_t> expiry_s;
    std::uint8_t depth = 0;  // how many rules republished on the way here
    // For observers, where somebody stands behind it who is no MQTT client.
    const Identity* identity = nullptr;
    std::string_view address;
};

// A message as observers and internal subscribers see it.
struct PublishedMessage {
    std::string_view topic;
    ByteView payload;
    Properties properties;       // user properties, content type, response topic ...
    std::string_view client_id;  // empty: from inside
    const Identity* identity = nullptr;
    std::string_view address;  // of the client; empty: from inside
    Qos qos = Qos::at_most_once;
    bool retain = false;
    std::uint8_t depth = 0;
};

}  // namespace helio::bridge::mqtt
