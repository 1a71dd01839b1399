#include "bridge/delivery/event_delivery.h"

#include "bridge/integration/aws_uplink.h"
#include "bridge/integration/chirpstack_event.h"
#include "bridge/integration/event_topic.h"

#include <utility>

namespace helio::bridge::delivery {
namespace {

constexpr std::string_view kCursorName = "delivery";
constexpr std::size_t kRecoverChunk = 1000;

// The first place in the log that is certainly behind `sequence`.
store::Sequence after(store::Sequence sequence) { return {sequence.position, sequence.index + 1}; }

// As in ChirpStack, a txack tells of a queued message; what was sent for the network's own sake
// stays in the log, where the frames of a device are listed from.
bool is_for_applications(const lns::proto::Event& event) {
    return !event.has_txack() || !event.txack().message_id().empty();
}

}  // namespace

EventDelivery::EventDelivery(store::Store& store,
                             const lns::Registry& registry,
                             payload::CodecClient& codecs,
                             EventSink& sink)
    : store_(store),
      codecs_(codecs),
      sink_(sink),
      directory_(registry),
      cursor_(store, kCursorName) {}

void EventDelivery::recover(Instant now) {
    // Handing on may append to the log and waits for codecs: read and hand on in turn, by chunks.
    store::Sequence from = cursor_.position();
    std::vector<lns::PublishEvent> chunk;
    do {
        chunk.clear();
        store_.read_events(from, [&](store::Sequence sequence, ByteView bytes) {
            lns::PublishEvent event{.sequence = sequence};
            if (event.event.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
                chunk.push_back(std::move(event));
            } else {
                ++stats_.corrupt;
            }
            from = after(sequence);
            return chunk.size() < kRecoverChunk;
        });
        stats_.events_again += chunk.size();
        for (const lns::PublishEvent& event : chunk) on_event(event, now);
    } while (!chunk.empty());
}

void EventDelivery::on_event(const lns::PublishEvent& event, Instant now) {
    ++stats_.events;
    const DeviceEntry* device = directory_.find(Eui64::from_value(event.event.dev_eui()));
    if (device == nullptr) {
        ++stats_.of_unknown_devices;
    } else if (event.event.has_up() && device->codec && event.event.up().fport() != 0) {
        return decode(event, *device, now);
    } else if (is_for_applications(event.event)) {
        hand_on(event.event, *device, {});
    }
    if (waiting_.empty()) {
        cursor_.advance(after(event.sequence));
    } else {
        waiting_.push_back({event.sequence, true});
    }
}

void EventDelivery::decode(const lns::PublishEvent& event, const DeviceEntry& device, Instant now) {
    waiting_.push_back({event.sequence, false});
    const lns::proto::UplinkEvent& up = event.event.up();
    codecs_.decode(
        {.codec = *device.codec,
         .data = Bytes(up.data().begin(), up.data().end()),
         .fport = static_cast<std::uint8_t>(up.fport()),
         .received_at = from_unix_us(event.event.time_us()),
         .variables = device.variables},
        [this, event, now](Result<payload::Decoded, payload::CodecError> result) {
            const Eui64 dev_eui = Eui64::from_value(event.event.dev_eui());
            if (const DeviceEntry* entry = directory_.find(dev_eui)) {
                hand_on(event.event, *entry, result ? result->object_json : std::string_view());
            }
            tell_owner(dev_eui, result, now);
            finish(event.sequence);
        },
        now);
}

void EventDelivery::tell_owner(Eui64 dev_eui,
                               const Result<payload::Decoded, payload::CodecError>& result,
                               Instant now) {
    constexpr std::string_view kCode = "UPLINK_CODEC";
    if (!result) {
        ++stats_.without_object;
        // Under overload there is nothing to tell the owner, and no room to tell it.
        if (result.error().kind != payload::CodecFailure::overloaded) {
            publish_log(dev_eui, lns::proto::LogEvent::ERROR, kCode, result.error().text, now);
        }
    } else if (!result->warnings.empty()) {
        std::string text = result->warnings.front();
        for (std::size_t i = 1; i < result->warnings.size(); ++i)
            text += "; " + result->warnings[i];
        publish_log(dev_eui, lns::proto::LogEvent::WARNING, kCode, text, now);
    }
}

void EventDelivery::finish(store::Sequence sequence) {
    for (Waiting& one : waiting_) {
        if (one.sequence == sequence) {
            one.done = true;
            break;
        }
    }
    while (!waiting_.empty() && waiting_.front().done) {
        cursor_.advance(after(waiting_.front().sequence));
        waiting_.pop_front();
    }
}

void EventDelivery::hand_on(const lns::proto::Event& event,
                            const DeviceEntry& device,
                            std::string_view object) {
    // What is published may come back here (a rule that commands a device): the buffers are taken.
    Text text = std::exchange(text_, {});
    text.topic.clear();
    integration::append_event_topic(text.topic,
                                    device.destination,
                                    Eui64::from_value(event.dev_eui()),
                                    integration::event_name(event.kind_case()));
    text.payload.clear();
    integration::append_chirpstack_event(text.payload, event, device.device_info, object);
    // The entry may be gone after the first message.
    const std::string aws_target = event.has_up() ? device.expression : std::string();
    const bool to_rule = device.to_rule;
    if (!aws_target.empty() && to_rule && !sink_.has_rule(aws_target)) ++stats_.without_rule;
    text.aws_payload.clear();
    if (!aws_target.empty() && (!to_rule || sink_.has_rule(aws_target))) {
        integration::append_aws_uplink(text.aws_payload,
                                       event,
                                       {.wireless_device_id = device.wireless_device_id,
                                        .gateway_metadata = device.gateway_metadata});
    }
    sink_.publish(text.topic, text.payload);
    if (!text.aws_payload.empty() && to_rule) {
        sink_.run_rule(aws_target, text.topic, text.aws_payload);
    } else if (!text.aws_payload.empty()) {
        sink_.publish(aws_target, text.aws_payload);
    }
    text_ = std::move(text);
}

void EventDelivery::publish_log(Eui64 dev_eui,
                                lns::proto::LogEvent::Level level,
                                std::string_view code,
                                std::string_view description,
                                Instant now) {
    const DeviceEntry* device = directory_.find(dev_eui);
    if (device == nullptr) return;
    lns::proto::Event event;
    event.set_dev_eui(dev_eui.value());
    event.set_time_us(to_unix_us(now));
    event.mutable_log()->set_level(level);
    event.mutable_log()->set_code(std::string(code));
    event.mutable_log()->set_description(std::string(description));
    hand_on(event, *device, {});
}

}  // namespace helio::bridge::delivery
