// Downlinks of a device: SendDataToWirelessDevice, ListQueuedMessages, DeleteQueuedMessages.
#include "base/base64.h"
#include "bridge/api/device_json.h"
#include "bridge/api/handlers.h"

#include <boost/json.hpp>

namespace helio::bridge::api {
namespace {

namespace json = boost::json;
using lns::CommandError;
using lns::proto::QueueItem;

constexpr std::size_t kMaxPayload = 242;  // of the largest data rate of any region
constexpr std::int64_t kDefaultFPort = 1;

Result<Eui64, ApiError> device_of(const Context& context, const std::string& id) {
    const auto eui = context.registry.dev_eui_of(id);
    if (!eui) return fail(not_found(kDeviceKind, id));
    return *eui;
}

ApiError refusal_of(CommandError error, std::string_view what) {
    switch (error) {
        case CommandError::unknown_device:
            return not_found(kDeviceKind, what);
        case CommandError::unknown_message:
            return not_found("QueuedMessage", what);
        case CommandError::queue_full:
            return {.status = 429,
                    .code = "ThrottlingException",
                    .message =
                        "The device's queue is full: wait until it has sent something, or "
                        "delete messages."};
        case CommandError::bad_fport:
            return validation("WirelessMetadata.LoRaWAN.FPort must be from 1 to 223.");
        case CommandError::payload_too_large:
            return validation("PayloadData must be base64 of at most 242 bytes.");
        default:
            return validation("The message cannot be queued.");
    }
}

lns::EnqueueDownlink read_message(const Fields& body, Eui64 dev_eui) {
    lns::EnqueueDownlink message{.dev_eui = dev_eui};
    message.confirmed =
        body.required(body.number("TransmitMode", 0, 1), "TransmitMode", "must be 0 or 1") == 1;
    message.data =
        body.required(body.base64("PayloadData", kMaxPayload), "PayloadData", "must be base64");
    std::optional<std::int64_t> fport;
    if (const auto metadata = body.object("WirelessMetadata")) {
        if (const auto lorawan = metadata->object("LoRaWAN")) {
            fport = lorawan->number("FPort", 1, 223);
            if (lorawan->has("ParticipatingGateways")) {
                lorawan->wrong("ParticipatingGateways",
                               "is for classes B and C, which are not supported: leave it out");
            }
        }
    }
    message.fport = static_cast<std::uint8_t>(fport.value_or(kDefaultFPort));
    return message;
}

json::object json_of(const QueueItem& item) {
    json::object out{{"MessageId", item.message_id()},
                     {"TransmitMode", item.confirmed() ? 1 : 0},
                     {"ReceivedAt", time_text(from_unix_us(item.enqueued_at_us()))},
                     {"LoRaWAN", json::object{{"FPort", item.fport()}}}};
    // Beyond AWS's members.
    out["PayloadData"] = to_base64(bytes_of(item.data()));
    out["Attempts"] = item.attempts();
    out["AwaitingAck"] = item.awaiting_ack();
    return out;
}

}  // namespace

Outcome send_data_to_wireless_device(Context& context, const Call& call) {
    const auto dev_eui = device_of(context, call.label("Id"));
    if (!dev_eui) return fail(dev_eui.error());
    const auto input = parse_object(call.request.body);
    if (!input) return fail(input.error());
    Problems problems;
    auto message = read_message(Fields(*input, "", problems), *dev_eui);
    if (problems.any()) return fail(validation(problems.text()));

    message.message_id = crypto::uuid4(context.random);
    const auto answer = context.network.command(message, call.now);
    if (!answer) return fail(refusal_of(answer.error(), call.label("Id")));
    return reply_with(json::object{{"MessageId", message.message_id}}, answer->position);
}

Outcome list_queued_messages(Context& context, const Call& call) {
    const auto dev_eui = device_of(context, call.label("Id"));
    if (!dev_eui) return fail(dev_eui.error());
    const auto page = page_of(call, kMaxPage);
    if (!page) return fail(page.error());
    json::array rows;
    PageWriter writer(*page, rows);
    bool skipping = !page->after.empty();
    for (const QueueItem& item : context.network.queue(*dev_eui)) {
        if (skipping) {
            skipping = item.message_id() != page->after;
            continue;
        }
        if (!writer.wants_more()) break;
        writer.add(item.message_id(), json_of(item));
    }
    json::object body;
    writer.finish(body);
    body["DownlinkQueueMessagesList"] = std::move(rows);
    return reply_with(body);
}

Outcome delete_queued_messages(Context& context, const Call& call) {
    const auto dev_eui = device_of(context, call.label("Id"));
    if (!dev_eui) return fail(dev_eui.error());
    const std::string id(call.parameter("messageId").value_or(""));
    if (id.empty()) {
        return fail(validation("MessageId must be a message's id, or \"*\" for all of them."));
    }
    lns::DeviceCommand command = lns::DeleteDownlink{*dev_eui, id};
    if (id == "*") command = lns::FlushQueue{*dev_eui};
    const auto answer = context.network.command(command, call.now);
    if (!answer) return fail(refusal_of(answer.error(), id));
    return Reply{.wait_for = answer->position};
}

}  // namespace helio::bridge::api
