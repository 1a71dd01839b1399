#include "bridge/mqtt/session/message.h"

#include "bridge/mqtt/packet/utf8.h"

namespace helio::bridge::mqtt {

Message::Message(const MessageView& view)
    : topic_size_(static_cast<std::uint32_t>(view.topic.size())),
      properties_size_(static_cast<std::uint32_t>(view.properties.size())),
      qos_(view.qos),
      retain_(view.retain),
      expires_at_(view.expires_at) {
    bytes_.reserve(view.size());
    put_bytes(bytes_, bytes_of(view.topic));
    put_bytes(bytes_, view.properties);
    put_bytes(bytes_, view.payload);
}

MessagePtr Message::copy_of(const MessageView& view) { return MessagePtr(new Message(view)); }

MessageView Message::view() const {
    const ByteView all = bytes_;
    return {
        .topic = text_of(all.first(topic_size_)),
        .payload = all.subspan(topic_size_ + properties_size_),
        .properties = all.subspan(topic_size_, properties_size_),
        .qos = qos_,
        .retain = retain_,
        .expires_at = expires_at_,
    };
}

ByteView forwarded_properties(const Properties& properties, Bytes& scratch) {
    if (!properties.has(PropertyId::topic_alias) &&
        !properties.has(PropertyId::message_expiry_interval) &&
        !properties.has(PropertyId::will_delay_interval)) {
        return properties.wire();
    }
    scratch.clear();
    properties.each_raw([&](PropertyId id, ByteView bytes) {
        switch (id) {
            case PropertyId::topic_alias:
            case PropertyId::message_expiry_interval:
            case PropertyId::will_delay_interval:
                return;
            default:
                put_bytes(scratch, bytes);
        }
    });
    return scratch;
}

bool payload_is_as_said(const Properties& properties, ByteView payload) {
    const bool says_utf8 = properties.find<PropertyId::payload_format_indicator>() == 1u;
    return !says_utf8 || is_utf8(text_of(payload));
}

Instant expiry_of(const Properties& properties, Instant now) {
    const auto interval = properties.find<PropertyId::message_expiry_interval>();
    return interval ? now + std::chrono::seconds(*interval) : kNever;
}

}  // namespace helio::bridge::mqtt
