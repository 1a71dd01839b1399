#include "bridge/mqtt/connection.h"

#include "bridge/mqtt/packet/auth.h"
#include "bridge/mqtt/packet/ping.h"

#include <algorithm>

namespace helio::bridge::mqtt {
namespace {

// The CONNACK with everything that it may have to say: receive maximum, maximum packet size, topic
// alias maximum, and what the client's own wishes call for.
std::uint32_t largest_connack(const Connect& packet, const Limits& limits) {
    std::uint32_t size = 16;
    if (packet.client_id.empty()) size += 32;                     // one is assigned
    if (limits.max_session_expiry_s != kNeverExpires) size += 5;  // it may be shortened
    if (limits.max_keep_alive_s != 0) size += 3;
    if (limits.strict.on) size += 4;  // maximum QoS, no subscription identifiers
    return size;
}

// Type, length, packet id, property length, and a code for each filter.
std::size_t subscribe_answer_bytes(std::size_t filters) {
    const std::size_t body = 3 + filters;
    return 1 + variable_size(body) + body;
}

}  // namespace

Connection::Connection(SessionPort& core,
                       Wire& wire,
                       const Limits& limits,
                       Stats& stats,
                       ClientAddress address,
                       Instant now)
    : core_(core),
      wire_(wire),
      limits_(limits),
      stats_(stats),
      decoder_(limits.max_connect_bytes),
      id_(core.open(*this)),
      last_packet_(now),
      address_(std::make_unique<ClientAddress>(std::move(address))) {}

Connection::~Connection() {
    state_ = State::closed;
    count_kept();
}

void Connection::on_bytes(ByteView bytes, Instant now) {
    if (closed() || feeding_) return;
    stats_.bytes_received += bytes.size();
    if (is_no_connect(bytes)) return fail_with(ReasonCode::protocol_error, now);
    if (state_ == State::connecting) {
        decoder_.keep(bytes);
    } else {
        feeding_ = true;
        const auto fed =
            decoder_.feed(bytes, [&](const Frame& frame) { return on_frame(frame, now); });
        feeding_ = false;
        if (!fed) fail_with(fed.error(), now);
    }
    count_kept();
    if (counted_bytes_ != 0 && stats_.unauthenticated_bytes > limits_.max_unauthenticated_bytes) {
        ++stats_.over_unauthenticated_limit;
        fail_with(ReasonCode::server_busy, now);
    }
}

// The first byte tells: what else comes first need not be waited for [MQTT-3.1.0-1].
bool Connection::is_no_connect(ByteView bytes) const {
    return state_ == State::fresh && decoder_.kept_bytes() == 0 && !bytes.empty() &&
           bytes[0] >> 4 != static_cast<unsigned>(PacketType::connect);
}

void Connection::count_kept() {
    const bool stranger = state_ < State::connected;
    const std::size_t kept = stranger ? decoder_.kept_bytes() : 0;
    stats_.unauthenticated_bytes += kept;
    stats_.unauthenticated_bytes -= counted_bytes_;
    counted_bytes_ = static_cast<std::uint32_t>(kept);
}

Next Connection::on_frame(const Frame& frame, Instant now) {
    last_packet_ = now;
    ++stats_.packets_received;
    if (state_ == State::fresh) return on_connect(frame, now);
    if (state_ == State::negotiating) return on_negotiation(frame, now);
    const ReasonCode reason =
        frame.type() == PacketType::publish ? on_publish(frame, now) : dispatch(frame, now);
    if (is_error(reason)) fail_with(reason, now);
    return closed() ? Next::stop : Next::more;
}

Next Connection::on_connect(const Frame& frame, Instant now) {
    const auto packet = parse_connect(frame);
    if (!packet) {
        if (frame.body.size() > 6 && frame.body[6] == 5) version_ = Version::v5;
        ++stats_.protocol_errors;
        refuse(packet.error());
        core_.lost(id_, EndReason::client_error, now);
        return Next::stop;
    }
    version_ = packet->version;
    keep_alive_s_ = packet->keep_alive_s;
    const std::uint16_t keep_alive_s = keep_alive_for(*packet);
    keep_alive_changed_ = keep_alive_s != keep_alive_s_;
    keep_alive_s_ = keep_alive_s;
    client_max_packet_ =
        packet->properties.find<PropertyId::maximum_packet_size>().value_or(0xffff'ffff);
    const bool too_small =
        limits_.strict.on && client_max_packet_ < limits_.strict.min_client_packet_bytes;
    if (too_small || client_max_packet_ < largest_connack(*packet, limits_)) {  // [MQTT-3.1.2-24]
        ++stats_.connections_refused;
        refuse(ReasonCode::packet_too_large);
        core_.lost(id_, EndReason::client_error, now);
        return Next::stop;
    }
    state_ = State::connecting;
    ConnectRequest request = connect_request(*packet, std::move(*address_));
    request.keep_alive_s = keep_alive_s_;
    core_.connect(id_, std::move(request), now);
    address_.reset();
    return what_next();
}

Next Connection::what_next() const {
    if (closed()) return Next::stop;
    return state_ == State::connecting ? Next::pause : Next::more;
}

// [MQTT-3.1.2-30]: nothing but AUTH and DISCONNECT.
Next Connection::on_negotiation(const Frame& frame, Instant now) {
    if (frame.type() == PacketType::auth) {
        const auto packet = parse_auth(frame);
        if (packet) {
            state_ = State::connecting;
            core_.auth(id_, *packet, now);
            return what_next();
        }
        ++stats_.protocol_errors;
        refuse(packet.error());
    } else if (frame.type() == PacketType::disconnect) {
        end();
    } else {
        ++stats_.protocol_errors;
        refuse(ReasonCode::protocol_error);
    }
    core_.lost(id_, EndReason::client_error, now);
    return Next::stop;
}

// A client of 3.1.1 cannot be told another; AWS takes it at its own value all the same.
std::uint16_t Connection::keep_alive_for(const Connect& packet) const {
    const std::uint16_t wish = packet.keep_alive_s;
    const bool may_change = version_ == Version::v5 || limits_.strict.on;
    if (limits_.max_keep_alive_s == 0 || !may_change) return wish;
    if (wish == 0 || wish > limits_.max_keep_alive_s) return limits_.max_keep_alive_s;
    return limits_.strict.on ? std::max(wish, limits_.strict.min_keep_alive_s) : wish;
}

bool Connection::wants_bytes() const {
    return state_ != State::connecting || decoder_.kept_bytes() < limits_.max_connect_bytes;
}

ReasonCode Connection::resolve_alias(Publish& packet) {
    const auto alias = packet.properties.find<PropertyId::topic_alias>();
    if (!alias) return ReasonCode::success;
    if (*alias > limits_.topic_alias_maximum) return ReasonCode::topic_alias_invalid;
    if (!aliases_) aliases_ = std::make_unique<std::vector<std::string>>();
    if (aliases_->size() < *alias) aliases_->resize(*alias);
    std::string& topic = (*aliases_)[*alias - 1];
    if (!packet.topic.empty()) {
        topic = packet.topic;
    } else if (topic.empty()) {
        return ReasonCode::protocol_error;  // §3.3.2.3.4: never given a name
    }
    packet.topic = topic;
    return ReasonCode::success;
}

ReasonCode Connection::on_publish(const Frame& frame, Instant now) {
    auto packet = parse_publish(frame, version_);
    if (!packet) return packet.error();
    if (version_ == Version::v5) {
        const ReasonCode reason = resolve_alias(*packet);
        if (is_error(reason)) return reason;
    }
    core_.publish(id_, *packet, now);
    return ReasonCode::success;
}

ReasonCode Connection::dispatch(const Frame& frame, Instant now) {
    const auto hand_over = [](auto&& parsed, auto&& take) {
        if (!parsed) return parsed.error();
        take(*parsed);
        return ReasonCode::success;
    };
    const auto answer_fits = [&](std::size_t filters) {
        return version_ != Version::v5 || subscribe_answer_bytes(filters) <= client_max_packet_;
    };
    if (frame.type() == PacketType{}) return ReasonCode::malformed_packet;
    switch (frame.type()) {
        case PacketType::puback:
        case PacketType::pubrec:
        case PacketType::pubrel:
        case PacketType::pubcomp:
            return hand_over(parse_publish_answer(frame, version_),
                             [&](const PublishAnswer& p) { core_.answer(id_, p, now); });
        case PacketType::subscribe:
            return hand_over(parse_subscribe(frame, version_), [&](const Subscribe& p) {
                if (!answer_fits(p.entries.size())) {
                    return fail_with(ReasonCode::packet_too_large, now);
                }
                core_.subscribe(id_, p, now);
            });
        case PacketType::unsubscribe:
            return hand_over(parse_unsubscribe(frame, version_), [&](const Unsubscribe& p) {
                if (!answer_fits(p.filters.size())) {
                    return fail_with(ReasonCode::packet_too_large, now);
                }
                core_.unsubscribe(id_, p, now);
            });
        case PacketType::pingreq: {
            if (!is_ping(frame)) return ReasonCode::malformed_packet;
            Bytes out;
            encode_pingresp(out);
            write(out);
            return ReasonCode::success;
        }
        case PacketType::disconnect:
            return hand_over(parse_disconnect(frame, version_), [&](const Disconnect& p) {
                if (!client_may_say(p.reason)) return fail_with(ReasonCode::protocol_error, now);
                core_.disconnect(id_, p, now);
                if (!closed()) end();
            });
        case PacketType::auth:
            if (version_ != Version::v5) return ReasonCode::protocol_error;
            return hand_over(parse_auth(frame), [&](const Auth& p) { core_.auth(id_, p, now); });
        default:
            // A second CONNECT [MQTT-3.1.0-2], and what only a server sends.
            return ReasonCode::protocol_error;
    }
}

void Connection::on_closed(Instant now) {
    if (closed()) return;
    state_ = State::closed;
    count_kept();
    core_.lost(id_, EndReason::connection_lost, now);
}

void Connection::on_drained(Instant now) {
    if (!closed()) core_.drained(id_, now);
}

Instant Connection::deadline() const {
    switch (state_) {
        case State::fresh:
        case State::connecting:
        case State::negotiating:
            return last_packet_ + limits_.connect_timeout;
        case State::connected:
            // [MQTT-3.1.2-22]: one and a half times the interval.
            if (keep_alive_s_ != 0)
                return last_packet_ + std::chrono::seconds(keep_alive_s_) * 3 / 2;
            break;
        case State::closed:
            break;
    }
    return kNever;
}

void Connection::on_time(Instant now) {
    if (deadline() > now) return;
    if (state_ != State::connected) {
        ++stats_.connect_timeouts;
        end();
        core_.lost(id_, EndReason::keep_alive_timeout, now);
        return;
    }
    ++stats_.keep_alive_timeouts;
    say_why(ReasonCode::keep_alive_timeout);
    end();
    core_.lost(id_, EndReason::keep_alive_timeout, now);
}

void Connection::shut_down(Instant now) {
    if (closed()) return;
    if (state_ == State::connected) say_why(ReasonCode::server_shutting_down);
    end();
    core_.lost(id_, EndReason::server_initiated, now);
}

void Connection::fail_with(ReasonCode reason, Instant now) {
    if (closed()) return;
    ++stats_.protocol_errors;
    if (state_ == State::connected) say_why(reason);
    end();
    core_.lost(id_, end_reason_of(reason), now);
}

}  // namespace helio::bridge::mqtt
