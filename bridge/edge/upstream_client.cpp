#include "bridge/edge/upstream_client.h"

namespace helio::bridge::edge {
namespace {

using mqtt::PropertyId;

constexpr std::size_t kMaxIncoming = 4u << 20;
constexpr std::uint16_t kReceiveMaximum = 100;
constexpr std::size_t kMaxWindow = 100;
constexpr std::size_t kWindowOf311 = 20;

}  // namespace

UpstreamClient::UpstreamClient(ClientOptions options,
                               std::vector<Subscription> subscriptions,
                               Events events)
    : options_(std::move(options)),
      subscriptions_(std::move(subscriptions)),
      events_(std::move(events)),
      decoder_(kMaxIncoming) {}

void UpstreamClient::send(const mqtt::Packet& packet, Instant now) {
    mqtt::encode_packet(packet, options_.version, output);
    sent_at_ = now;
}

void UpstreamClient::fail_with(std::string why) {
    if (failed_.empty()) failed_ = std::move(why);
    state_ = State::down;
}

void UpstreamClient::on_open(Instant now) {
    decoder_ = mqtt::StreamDecoder(kMaxIncoming);
    failed_.clear();
    output.clear();
    pinged_at_.reset();
    state_ = State::connecting;
    opened_at_ = now;
    keep_alive_ = std::chrono::seconds(options_.keep_alive_s);
    mqtt::PropertyList properties;
    if (options_.version == mqtt::Version::v5) {
        properties.add<PropertyId::session_expiry_interval>(options_.session_expiry_s);
        properties.add<PropertyId::receive_maximum>(kReceiveMaximum);
    }
    mqtt::Connect connect{.version = options_.version,
                          .client_id = options_.client_id,
                          .clean_start = false,
                          .keep_alive_s = options_.keep_alive_s,
                          .properties = properties.view()};
    if (options_.user_name) connect.user_name = *options_.user_name;
    if (options_.password) connect.password = bytes_of(*options_.password);
    send(connect, now);
}

void UpstreamClient::on_closed() {
    state_ = State::down;
    failed_.clear();
    output.clear();
}

void UpstreamClient::on_bytes(ByteView bytes, Instant now) {
    if (state_ == State::down) return;
    const auto fed =
        decoder_.feed(bytes, [&](const mqtt::Frame& frame) { return on_frame(frame, now); });
    if (!fed) fail_with("the other side sent what is no MQTT");
}

mqtt::Next UpstreamClient::on_frame(const mqtt::Frame& frame, Instant now) {
    const auto packet = mqtt::parse_packet(frame, options_.version);
    if (!packet) {
        fail_with("the other side sent a malformed packet");
        return mqtt::Next::stop;
    }
    if (const auto* connack = std::get_if<mqtt::Connack>(&*packet)) {
        on_connack(*connack, now);
    } else if (state_ != State::online) {
        fail_with("the other side sent a packet before its CONNACK");
    } else if (const auto* message = std::get_if<mqtt::Publish>(&*packet)) {
        on_publish(*message, now);
    } else if (const auto* answer = std::get_if<mqtt::PublishAnswer>(&*packet)) {
        if (answer->type == mqtt::PacketType::puback) {
            events_.acknowledged(answer->packet_id, answer->reason, now);
        }
    } else if (const auto* suback = std::get_if<mqtt::Suback>(&*packet)) {
        for (const mqtt::ReasonCode code : suback->codes) {
            if (static_cast<std::uint8_t>(code) >= 0x80) fail_with("a subscription was refused");
        }
    } else if (std::holds_alternative<mqtt::Pingresp>(*packet)) {
        pinged_at_.reset();
    } else if (std::holds_alternative<mqtt::Disconnect>(*packet)) {
        fail_with("the other side disconnected");
    }
    return state_ == State::down ? mqtt::Next::stop : mqtt::Next::more;
}

void UpstreamClient::on_connack(const mqtt::Connack& connack, Instant now) {
    if (state_ != State::connecting) return fail_with("the other side sent a second CONNACK");
    if (connack.code != 0) {
        return fail_with("the other side refused the connection with code " +
                         std::to_string(connack.code));
    }
    const mqtt::Properties& properties = connack.properties;
    const bool v5 = options_.version == mqtt::Version::v5;
    window_ = v5 ? std::min<std::size_t>(
                       properties.find<PropertyId::receive_maximum>().value_or(0xffff), kMaxWindow)
                 : kWindowOf311;
    max_packet_bytes_ = properties.find<PropertyId::maximum_packet_size>().value_or(
        static_cast<std::uint32_t>(mqtt::kMaxPacketBytes));
    allows_retain_ = properties.find<PropertyId::retain_available>().value_or(1) != 0;
    if (const auto seconds = properties.find<PropertyId::server_keep_alive>()) {
        keep_alive_ = std::chrono::seconds(*seconds);
    }
    state_ = State::online;
    sent_at_ = now;
    subscribe();
    events_.online(connack.session_present, now);
}

// One SUBSCRIBE a filter: some brokers take only a few in one.
void UpstreamClient::subscribe() {
    mqtt::PacketId id = 0xf000;  // far from the ids of messages, see Upstream
    for (const Subscription& one : subscriptions_) {
        mqtt::Subscribe packet{.packet_id = id++};
        packet.entries.push_back(
            {.filter = one.filter,
             .options = {.qos = one.qos,
                         .no_local = options_.version == mqtt::Version::v5,
                         .retain_as_published = options_.version == mqtt::Version::v5,
                         .retain_handling = mqtt::RetainHandling::send_if_new}});
        if (options_.version != mqtt::Version::v5) packet.entries[0].options = {.qos = one.qos};
        send(packet, sent_at_);
    }
}

void UpstreamClient::on_publish(const mqtt::Publish& message, Instant now) {
    if (message.qos == mqtt::Qos::exactly_once || message.topic.empty()) {
        return fail_with("the other side sent what was not asked for (QoS 2 or a topic alias)");
    }
    events_.message(message, now);
}

void UpstreamClient::publish(const mqtt::Publish& message, Instant now) { send(message, now); }

void UpstreamClient::acknowledge(mqtt::PacketId id) {
    if (!online()) return;
    send(mqtt::PublishAnswer{.type = mqtt::PacketType::puback, .packet_id = id}, sent_at_);
}

void UpstreamClient::disconnect() {
    if (online()) send(mqtt::Disconnect{}, sent_at_);
    state_ = State::down;
}

std::optional<Instant> UpstreamClient::on_time(Instant now) {
    if (state_ == State::connecting) {
        if (now - opened_at_ < options_.connect_timeout)
            return opened_at_ + options_.connect_timeout;
        fail_with("the other side did not answer the CONNECT");
    }
    if (state_ != State::online || keep_alive_.count() == 0) return std::nullopt;
    if (pinged_at_ && now - *pinged_at_ >= keep_alive_) {
        fail_with("the other side is silent");
        return std::nullopt;
    }
    // Half of it, so that one delay on the way does no harm.
    if (!pinged_at_ && now - sent_at_ >= keep_alive_ / 2) {
        send(mqtt::Pingreq{}, now);
        pinged_at_ = now;
    }
    return pinged_at_ ? *pinged_at_ + keep_alive_ : sent_at_ + keep_alive_ / 2;
}

}  // namespace helio::bridge::edge
