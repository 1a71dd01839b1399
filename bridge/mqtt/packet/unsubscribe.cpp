#include "bridge/mqtt/packet/unsubscribe.h"

namespace helio::bridge::mqtt {
namespace {

constexpr std::uint8_t kFlags = 2;

}  // namespace

Result<Unsubscribe, ReasonCode> parse_unsubscribe(const Frame& frame, Version version) {
    if (frame.flags() != kFlags) return fail(ReasonCode::malformed_packet);  // [MQTT-3.10.1-1]
    Reader r(frame.body);
    Unsubscribe out;
    out.packet_id = r.u16();
    if (out.packet_id == 0) r.fail_with(ReasonCode::protocol_error);
    if (version == Version::v5) out.properties = Properties::read(r, PropertyOwner::unsubscribe);
    if (r.failed()) return fail(r.error());
    if (r.at_end()) return fail(ReasonCode::protocol_error);  // [MQTT-3.10.3-2]
    while (!r.at_end()) out.filters.push_back(r.utf8());
    if (r.failed()) return fail(r.error());
    return out;
}

void encode_unsubscribe(const Unsubscribe& unsubscribe, Version version, Bytes& out) {
    PacketWriter packet(out, PacketType::unsubscribe, kFlags);
    put_u16(out, unsubscribe.packet_id);
    if (version == Version::v5) put_properties(out, unsubscribe.properties);
    for (const std::string_view filter : unsubscribe.filters) put_utf8(out, filter);
    packet.finish();
}

}  // namespace helio::bridge::mqtt
