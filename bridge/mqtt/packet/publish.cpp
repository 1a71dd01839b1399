#include "bridge/mqtt/packet/publish.h"

#include "bridge/mqtt/topic/topic_name.h"

namespace helio::bridge::mqtt {
namespace {

constexpr std::uint8_t kRetain = 0x01;
constexpr std::uint8_t kDup = 0x08;

}  // namespace

Result<Publish, ReasonCode> parse_publish(const Frame& frame, Version version) {
    const unsigned qos = frame.flags() >> 1 & 3;
    if (qos == 3) return fail(ReasonCode::malformed_packet);  // [MQTT-3.3.1-4]
    Publish out;
    out.qos = static_cast<Qos>(qos);
    out.dup = (frame.flags() & kDup) != 0;
    out.retain = (frame.flags() & kRetain) != 0;
    if (out.dup && qos == 0) return fail(ReasonCode::malformed_packet);  // [MQTT-3.3.1-2]

    Reader r(frame.body);
    out.topic = text_of(r.binary());
    if (qos > 0) {
        out.packet_id = r.u16();
        if (out.packet_id == 0) r.fail_with(ReasonCode::protocol_error);  // [MQTT-2.2.1-3]
    }
    if (version == Version::v5) out.properties = Properties::read(r, PropertyOwner::publish);
    out.payload = r.rest();
    if (r.failed()) return fail(r.error());

    if (out.topic.empty()) {
        // §3.3.2.1: nothing but an alias can stand for the name.
        if (out.properties.has(PropertyId::topic_alias)) return out;
        return fail(ReasonCode::protocol_error);
    }
    switch (check_topic_name(out.topic)) {
        case TopicCheck::ok:
            return out;
        case TopicCheck::not_utf8:
            return fail(ReasonCode::malformed_packet);
        default:
            return fail(ReasonCode::topic_name_invalid);
    }
}

std::size_t encode_publish_parts(const PublishParts& p, Version version, Bytes& out) {
    const bool v5 = version == Version::v5;
    std::size_t size = 2 + p.topic.size() + p.payload.size();
    if (p.qos != Qos::at_most_once) size += 2;
    if (v5) size += variable_size(p.properties.size()) + p.properties.size();

    const std::size_t start = out.size();
    out.reserve(start + 1 + variable_size(size) + size);
    unsigned first = static_cast<unsigned>(PacketType::publish) << 4;
    first |= static_cast<unsigned>(p.qos) << 1;
    if (p.dup) first |= kDup;
    if (p.retain) first |= kRetain;
    put_u8(out, static_cast<std::uint8_t>(first));
    put_variable(out, size);
    put_utf8(out, p.topic);
    std::size_t packet_id_at = 0;
    if (p.qos != Qos::at_most_once) {
        packet_id_at = out.size();
        put_u16(out, p.packet_id);
    }
    if (v5) {
        put_variable(out, p.properties.size());
        put_bytes(out, p.properties);
    }
    put_bytes(out, p.payload);
    return packet_id_at;
}

void encode_publish(const Publish& p, Version version, Bytes& out) {
    encode_publish_parts({.dup = p.dup,
                          .qos = p.qos,
                          .retain = p.retain,
                          .topic = p.topic,
                          .packet_id = p.packet_id,
                          .properties = p.properties.wire(),
                          .payload = p.payload},
                         version,
                         out);
}

}  // namespace helio::bridge::mqtt
