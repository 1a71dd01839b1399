// What a connection says to its client: answers, messages, and why it ends.
#include "bridge/mqtt/connection.h"
#include "bridge/mqtt/packet/auth.h"
#include "bridge/mqtt/packet/connack.h"
#include "bridge/mqtt/packet/suback.h"
#include "bridge/mqtt/packet/unsuback.h"

namespace helio::bridge::mqtt {

void Connection::close(ReasonCode reason) {
    if (closed()) return;
    if (state_ == State::connected) say_why(reason);
    end();
}

// What is held is not written any more: it was about something that is not on disk yet.
void Connection::end() {
    state_ = State::closed;
    count_kept();
    if (held_) held_->clear();
    aliases_.reset();
    wire_.end();
}

void Connection::say_why(ReasonCode reason) {
    if (version_ != Version::v5 || held_) return;
    Bytes out;
    encode_disconnect({.reason = reason}, version_, out);
    write(out);
}

// A CONNACK with an error; 3.1.1 has few of them, and where it has none it is silence.
void Connection::refuse(ReasonCode reason) {
    Bytes out;
    if (version_ == Version::v5) {
        encode_connack({.code = static_cast<std::uint8_t>(reason)}, version_, out);
        if (out.size() > client_max_packet_) out.clear();
    } else if (const auto code = connect_return_code_3_1_1(reason)) {
        encode_connack({.code = *code}, version_, out);
    }
    if (!out.empty()) write(out);
    end();
}

void Connection::connect_reply(const ConnectReply& reply) {
    if (state_ != State::connecting) return;
    if (is_error(reply.reason)) return refuse(reply.reason);
    state_ = State::connected;
    count_kept();
    decoder_.set_max_bytes(limits_.max_packet_bytes);

    PropertyList properties;
    properties.add<PropertyId::receive_maximum>(limits_.receive_maximum)
        .add<PropertyId::maximum_packet_size>(static_cast<std::uint32_t>(limits_.max_packet_bytes))
        .add<PropertyId::topic_alias_maximum>(limits_.topic_alias_maximum);
    if (limits_.strict.on) {
        properties.add<PropertyId::maximum_qos>(1)
            .add<PropertyId::subscription_identifier_available>(0);
    }
    if (reply.session_expiry_changed) {
        properties.add<PropertyId::session_expiry_interval>(reply.session_expiry_s);
    }
    if (!reply.assigned_client_id.empty()) {
        properties.add<PropertyId::assigned_client_identifier>(reply.assigned_client_id);
    }
    if (!reply.authentication_method.empty()) {
        properties.add<PropertyId::authentication_method>(reply.authentication_method);
        if (!reply.authentication_data.empty()) {
            properties.add<PropertyId::authentication_data>(reply.authentication_data);
        }
    }
    if (keep_alive_changed_ && version_ == Version::v5)
        properties.add<PropertyId::server_keep_alive>(keep_alive_s_);
    Bytes out;
    encode_connack(
        {.session_present = reply.session_present, .properties = properties.view()}, version_, out);
    write(out);
    if (!feeding_) wire_.wake();
}

bool Connection::publish(PublishForms& forms, const Delivery& delivery) {
    const ByteView bytes = forms.encode({.version = version_,
                                         .qos = delivery.qos,
                                         .retain = delivery.retain,
                                         .dup = delivery.dup,
                                         .packet_id = delivery.packet_id,
                                         .identifiers = delivery.identifiers});
    if (bytes.size() > client_max_packet_) return false;
    write(bytes);
    return true;
}

void Connection::answer(PacketType type, PacketId id, ReasonCode reason) {
    ShortAnswer out;
    write(encode_short_answer(type, id, reason, version_, out));
}

void Connection::suback(PacketId id, std::span<const ReasonCode> codes) {
    Bytes out;
    encode_suback({.packet_id = id, .codes = {codes.begin(), codes.end()}}, version_, out);
    write(out);
}

void Connection::unsuback(PacketId id, std::span<const ReasonCode> codes) {
    Bytes out;
    encode_unsuback({.packet_id = id, .codes = {codes.begin(), codes.end()}}, version_, out);
    write(out);
}

bool Connection::auth(ReasonCode reason, std::string_view method, ByteView data) {
    PropertyList properties;
    properties.add<PropertyId::authentication_method>(method);
    if (!data.empty()) properties.add<PropertyId::authentication_data>(data);
    Bytes out;
    encode_auth({.reason = reason, .properties = properties.view()}, out);
    if (out.size() > client_max_packet_) return false;
    write(out);
    if (state_ == State::connecting) {
        state_ = State::negotiating;
        if (!feeding_) wire_.wake();
    }
    return true;
}

void Connection::hold() {
    if (!held_) held_ = std::make_unique<Bytes>();
}

void Connection::release() {
    const std::unique_ptr<Bytes> held = std::move(held_);
    if (!closed() && held && !held->empty()) wire_.write(*held);
}

std::size_t Connection::queued_bytes() const {
    return held_ ? held_->size() : wire_.queued_bytes();
}

void Connection::write(ByteView bytes) {
    ++stats_.packets_sent;
    stats_.bytes_sent += bytes.size();
    if (held_) {
        held_->insert(held_->end(), bytes.begin(), bytes.end());
    } else {
        wire_.write(bytes);
    }
}

}  // namespace helio::bridge::mqtt
