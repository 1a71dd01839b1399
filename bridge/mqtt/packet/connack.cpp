#include "bridge/mqtt/packet/connack.h"

namespace helio::bridge::mqtt {

Result<Connack, ReasonCode> parse_connack(const Frame& frame, Version version) {
    if (frame.flags() != 0) return fail(ReasonCode::malformed_packet);
    Reader r(frame.body);
    const std::uint8_t flags = r.u8();
    Connack out{.session_present = flags == 1, .code = r.u8()};
    if (version == Version::v5) out.properties = Properties::read(r, PropertyOwner::connack);
    if (r.failed()) return fail(r.error());
    const bool known = version == Version::v5 ? is_reason_code(out.code) : out.code <= 5;
    if (flags > 1 || !known || !r.at_end()) return fail(ReasonCode::malformed_packet);
    return out;
}

void encode_connack(const Connack& connack, Version version, Bytes& out) {
    PacketWriter packet(out, PacketType::connack);
    put_u8(out, connack.session_present ? 1 : 0);
    put_u8(out, connack.code);
    if (version == Version::v5) put_properties(out, connack.properties);
    packet.finish();
}

}  // namespace helio::bridge::mqtt
