#include "bridge/mqtt/packet/suback.h"

namespace helio::bridge::mqtt {

Result<Suback, ReasonCode> parse_suback(const Frame& frame, Version version) {
    if (frame.flags() != 0) return fail(ReasonCode::malformed_packet);
    Reader r(frame.body);
    Suback out;
    out.packet_id = r.u16();
    if (version == Version::v5) out.properties = Properties::read(r, PropertyOwner::suback);
    while (!r.failed() && !r.at_end()) {
        const std::uint8_t code = r.u8();
        if (!is_reason_code(code)) r.fail_with(ReasonCode::malformed_packet);
        out.codes.push_back(static_cast<ReasonCode>(code));
    }
    if (r.failed()) return fail(r.error());
    if (out.packet_id == 0 || out.codes.empty()) return fail(ReasonCode::protocol_error);
    return out;
}

void encode_suback(const Suback& suback, Version version, Bytes& out) {
    PacketWriter packet(out, PacketType::suback);
    put_u16(out, suback.packet_id);
    if (version == Version::v5) put_properties(out, suback.properties);
    for (const ReasonCode code : suback.codes) {
        const bool plain_failure = version == Version::v3_1_1 && is_error(code);
        put_u8(out,
               static_cast<std::uint8_t>(plain_failure ? ReasonCode::unspecified_error : code));
    }
    packet.finish();
}

}  // namespace helio::bridge::mqtt
