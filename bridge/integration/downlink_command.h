// The command on application/{destination}/device/{dev_eui}/command/down: ChirpStack v4's
// DownlinkCommand as proto3 JSON.
//
// Either `data` or `object` is set; an object goes through the device's codec before it is queued.
#pragma once

#include "base/bytes.h"
#include "base/eui64.h"
#include "base/result.h"
#include "base/time.h"

#include <optional>
#include <string>
#include <string_view>

namespace helio::bridge::integration {

struct DownlinkCommand {
    std::string id;  // empty: the server chooses
    Eui64 dev_eui;
    bool confirmed = false;
    std::uint8_t fport = 0;  // 1..255
    Bytes data;
    std::optional<std::string> object;  // JSON text
    std::optional<Instant> expires_at;
};

// Says which field is wrong and what it must be, for the person who sent it.
struct CommandError {
    std::string field;  // empty: the whole text
    std::string message;
};

// `topic_dev_eui` is the device of the topic: the command must name the same, or none.
Result<DownlinkCommand, CommandError> parse_downlink_command(std::string_view json,
                                                             Eui64 topic_dev_eui);

}  // namespace helio::bridge::integration
