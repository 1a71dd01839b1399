#include "bridge/mqtt/packet/auth.h"

namespace helio::bridge::mqtt {

Result<Auth, ReasonCode> parse_auth(const Frame& frame) {
    if (frame.flags() != 0) return fail(ReasonCode::malformed_packet);  // [MQTT-3.15.1-1]
    Reader r(frame.body);
    Auth out;
    if (r.at_end()) return out;
    out.reason = static_cast<ReasonCode>(r.u8());
    if (!r.at_end()) out.properties = Properties::read(r, PropertyOwner::auth);
    if (r.failed()) return fail(r.error());
    if (!r.at_end()) return fail(ReasonCode::malformed_packet);
    switch (out.reason) {
        case ReasonCode::success:
        case ReasonCode::continue_authentication:
        case ReasonCode::re_authenticate:
            break;
        default:
            return fail(ReasonCode::protocol_error);  // [MQTT-3.15.2-1]
    }
    if (out.properties.has(PropertyId::authentication_data) &&
        !out.properties.has(PropertyId::authentication_method)) {
        return fail(ReasonCode::protocol_error);
    }
    return out;
}

void encode_auth(const Auth& auth, Bytes& out) {
    PacketWriter packet(out, PacketType::auth);
    if (auth.reason != ReasonCode::success || !auth.properties.empty()) {
        put_u8(out, static_cast<std::uint8_t>(auth.reason));
        put_properties(out, auth.properties);
    }
    packet.finish();
}

}  // namespace helio::bridge::mqtt
