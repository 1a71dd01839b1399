#include "bridge/mqtt/packet/packet.h"

namespace helio::bridge::mqtt {
namespace {

template <class T>
Result<Packet, ReasonCode> any(Result<T, ReasonCode>&& parsed) {
    if (!parsed) return fail(parsed.error());
    return Packet(std::move(*parsed));
}

struct Encoder {
    Version version;
    Bytes& out;
    void operator()(const Connect& p) const { encode_connect(p, out); }
    void operator()(const Connack& p) const { encode_connack(p, version, out); }
    void operator()(const Publish& p) const { encode_publish(p, version, out); }
    void operator()(const PublishAnswer& p) const { encode_publish_answer(p, version, out); }
    void operator()(const Subscribe& p) const { encode_subscribe(p, version, out); }
    void operator()(const Suback& p) const { encode_suback(p, version, out); }
    void operator()(const Unsubscribe& p) const { encode_unsubscribe(p, version, out); }
    void operator()(const Unsuback& p) const { encode_unsuback(p, version, out); }
    void operator()(const Pingreq&) const { encode_pingreq(out); }
    void operator()(const Pingresp&) const { encode_pingresp(out); }
    void operator()(const Disconnect& p) const { encode_disconnect(p, version, out); }
    void operator()(const Auth& p) const { encode_auth(p, out); }
};

}  // namespace

Result<Packet, ReasonCode> parse_packet(const Frame& frame, Version version) {
    switch (frame.type()) {
        case PacketType::connect:
            return any(parse_connect(frame));
        case PacketType::connack:
            return any(parse_connack(frame, version));
        case PacketType::publish:
            return any(parse_publish(frame, version));
        case PacketType::puback:
        case PacketType::pubrec:
        case PacketType::pubrel:
        case PacketType::pubcomp:
            return any(parse_publish_answer(frame, version));
        case PacketType::subscribe:
            return any(parse_subscribe(frame, version));
        case PacketType::suback:
            return any(parse_suback(frame, version));
        case PacketType::unsubscribe:
            return any(parse_unsubscribe(frame, version));
        case PacketType::unsuback:
            return any(parse_unsuback(frame, version));
        case PacketType::pingreq:
            if (is_ping(frame)) return Packet(Pingreq{});
            break;
        case PacketType::pingresp:
            if (is_ping(frame)) return Packet(Pingresp{});
            break;
        case PacketType::disconnect:
            return any(parse_disconnect(frame, version));
        case PacketType::auth:
            if (version == Version::v5) return any(parse_auth(frame));
            break;
    }
    return fail(ReasonCode::malformed_packet);
}

void encode_packet(const Packet& packet, Version version, Bytes& out) {
    std::visit(Encoder{version, out}, packet);
}

}  // namespace helio::bridge::mqtt
