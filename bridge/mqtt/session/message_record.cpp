#include "bridge/mqtt/session/message_record.h"

#include "bridge/mqtt/proto/session.pb.h"

namespace helio::bridge::mqtt {

void to_record(const MessageView& view, proto::MessageRecord& out) {
    out.set_topic(view.topic.data(), view.topic.size());
    out.set_payload(view.payload.data(), view.payload.size());
    out.set_properties(view.properties.data(), view.properties.size());
    out.set_qos(static_cast<std::uint32_t>(view.qos));
    out.set_retain(view.retain);
    if (view.expires_at != kNever) out.set_expires_at_us(to_unix_us(view.expires_at));
}

MessageView view_of(const proto::MessageRecord& record) {
    return {
        .topic = record.topic(),
        .payload = bytes_of(record.payload()),
        .properties = bytes_of(record.properties()),
        .qos = static_cast<Qos>(record.qos() & 3),
        .retain = record.retain(),
        .expires_at = record.expires_at_us() == 0 ? kNever : from_unix_us(record.expires_at_us()),
    };
}

void serialize(const MessageView& view, std::string& out) {
    proto::MessageRecord record;
    to_record(view, record);
    record.SerializeToString(&out);
}

MessagePtr parse_message(ByteView bytes) {
    proto::MessageRecord record;
    if (!record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return nullptr;
    return Message::copy_of(view_of(record));
}

}  // namespace helio::bridge::mqtt
