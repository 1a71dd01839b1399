#include "bridge/integration/downlink_command.h"

#include "base/base64.h"

#include <boost/json.hpp>
#include <charconv>

namespace helio::bridge::integration {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxIdSize = 128;

// proto3 JSON: a field has its camelCase name or its own, and null means "not set".
const json::value* find(const json::object& object, std::string_view camel, std::string_view own) {
    const json::value* value = object.if_contains({camel.data(), camel.size()});
    if (!value) value = object.if_contains({own.data(), own.size()});
    return value && !value->is_null() ? value : nullptr;
}

std::string_view text_of(const json::string& text) { return {text.data(), text.size()}; }

// proto3 JSON: a 32-bit number may be a number (7, 7.0) or a decimal string ("7").
std::optional<std::int64_t> whole_number(const json::value& value) {
    if (value.is_int64()) return value.get_int64();
    if (value.is_double()) {
        const double number = value.get_double();
        const bool whole = number >= 0 && number <= 4'294'967'295.0 &&
                           number == static_cast<double>(static_cast<std::int64_t>(number));
        if (whole) return static_cast<std::int64_t>(number);
    }
    if (value.is_string()) {
        const auto& text = value.get_string();
        std::int64_t number = 0;
        const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
        if (end.ec == std::errc{} && end.ptr == text.data() + text.size()) return number;
    }
    return std::nullopt;
}

using Step = std::optional<CommandError>;

Step read_id(const json::object& object, DownlinkCommand& command) {
    const json::value* id = find(object, "id", "id");
    if (!id) return {};
    if (!id->is_string()) return CommandError{"id", "id must be a string"};
    command.id = text_of(id->get_string());
    if (command.id.size() > kMaxIdSize) {
        return CommandError{"id", "id must have at most 128 characters"};
    }
    return {};
}

Step read_dev_eui(const json::object& object, Eui64 topic_dev_eui, DownlinkCommand& command) {
    command.dev_eui = topic_dev_eui;
    const json::value* dev_eui = find(object, "devEui", "dev_eui");
    if (!dev_eui || (dev_eui->is_string() && dev_eui->get_string().empty())) return {};
    const auto eui =
        dev_eui->is_string() ? Eui64::from_text(text_of(dev_eui->get_string())) : std::nullopt;
    if (!eui) return CommandError{"devEui", "devEui must be 16 hexadecimal digits"};
    if (*eui != topic_dev_eui) {
        return CommandError{"devEui",
                            "devEui " + eui->to_text() + " is not the device of the topic, " +
                                topic_dev_eui.to_text()};
    }
    return {};
}

Step read_confirmed(const json::object& object, DownlinkCommand& command) {
    const json::value* confirmed = find(object, "confirmed", "confirmed");
    if (!confirmed) return {};
    if (!confirmed->is_bool()) return CommandError{"confirmed", "confirmed must be true or false"};
    command.confirmed = confirmed->get_bool();
    return {};
}

Step read_fport(const json::object& object, DownlinkCommand& command) {
    const json::value* fport = find(object, "fPort", "f_port");
    const auto number = fport ? whole_number(*fport) : std::nullopt;
    if (!number || *number < 1 || *number > 255) {
        return CommandError{"fPort", "fPort must be a number from 1 to 255"};
    }
    command.fport = static_cast<std::uint8_t>(*number);
    return {};
}

Step read_payload(const json::object& object, DownlinkCommand& command) {
    if (const json::value* decoded = find(object, "object", "object")) {
        if (!decoded->is_object()) return CommandError{"object", "object must be a JSON object"};
        command.object = json::serialize(*decoded);
        return {};
    }
    const json::value* data = find(object, "data", "data");
    if (!data) return {};  // an empty frame on a port is legal
    auto bytes = data->is_string() ? from_base64(text_of(data->get_string())) : std::nullopt;
    if (!bytes) return CommandError{"data", "data must be a base64 string"};
    command.data = std::move(*bytes);
    return {};
}

Step read_expires_at(const json::object& object, DownlinkCommand& command) {
    const json::value* expires_at = find(object, "expiresAt", "expires_at");
    if (!expires_at) return {};
    if (expires_at->is_string())
        command.expires_at = from_rfc3339(text_of(expires_at->get_string()));
    if (!command.expires_at) {
        return CommandError{"expiresAt",
                            "expiresAt must be an RFC 3339 time such as \"2026-01-31T12:00:00Z\""};
    }
    return {};
}

}  // namespace

Result<DownlinkCommand, CommandError> parse_downlink_command(std::string_view text,
                                                             Eui64 topic_dev_eui) {
    boost::system::error_code error;
    const json::value document = json::parse({text.data(), text.size()}, error);
    if (error) return fail(CommandError{"", "the command is not JSON: " + error.message()});
    const json::object* object = document.if_object();
    if (!object) return fail(CommandError{"", "the command must be a JSON object"});

    DownlinkCommand command;
    Step step = read_id(*object, command);
    if (!step) step = read_dev_eui(*object, topic_dev_eui, command);
    if (!step) step = read_confirmed(*object, command);
    if (!step) step = read_fport(*object, command);
    if (!step) step = read_payload(*object, command);
    if (!step) step = read_expires_at(*object, command);
    if (step) return fail(std::move(*step));
    return command;
}

}  // namespace helio::bridge::integration
