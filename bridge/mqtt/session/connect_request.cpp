#include "bridge/mqtt/session/connect_request.h"

#include "bridge/mqtt/session/limits.h"

namespace helio::bridge::mqtt {
namespace {

Will will_of(const WillFields& fields) {
    Bytes scratch;
    const Properties& properties = fields.properties;
    return {
        .message = Message::copy_of({.topic = fields.topic,
                                     .payload = fields.payload,
                                     .properties = forwarded_properties(properties, scratch),
                                     .qos = fields.qos,
                                     .retain = fields.retain}),
        .expiry_s = properties.find<PropertyId::message_expiry_interval>(),
        .delay_s = properties.find<PropertyId::will_delay_interval>().value_or(0),
    };
}

}  // namespace

ConnectRequest connect_request(const Connect& packet, ClientAddress address) {
    const Properties& properties = packet.properties;
    ConnectRequest out{
        .version = packet.version,
        .client_id = std::string(packet.client_id),
        .clean_start = packet.clean_start,
        .keep_alive_s = packet.keep_alive_s,
        .address = std::move(address),
    };
    if (packet.version == Version::v5) {
        out.session_expiry_s = properties.find<PropertyId::session_expiry_interval>().value_or(0);
        out.receive_maximum = static_cast<std::uint16_t>(
            properties.find<PropertyId::receive_maximum>().value_or(0xffff));
    } else {
        // 3.1.1 knows two kinds of session: for one connection, or without end.
        out.session_expiry_s = packet.clean_start ? 0 : kNeverExpires;
    }
    if (packet.user_name) out.user_name = std::string(*packet.user_name);
    if (packet.password) out.password = Bytes(packet.password->begin(), packet.password->end());
    if (const auto method = properties.find<PropertyId::authentication_method>()) {
        out.authentication_method = std::string(*method);
        const ByteView data =
            properties.find<PropertyId::authentication_data>().value_or(ByteView{});
        out.authentication_data.assign(data.begin(), data.end());
    }
    if (packet.will) out.will = will_of(*packet.will);
    return out;
}

}  // namespace helio::bridge::mqtt
