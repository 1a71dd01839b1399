// One bridge to an upstream broker, without I/O: what goes up is stored and sent as fast as the
// other side and the rate allow, what comes down is published here; the connection is opened again
// when it is lost.
//
//   waiting ─time─► open() ─on_open─► CONNECT ... online ─lost─► waiting, twice as long, with
//   jitter
//
// A message never goes back to where it came from: what came from this upstream is not sent to it;
// in MQTT 5 it asks for no echo and signs a user property of what goes up and of what comes down,
// so that rings of servers end, too, also where another broker bridges back to this one; in 3.1.1
// an echo is known by its digest, and rings are the owner's care.
#pragma once

#include "bridge/edge/forward_queue.h"
#include "bridge/edge/topic_map.h"
#include "bridge/edge/upstream_client.h"
#include "bridge/mqtt/broker.h"
#include "crypto/random.h"

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace helio::bridge::edge {

struct UpstreamOptions {
    std::string name;
    std::string server_id;  // of this server, as it signs messages that pass
    ClientOptions client;
    std::vector<TopicMap> maps;
    std::size_t queue_bytes = 256u << 20;
    AtBound at_bound = AtBound::drop_oldest;
    double messages_per_second = 1000;  // of the queue, on their way up
    Duration first_delay = std::chrono::seconds(1);
    Duration max_delay = std::chrono::seconds(60);
};

// Where a message of this server came from: what another bridge has brought is already signed.
enum class Origin : std::uint8_t { client, upstream };

// The transport.  After close() no call comes for that connection any more.
class UpstreamPort {
  public:
    virtual ~UpstreamPort() = default;
    virtual void open() = 0;
    virtual void send(ByteView bytes) = 0;
    virtual void close() = 0;
};

class Upstream {
  public:
    struct Stats {
        std::uint64_t sent = 0;  // also again
        std::uint64_t acknowledged = 0;
        std::uint64_t refused = 0;  // by the other side, which will not have them
        std::uint64_t received = 0;
        std::uint64_t dropped_offline = 0;    // QoS 0, and nobody there
        std::uint64_t dropped_too_large = 0;  // for the other side
        std::uint64_t loops = 0;              // came back, or had been here before
        std::uint64_t unmapped = 0;           // came on a topic that no map names
        std::uint64_t connections = 0;
        std::uint64_t failures = 0;
    };
    using PublishHere = std::function<store::Position(const mqtt::PublishMessage&, Instant)>;

    Upstream(UpstreamOptions options,
             store::Store& store,
             UpstreamPort& port,
             PublishHere publish_here,
             crypto::Random random);

    // A message of this server.  The position that its acknowledgement must wait for; 0 for none.
    store::Position on_local(const mqtt::PublishedMessage& message, Origin origin, Instant now);

    void on_open(Instant now);
    void on_bytes(ByteView bytes, Instant now);
    void on_closed(std::string why, Instant now);
    // Runs what is due, at the end of each turn and when something has become durable; when to call
    // again.
    std::optional<Instant> on_time(Instant now);
    void stop();  // says goodbye

    bool online() const { return client_.online(); }
    const std::string& name() const { return options_.name; }
    const std::string& last_error() const { return last_error_; }
    const ForwardQueue& queue() const { return queue_; }
    const Stats& stats() const { return stats_; }

  private:
    struct OwedAnswer {
        store::Position position;
        mqtt::PacketId id;
    };
    using Digest = std::uint64_t;

    void on_online(bool session_present, Instant now);
    void on_message(const mqtt::Publish& message, Instant now);
    void acknowledge_what_is_durable();
    void on_acknowledged(mqtt::PacketId id, mqtt::ReasonCode reason, Instant now);
    void pump(Instant now);
    void send_queued(const ForwardQueue::Item& item, Instant now);
    mqtt::PacketId id_for(std::uint64_t sequence);
    bool was_here(const mqtt::Properties& properties) const;
    std::string signed_path(std::string path) const;
    Bytes properties_for_upstream(const mqtt::Properties& properties) const;
    store::Position publish_below(const mqtt::Publish& message,
                                  std::string_view topic,
                                  Instant now);
    proto::Queued to_queued(const mqtt::PublishedMessage& message,
                            std::string topic,
                            Instant now) const;
    void publish_directly(const proto::Queued& message, Instant now);
    void remember_echo(std::string_view topic, ByteView payload, Instant now);
    bool is_echo(std::string_view topic, ByteView payload, Instant now);
    void flush_output();
    void lose(std::string why, Instant now);

    UpstreamOptions options_;
    store::Store& store_;
    UpstreamPort& port_;
    PublishHere publish_here_;
    crypto::Random random_;
    ForwardQueue queue_;
    UpstreamClient client_;
    Stats stats_;
    std::string last_error_;
    bool open_ = false;        // the transport, or on its way
    bool publishing_ = false;  // a message of this upstream is being published here
    Instant next_attempt_{};
    std::uint32_t attempts_ = 0;
    double tokens_ = 0;
    Instant tokens_at_{};
    mqtt::PacketId last_id_ = 0;
    std::unordered_map<mqtt::PacketId, std::uint64_t> in_flight_;  // id -> sequence
    std::map<std::uint64_t, mqtt::PacketId> before_;  // of the connection before: sequence -> id
    bool resumed_ = false;
    std::deque<OwedAnswer> owed_;
    std::unordered_map<Digest, std::uint32_t> echoes_;  // 3.1.1 only: how often to come back
    std::deque<std::pair<Instant, Digest>> echo_times_;
};

}  // namespace helio::bridge::edge
