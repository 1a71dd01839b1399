// The client's side of MQTT 3.1.1 and 5, without I/O: as much of it as a bridge needs (QoS 0 and
// 1).
//
//   down ─on_open─► connecting ─CONNACK─► online ─on_closed, failure─► down
//
// The owner opens and closes the transport and moves `output`; a failure is told once through
// failed(), after which the transport is to be closed.
#pragma once

#include "base/time.h"
#include "bridge/mqtt/packet/packet.h"
#include "bridge/mqtt/packet/stream_decoder.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace helio::bridge::edge {

struct ClientOptions {
    mqtt::Version version = mqtt::Version::v5;
    std::string client_id;
    std::optional<std::string> user_name;
    std::optional<std::string> password;
    std::uint16_t keep_alive_s = 60;
    std::uint32_t session_expiry_s = 86'400;  // what is on its way to us is kept so long up there
    Duration connect_timeout = std::chrono::seconds(15);
};

class UpstreamClient {
  public:
    struct Events {
        std::function<void(bool session_present, Instant)> online;
        std::function<void(const mqtt::Publish&, Instant)> message;
        std::function<void(mqtt::PacketId, mqtt::ReasonCode, Instant)> acknowledged;
    };
    struct Subscription {
        std::string filter;
        mqtt::Qos qos;
    };

    UpstreamClient(ClientOptions options, std::vector<Subscription> subscriptions, Events events);

    void on_open(Instant now);
    void on_bytes(ByteView bytes, Instant now);
    void on_closed();
    // When to call again.
    std::optional<Instant> on_time(Instant now);

    void publish(const mqtt::Publish& message, Instant now);  // while online
    void acknowledge(mqtt::PacketId id);                      // a message that came with QoS 1
    void disconnect();                                        // in good order

    bool online() const { return state_ == State::online; }
    // How many QoS 1 messages may be unacknowledged.
    std::size_t window() const { return window_; }
    std::size_t max_packet_bytes() const { return max_packet_bytes_; }
    bool allows_retain() const { return allows_retain_; }

    // To be sent; the owner takes it away.
    Bytes output;
    // Why it cannot go on; empty while it can.
    const std::string& failed() const { return failed_; }

  private:
    enum class State : std::uint8_t { down, connecting, online };

    mqtt::Next on_frame(const mqtt::Frame& frame, Instant now);
    void on_connack(const mqtt::Connack& connack, Instant now);
    void on_publish(const mqtt::Publish& message, Instant now);
    void subscribe();
    void send(const mqtt::Packet& packet, Instant now);
    void fail_with(std::string why);

    ClientOptions options_;
    std::vector<Subscription> subscriptions_;
    Events events_;
    mqtt::StreamDecoder decoder_;
    State state_ = State::down;
    std::size_t window_ = 20;
    std::size_t max_packet_bytes_ = mqtt::kMaxPacketBytes;
    bool allows_retain_ = true;
    std::chrono::seconds keep_alive_{60};
    Instant opened_at_{};
    Instant sent_at_{};
    std::optional<Instant> pinged_at_;
    std::string failed_;
};

}  // namespace helio::bridge::edge
