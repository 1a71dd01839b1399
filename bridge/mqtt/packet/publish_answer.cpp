#include "bridge/mqtt/packet/publish_answer.h"

namespace helio::bridge::mqtt {
namespace {

constexpr std::uint8_t flags_of(PacketType type) { return type == PacketType::pubrel ? 2 : 0; }

constexpr PropertyOwner owner_of(PacketType type) {
    switch (type) {
        case PacketType::pubrec:
            return PropertyOwner::pubrec;
        case PacketType::pubrel:
            return PropertyOwner::pubrel;
        case PacketType::pubcomp:
            return PropertyOwner::pubcomp;
        default:
            return PropertyOwner::puback;
    }
}

// §3.4.2.1, §3.5.2.1 for what answers a PUBLISH; §3.6.2.1, §3.7.2.1 for the second half of QoS 2.
bool may_carry(PacketType type, ReasonCode reason) {
    if (type == PacketType::pubrel || type == PacketType::pubcomp) {
        return reason == ReasonCode::success || reason == ReasonCode::packet_identifier_not_found;
    }
    switch (reason) {
        case ReasonCode::success:
        case ReasonCode::no_matching_subscribers:
        case ReasonCode::unspecified_error:
        case ReasonCode::implementation_specific_error:
        case ReasonCode::not_authorized:
        case ReasonCode::topic_name_invalid:
        case ReasonCode::packet_identifier_in_use:
        case ReasonCode::quota_exceeded:
        case ReasonCode::payload_format_invalid:
            return true;
        default:
            return false;
    }
}

}  // namespace

Result<PublishAnswer, ReasonCode> parse_publish_answer(const Frame& frame, Version version) {
    const PacketType type = frame.type();
    if (frame.flags() != flags_of(type)) return fail(ReasonCode::malformed_packet);
    Reader r(frame.body);
    PublishAnswer out{.type = type, .packet_id = r.u16()};
    if (version == Version::v5 && !r.at_end()) {
        out.reason = static_cast<ReasonCode>(r.u8());
        if (!r.at_end()) out.properties = Properties::read(r, owner_of(type));
    }
    if (r.failed()) return fail(r.error());
    if (!r.at_end()) return fail(ReasonCode::malformed_packet);
    if (out.packet_id == 0) return fail(ReasonCode::protocol_error);
    if (!may_carry(type, out.reason)) return fail(ReasonCode::protocol_error);
    return out;
}

ByteView encode_short_answer(
    PacketType type, PacketId packet_id, ReasonCode reason, Version version, ShortAnswer& out) {
    const bool bare = version == Version::v3_1_1 || reason == ReasonCode::success;
    out = {static_cast<std::uint8_t>(static_cast<unsigned>(type) << 4 | flags_of(type)),
           static_cast<std::uint8_t>(bare ? 2 : 3),
           static_cast<std::uint8_t>(packet_id >> 8),
           static_cast<std::uint8_t>(packet_id),
           static_cast<std::uint8_t>(reason)};
    return ByteView(out).first(bare ? 4 : 5);
}

void encode_publish_answer(const PublishAnswer& answer, Version version, Bytes& out) {
    if (version == Version::v3_1_1 || answer.properties.empty()) {
        ShortAnswer bytes;
        put_bytes(
            out, encode_short_answer(answer.type, answer.packet_id, answer.reason, version, bytes));
        return;
    }
    PacketWriter packet(out, answer.type, flags_of(answer.type));
    put_u16(out, answer.packet_id);
    put_u8(out, static_cast<std::uint8_t>(answer.reason));
    put_properties(out, answer.properties);
    packet.finish();
}

}  // namespace helio::bridge::mqtt
