#include "bridge/integration/event_topic.h"

#include "bridge/integration/json_text.h"

namespace helio::bridge::integration {

std::string_view event_name(lns::proto::Event::KindCase kind) {
    switch (kind) {
        case lns::proto::Event::kUp:
            return "up";
        case lns::proto::Event::kJoin:
            return "join";
        case lns::proto::Event::kAck:
            return "ack";
        case lns::proto::Event::kTxack:
            return "txack";
        case lns::proto::Event::kStatus:
            return "status";
        case lns::proto::Event::kLog:
            return "log";
        case lns::proto::Event::KIND_NOT_SET:
            break;
    }
    return {};
}

void append_event_topic(std::string& out,
                        std::string_view destination,
                        Eui64 dev_eui,
                        std::string_view event_name) {
    out += "application/";
    out += destination;
    out += "/device/";
    append_hex64(out, dev_eui.value());
    out += "/event/";
    out += event_name;
}

std::optional<CommandTopic> parse_command_topic(std::string_view topic) {
    constexpr std::string_view kHead = "application/";
    constexpr std::string_view kMiddle = "/device/";
    constexpr std::string_view kTail = "/command/down";
    if (!topic.starts_with(kHead) || !topic.ends_with(kTail)) return std::nullopt;
    if (topic.size() < kHead.size() + kTail.size()) return std::nullopt;
    topic.remove_prefix(kHead.size());
    topic.remove_suffix(kTail.size());
    const std::size_t slash = topic.find('/');
    if (slash == 0 || slash == topic.npos) return std::nullopt;
    const std::string_view destination = topic.substr(0, slash);
    topic.remove_prefix(slash);
    if (!topic.starts_with(kMiddle)) return std::nullopt;
    const auto dev_eui = Eui64::from_text(topic.substr(kMiddle.size()));
    if (!dev_eui) return std::nullopt;
    return CommandTopic{destination, *dev_eui};
}

}  // namespace helio::bridge::integration
