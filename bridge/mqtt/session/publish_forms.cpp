#include "bridge/mqtt/session/publish_forms.h"

#include "bridge/mqtt/packet/publish.h"

#include <algorithm>

namespace helio::bridge::mqtt {
namespace {

// A form that was once large does not stay so.
constexpr std::size_t kKeptBytes = 64u << 10;

}  // namespace

void PublishForms::start(const MessageView& message, Instant now) {
    message_ = message;
    now_ = now;
    made_ = 0;
}

ByteView PublishForms::encode(const PublishForm& form) {
    Encoded* encoded = &own_;
    if (form.dup || (form.version == Version::v5 && !form.identifiers.empty())) {
        make(form, own_);
    } else {
        const unsigned index = (form.version == Version::v5 ? 6u : 0u) +
                               static_cast<unsigned>(form.qos) * 2 + (form.retain ? 1u : 0u);
        encoded = &shared_[index];
        if ((made_ & 1u << index) == 0) {
            make(form, *encoded);
            made_ |= 1u << index;
        }
    }
    if (encoded->packet_id_at != 0) {
        encoded->bytes[encoded->packet_id_at] = static_cast<std::uint8_t>(form.packet_id >> 8);
        encoded->bytes[encoded->packet_id_at + 1] = static_cast<std::uint8_t>(form.packet_id);
    }
    return encoded->bytes;
}

void PublishForms::make(const PublishForm& form, Encoded& out) {
    ByteView properties = message_.properties;
    const bool expires = message_.expires_at != kNever;
    if (form.version == Version::v5 && (expires || !form.identifiers.empty())) {
        properties_.assign(properties.begin(), properties.end());
        if (expires) {
            // §3.3.2.3.3: less the time that it has waited here.
            const auto left = std::chrono::ceil<std::chrono::seconds>(message_.expires_at - now_);
            put_u8(properties_, static_cast<std::uint8_t>(PropertyId::message_expiry_interval));
            put_u32(properties_,
                    static_cast<std::uint32_t>(std::max<std::int64_t>(left.count(), 0)));
        }
        for (const std::uint32_t identifier : form.identifiers) {
            put_u8(properties_, static_cast<std::uint8_t>(PropertyId::subscription_identifier));
            put_variable(properties_, identifier);
        }
        properties = properties_;
    }
    if (out.bytes.capacity() > kKeptBytes) out.bytes = {};
    out.bytes.clear();
    out.packet_id_at = encode_publish_parts({.dup = form.dup,
                                             .qos = form.qos,
                                             .retain = form.retain,
                                             .topic = message_.topic,
                                             .properties = properties,
                                             .payload = message_.payload},
                                            form.version,
                                            out.bytes);
}

}  // namespace helio::bridge::mqtt
