// SUBSCRIBE (§3.8).  Filters are checked for UTF-8 here and for their wildcards by TopicFilter,
// because a bad filter is answered in the SUBACK and does not end the connection.
#pragma once

#include "base/result.h"
#include "bridge/mqtt/packet/frame.h"
#include "bridge/mqtt/packet/properties.h"

#include <vector>

namespace helio::bridge::mqtt {

enum class RetainHandling : std::uint8_t { send = 0, send_if_new = 1, do_not_send = 2 };

struct SubscribeOptions {
    Qos qos = Qos::at_most_once;
    bool no_local = false;
    bool retain_as_published = false;
    RetainHandling retain_handling = RetainHandling::send;
    friend bool operator==(const SubscribeOptions&, const SubscribeOptions&) = default;
};

struct SubscribeEntry {
    std::string_view filter;
    SubscribeOptions options;
    friend bool operator==(const SubscribeEntry&, const SubscribeEntry&) = default;
};

struct Subscribe {
    PacketId packet_id = 0;
    Properties properties;
    std::vector<SubscribeEntry> entries;  // at least one
};

Result<Subscribe, ReasonCode> parse_subscribe(const Frame& frame, Version version);
void encode_subscribe(const Subscribe& subscribe, Version version, Bytes& out);

// One byte (§3.8.3.1), also as it is stored.
std::uint8_t to_byte(const SubscribeOptions& options);
std::optional<SubscribeOptions> subscribe_options_from_byte(std::uint8_t byte);

}  // namespace helio::bridge::mqtt
