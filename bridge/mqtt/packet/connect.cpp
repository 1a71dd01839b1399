#include "bridge/mqtt/packet/connect.h"

namespace helio::bridge::mqtt {
namespace {

// §3.1.2.3
enum ConnectFlag : std::uint8_t {
    reserved = 0x01,
    clean_start = 0x02,
    will = 0x04,
    will_retain = 0x20,
    password = 0x40,
    user_name = 0x80,
};
constexpr unsigned kWillQosShift = 3;

bool flags_are_sound(std::uint8_t flags, Version version) {
    if ((flags & reserved) != 0) return false;  // [MQTT-3.1.2-3]
    const unsigned qos = flags >> kWillQosShift & 3;
    if (qos == 3) return false;  // [MQTT-3.1.2-12]
    if ((flags & will) == 0 && (qos != 0 || (flags & will_retain) != 0)) return false;
    // MQTT 3.1.1 [MQTT-3.1.2-22]; MQTT 5 lifted it.
    return version == Version::v5 || (flags & user_name) != 0 || (flags & password) == 0;
}

// The version, or an error left in the reader.
Version read_protocol(Reader& r) {
    const std::string_view name = r.utf8();
    const std::uint8_t level = r.u8();
    if (r.failed()) return {};
    if (name != "MQTT" || (level != 4 && level != 5)) {
        r.fail_with(ReasonCode::unsupported_protocol_version);
    }
    return static_cast<Version>(level);
}

WillFields read_will(Reader& r, std::uint8_t flags, Version version) {
    WillFields out;
    out.qos = static_cast<Qos>(flags >> kWillQosShift & 3);
    out.retain = (flags & will_retain) != 0;
    if (version == Version::v5) out.properties = Properties::read(r, PropertyOwner::will);
    out.topic = r.utf8();
    out.payload = r.binary();
    if (r.failed()) return out;
    if (out.topic.empty() || out.topic.find_first_of("+#") != std::string_view::npos) {
        r.fail_with(ReasonCode::topic_name_invalid);
    }
    return out;
}

}  // namespace

Result<Connect, ReasonCode> parse_connect(const Frame& frame) {
    if (frame.flags() != 0) return fail(ReasonCode::malformed_packet);
    Reader r(frame.body);
    Connect out;
    out.version = read_protocol(r);
    const std::uint8_t flags = r.u8();
    out.keep_alive_s = r.u16();
    if (r.failed()) return fail(r.error());
    if (!flags_are_sound(flags, out.version)) return fail(ReasonCode::malformed_packet);
    out.clean_start = (flags & clean_start) != 0;
    if (out.version == Version::v5) out.properties = Properties::read(r, PropertyOwner::connect);
    out.client_id = r.utf8();
    if ((flags & will) != 0) out.will = read_will(r, flags, out.version);
    if ((flags & user_name) != 0) out.user_name = r.utf8();
    if ((flags & password) != 0) out.password = r.binary();
    if (r.failed()) return fail(r.error());
    if (!r.at_end()) return fail(ReasonCode::malformed_packet);
    if (out.properties.has(PropertyId::authentication_data) &&
        !out.properties.has(PropertyId::authentication_method)) {
        return fail(ReasonCode::protocol_error);  // §3.1.2.11.10
    }
    return out;
}

void encode_connect(const Connect& c, Bytes& out) {
    PacketWriter packet(out, PacketType::connect);
    put_utf8(out, "MQTT");
    put_u8(out, static_cast<std::uint8_t>(c.version));
    unsigned flags = 0;
    if (c.clean_start) flags |= clean_start;
    if (c.will) {
        flags |= will | static_cast<unsigned>(c.will->qos) << kWillQosShift;
        if (c.will->retain) flags |= will_retain;
    }
    if (c.user_name) flags |= user_name;
    if (c.password) flags |= password;
    put_u8(out, static_cast<std::uint8_t>(flags));
    put_u16(out, c.keep_alive_s);
    if (c.version == Version::v5) put_properties(out, c.properties);
    put_utf8(out, c.client_id);
    if (c.will) {
        if (c.version == Version::v5) put_properties(out, c.will->properties);
        put_utf8(out, c.will->topic);
        put_binary(out, c.will->payload);
    }
    if (c.user_name) put_utf8(out, *c.user_name);
    if (c.password) put_binary(out, *c.password);
    packet.finish();
}

}  // namespace helio::bridge::mqtt
