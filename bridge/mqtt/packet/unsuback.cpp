#include "bridge/mqtt/packet/unsuback.h"

namespace helio::bridge::mqtt {

Result<Unsuback, ReasonCode> parse_unsuback(const Frame& frame, Version version) {
    if (frame.flags() != 0) return fail(ReasonCode::malformed_packet);
    Reader r(frame.body);
    Unsuback out;
    out.packet_id = r.u16();
    if (version == Version::v5) {
        out.properties = Properties::read(r, PropertyOwner::unsuback);
        while (!r.failed() && !r.at_end()) {
            const std::uint8_t code = r.u8();
            if (!is_reason_code(code)) r.fail_with(ReasonCode::malformed_packet);
            out.codes.push_back(static_cast<ReasonCode>(code));
        }
    }
    if (r.failed()) return fail(r.error());
    if (!r.at_end()) return fail(ReasonCode::malformed_packet);
    if (out.packet_id == 0) return fail(ReasonCode::protocol_error);
    return out;
}

void encode_unsuback(const Unsuback& unsuback, Version version, Bytes& out) {
    PacketWriter packet(out, PacketType::unsuback);
    put_u16(out, unsuback.packet_id);
    if (version == Version::v5) {
        put_properties(out, unsuback.properties);
        for (const ReasonCode code : unsuback.codes) put_u8(out, static_cast<std::uint8_t>(code));
    }
    packet.finish();
}

}  // namespace helio::bridge::mqtt
