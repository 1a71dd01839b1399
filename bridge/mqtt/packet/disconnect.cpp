#include "bridge/mqtt/packet/disconnect.h"

namespace helio::bridge::mqtt {

Result<Disconnect, ReasonCode> parse_disconnect(const Frame& frame, Version version) {
    if (frame.flags() != 0) return fail(ReasonCode::malformed_packet);  // [MQTT-3.14.1-1]
    Reader r(frame.body);
    Disconnect out;
    if (version == Version::v5 && !r.at_end()) {
        const std::uint8_t reason = r.u8();
        if (!is_reason_code(reason)) return fail(ReasonCode::malformed_packet);
        out.reason = static_cast<ReasonCode>(reason);
        if (!r.at_end()) out.properties = Properties::read(r, PropertyOwner::disconnect);
    }
    if (r.failed()) return fail(r.error());
    if (!r.at_end()) return fail(ReasonCode::malformed_packet);
    return out;
}

bool client_may_say(ReasonCode reason) {
    switch (reason) {
        case ReasonCode::success:
        case ReasonCode::disconnect_with_will:
        case ReasonCode::unspecified_error:
        case ReasonCode::malformed_packet:
        case ReasonCode::protocol_error:
        case ReasonCode::implementation_specific_error:
        case ReasonCode::topic_name_invalid:
        case ReasonCode::receive_maximum_exceeded:
        case ReasonCode::topic_alias_invalid:
        case ReasonCode::packet_too_large:
        case ReasonCode::message_rate_too_high:
        case ReasonCode::quota_exceeded:
        case ReasonCode::administrative_action:
        case ReasonCode::payload_format_invalid:
            return true;
        default:
            return false;
    }
}

void encode_disconnect(const Disconnect& disconnect, Version version, Bytes& out) {
    PacketWriter packet(out, PacketType::disconnect);
    const bool bare = disconnect.reason == ReasonCode::success && disconnect.properties.empty();
    if (version == Version::v5 && !bare) {
        put_u8(out, static_cast<std::uint8_t>(disconnect.reason));
        if (!disconnect.properties.empty()) put_properties(out, disconnect.properties);
    }
    packet.finish();
}

}  // namespace helio::bridge::mqtt
