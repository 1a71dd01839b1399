// The MQTT topics of applications: application/{destination}/device/{dev_eui}/event/{kind} and
// .../command/down, as ChirpStack v4 names them with the destination as the application.
#pragma once

#include "base/eui64.h"
#include "lns/proto/event.pb.h"

#include <optional>
#include <string>
#include <string_view>

namespace helio::bridge::integration {

// "up", "join", "ack", "txack", "status" or "log"; empty where the event has no kind.
std::string_view event_name(lns::proto::Event::KindCase kind);

void append_event_topic(std::string& out,
                        std::string_view destination,
                        Eui64 dev_eui,
                        std::string_view event_name);

struct CommandTopic {
    std::string_view destination;
    Eui64 dev_eui;
};
inline constexpr std::string_view kCommandFilter = "application/+/device/+/command/down";

// Absent where `topic` is not a command topic.  The destination borrows `topic`.
std::optional<CommandTopic> parse_command_topic(std::string_view topic);

}  // namespace helio::bridge::integration
