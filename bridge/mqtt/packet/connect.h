// CONNECT (§3.1): who wants in, with which session, and what to say when they are gone.
//
// The strings borrow from the frame.
#pragma once

#include "base/result.h"
#include "bridge/mqtt/packet/frame.h"
#include "bridge/mqtt/packet/properties.h"

#include <optional>
#include <string_view>

namespace helio::bridge::mqtt {

struct WillFields {
    std::string_view topic;
    ByteView payload;
    Qos qos = Qos::at_most_once;
    bool retain = false;
    Properties properties;
};

struct Connect {
    Version version = Version::v5;
    std::string_view client_id;
    bool clean_start = true;  // 3.1.1: clean session
    std::uint16_t keep_alive_s = 0;
    std::optional<WillFields> will;
    std::optional<std::string_view> user_name;
    std::optional<ByteView> password;
    Properties properties;
};

Result<Connect, ReasonCode> parse_connect(const Frame& frame);
void encode_connect(const Connect& connect, Bytes& out);

}  // namespace helio::bridge::mqtt
