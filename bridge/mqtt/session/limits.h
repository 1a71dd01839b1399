// The bounds of the broker, and the counters that show when one is met.
//
// Every queue, map and buffer that a client can make grow has a bound here; what happens at it
// stands beside it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace helio::bridge::mqtt {

inline constexpr std::uint32_t kNeverExpires = 0xffff'ffff;

struct Limits {
    // Bytes of one packet.  Above: the connection ends with packet_too_large.
    std::size_t max_connect_bytes = 96u << 10;  // before the client has shown who it is
    std::size_t max_packet_bytes = 1u << 20;
    std::size_t max_client_id_bytes = 256;  // above: client_identifier_not_valid
    std::size_t max_topic_levels = 200;     // above: topic name or filter invalid

    // Connections and sessions.  Above: server_busy, quota_exceeded.
    std::size_t max_connections = 200'000;
    std::size_t max_connections_per_address = 20'000;
    std::size_t max_sessions = 1'000'000;
    std::size_t max_subscriptions_per_session = 10'000;
    std::uint32_t max_session_expiry_s = kNeverExpires;  // a longer wish is shortened
    std::chrono::seconds connect_timeout{10};            // for the CONNECT to come
    // Of all clients that have not shown who they are, together.  Above: whose bytes came last is
    // ended.
    std::size_t max_unauthenticated_bytes = 32u << 20;
    std::uint16_t max_keep_alive_s = 0;  // 0: as the client wishes

    // A client's messages in flight.
    std::uint16_t receive_maximum = 4'096;  // inbound, announced; above: the connection ends
    std::uint16_t max_inflight = 1'000;     // outbound, together with the client's own maximum
    std::uint16_t topic_alias_maximum = 32;

    // A client's messages that wait.  Above: the newest is dropped.
    std::size_t max_queued_messages = 100'000;
    std::size_t max_queued_bytes = 64u << 20;
    // Bytes on the way to a socket.  Above the first, QoS 0 is dropped and QoS 1 and 2 wait; above
    // the second the client is closed.
    std::size_t soft_output_bytes = 8u << 20;
    std::size_t hard_output_bytes = 64u << 20;

    // Above: the message is routed but not retained.
    std::size_t max_retained_messages = 1'000'000;
    std::size_t max_retained_bytes = 512u << 20;

    // Of one turn, all clients together: rows of ended sessions that are erased, messages that are
    // read back from the store or have expired, retained messages that are looked at, timers.
    // Above: the rest goes on in the next turn.
    std::size_t steps_per_turn = 1'000;

    // Publishes made while another is being routed.  Above: dropped.
    std::size_t max_deferred_publishes = 10'000;

    // What AWS IoT Core does where the standards leave more room, for those who test against this
    // server what will run there; see strict_limits().  Off: the standards.
    struct Strict {
        bool on = false;
        std::size_t max_topic_bytes = 256;           // above: topic name or filter invalid
        std::size_t max_payload_bytes = 128u << 10;  // above: the connection ends
        // Of a message.  Above: quota exceeded.
        std::size_t max_content_type_bytes = 256;
        std::size_t max_correlation_data_bytes = 8u << 10;
        std::size_t max_user_properties_bytes = 8u << 10;  // names and values together
        std::size_t max_filters_per_subscribe = 8;         // above: the connection ends
        std::size_t max_group_name_bytes = 128;            // above: topic filter invalid
        // Of shared subscriptions.  Above: quota exceeded.
        std::size_t max_groups = 100;
        std::size_t max_group_members = 100;
        std::uint16_t min_keep_alive_s = 30;          // a shorter wish is lengthened
        std::uint32_t session_expiry_3_1_1_s = 3600;  // of a lasting session
        std::uint32_t max_message_expiry_s = 604'800;
        std::uint32_t min_client_packet_bytes = 512;  // a client that takes less is refused
        std::chrono::hours websocket_life{24};        // then it ends
        // Of one connection, and of all together.  Above: quota exceeded, or no answer.
        std::uint32_t publishes_per_second = 100;
        std::uint32_t bytes_per_second = 512u << 10;
        std::uint32_t publishes_per_second_of_all = 20'000;
        // Of what waited for a client that comes back.  Above: waits on.
        std::uint32_t replays_per_second = 10;
    };
    Strict strict;
};

// `wished`, and no more than AWS IoT Core allows.
Limits strict_limits(Limits wished);

struct Stats {
    std::uint64_t connections_accepted = 0;
    std::uint64_t connections_refused = 0;  // CONNACK with an error
    std::uint64_t connections_lost = 0;     // ended without DISCONNECT
    std::uint64_t protocol_errors = 0;      // ended by us: malformed, too large, not allowed
    std::uint64_t keep_alive_timeouts = 0;
    std::uint64_t connect_timeouts = 0;
    std::uint64_t over_connection_limit = 0;
    std::uint64_t over_unauthenticated_limit = 0;
    std::uint64_t unauthenticated_bytes = 0;  // at the moment
    std::uint64_t take_overs = 0;

    std::uint64_t bytes_received = 0;  // from clients, as MQTT
    std::uint64_t bytes_sent = 0;
    std::uint64_t packets_received = 0;
    std::uint64_t packets_sent = 0;
    std::uint64_t messages_received = 0;   // PUBLISH from clients
    std::uint64_t messages_published = 0;  // from inside
    std::uint64_t messages_sent = 0;
    std::uint64_t messages_acknowledged = 0;
    std::uint64_t duplicates_suppressed = 0;  // QoS 2
    std::uint64_t not_authorized = 0;
    std::uint64_t over_rate = 0;  // strict: connects and publishes above a rate

    std::uint64_t dropped_slow_consumer = 0;  // QoS 0, soft_output_bytes
    std::uint64_t dropped_queue_full = 0;
    std::uint64_t dropped_expired = 0;
    std::uint64_t dropped_too_large = 0;  // for the receiver's maximum packet size
    std::uint64_t dropped_retained_full = 0;
    std::uint64_t dropped_deferred_full = 0;
    std::uint64_t closed_slow_consumers = 0;  // hard_output_bytes

    std::uint64_t wills_published = 0;
    std::uint64_t sessions_expired = 0;
    std::uint64_t corrupt_rows = 0;  // found at start, left out
};

}  // namespace helio::bridge::mqtt
