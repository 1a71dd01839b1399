#include "bridge/delivery/downlink_commands.h"

#include "bridge/integration/event_topic.h"

namespace helio::bridge::delivery {

DownlinkCommands::DownlinkCommands(lns::NetworkServer& network,
                                   EventDelivery& delivery,
                                   payload::CodecClient& codecs,
                                   crypto::Random random)
    : network_(network), delivery_(delivery), codecs_(codecs), random_(std::move(random)) {}

std::optional<store::Position> DownlinkCommands::on_message(std::string_view topic,
                                                            std::string_view payload,
                                                            Instant now) {
    const auto address = integration::parse_command_topic(topic);
    const DeviceEntry* device = address ? delivery_.directory().find(address->dev_eui) : nullptr;
    // A command under another application's topic is not for this device, and its owner is not
    // told.
    if (device == nullptr || device->destination != address->destination) {
        ++stats_.refused;
        return std::nullopt;
    }
    auto command = integration::parse_downlink_command(payload, address->dev_eui);
    if (!command) {
        const auto& error = command.error();
        refuse(address->dev_eui,
               "DOWNLINK_COMMAND",
               error.field.empty() ? error.message : error.field + ": " + error.message,
               now);
        return std::nullopt;
    }
    if (command->id.empty()) command->id = crypto::uuid4(random_);
    if (!command->object) return enqueue(*command, now);
    if (device->codec) {
        encode(std::move(*command), *device->codec, now);
    } else {
        refuse(address->dev_eui,
               "DOWNLINK_CODEC",
               "object: the device profile has no codec; send data (base64) or set a codec",
               now);
    }
    return std::nullopt;
}

std::optional<store::Position> DownlinkCommands::enqueue(
    const integration::DownlinkCommand& command, Instant now) {
    const auto answer = network_.on_command(
        lns::EnqueueDownlink{
            .dev_eui = command.dev_eui,
            .message_id = command.id,
            .fport = command.fport,
            .data = command.data,
            .confirmed = command.confirmed,
            .expires_at = command.expires_at,
        },
        now);
    if (!answer) {
        refuse(command.dev_eui, "DOWNLINK_COMMAND", lns::describe(answer.error()), now);
        return std::nullopt;
    }
    ++stats_.accepted;
    return answer->position;
}

void DownlinkCommands::encode(integration::DownlinkCommand command,
                              const payload::Codec& codec,
                              Instant now) {
    payload::EncodeJob job{.codec = codec, .object_json = *command.object, .fport = command.fport};
    codecs_.encode(
        std::move(job),
        [this, command = std::move(command), now](
            Result<payload::Encoded, payload::CodecError> result) mutable {
            if (!result) {
                return refuse(command.dev_eui, "DOWNLINK_CODEC", result.error().text, now);
            }
            command.data = std::move(result->data);
            if (command.fport == 0) command.fport = result->fport;
            enqueue(command, now);
        },
        now);
}

void DownlinkCommands::refuse(Eui64 dev_eui,
                              std::string_view code,
                              std::string_view why,
                              Instant now) {
    ++stats_.refused;
    delivery_.publish_log(dev_eui, lns::proto::LogEvent::ERROR, code, why, now);
}

}  // namespace helio::bridge::delivery
