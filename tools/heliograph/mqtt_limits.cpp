#include "tools/heliograph/mqtt_limits.h"

#include <cstdint>
#include <stdexcept>
#include <string>

namespace helio::server {
namespace {

using bridge::mqtt::Limits;

// As MQTT writes them: a number of 16 or 32 bits, or bytes of a packet.
template <auto Member>
void set(Limits& limits, std::uint64_t value) {
    limits.*Member = static_cast<std::remove_reference_t<decltype(limits.*Member)>>(value);
}

struct Row {
    std::string_view key;
    ConfigType type;
    void (*set)(Limits&, std::uint64_t);
    std::uint64_t least;
    std::uint64_t most;
};

constexpr std::uint64_t kMany = 1ull << 40;

// clang-format off
constexpr Row kRows[] = {
    {"mqtt.max_connect_packet", ConfigType::size, set<&Limits::max_connect_bytes>, 64, 268435456},
    {"mqtt.max_packet", ConfigType::size, set<&Limits::max_packet_bytes>, 64, 268435455},
    {"mqtt.max_client_id", ConfigType::integer, set<&Limits::max_client_id_bytes>, 1, 256},
    {"mqtt.max_topic_levels", ConfigType::integer, set<&Limits::max_topic_levels>, 1, 65536},
    {"mqtt.max_connections", ConfigType::integer, set<&Limits::max_connections>, 1, kMany},
    {"mqtt.max_connections_per_address", ConfigType::integer, set<&Limits::max_connections_per_address>, 1, kMany},
    {"mqtt.max_sessions", ConfigType::integer, set<&Limits::max_sessions>, 1, kMany},
    {"mqtt.max_subscriptions", ConfigType::integer, set<&Limits::max_subscriptions_per_session>, 1, kMany},
    {"mqtt.max_session_expiry_seconds", ConfigType::integer, set<&Limits::max_session_expiry_s>, 0, 4294967295},
    {"mqtt.max_keep_alive_seconds", ConfigType::integer, set<&Limits::max_keep_alive_s>, 0, 65535},
    {"mqtt.max_unauthenticated", ConfigType::size, set<&Limits::max_unauthenticated_bytes>, 1, kMany},
    {"mqtt.receive_maximum", ConfigType::integer, set<&Limits::receive_maximum>, 1, 65535},
    {"mqtt.max_inflight", ConfigType::integer, set<&Limits::max_inflight>, 1, 65535},
    {"mqtt.topic_alias_maximum", ConfigType::integer, set<&Limits::topic_alias_maximum>, 0, 65535},
    {"mqtt.max_queued_messages", ConfigType::integer, set<&Limits::max_queued_messages>, 1, kMany},
    {"mqtt.max_queued", ConfigType::size, set<&Limits::max_queued_bytes>, 1, kMany},
    {"mqtt.soft_output", ConfigType::size, set<&Limits::soft_output_bytes>, 1, kMany},
    {"mqtt.hard_output", ConfigType::size, set<&Limits::hard_output_bytes>, 1, kMany},
    {"mqtt.max_retained_messages", ConfigType::integer, set<&Limits::max_retained_messages>, 1, kMany},
    {"mqtt.max_retained", ConfigType::size, set<&Limits::max_retained_bytes>, 1, kMany},
};
// clang-format on

}  // namespace

bridge::mqtt::Limits mqtt_limits(const Config& config) {
    Limits out;
    for (const Row& row : kRows) {
        const std::uint64_t value =
            row.type == ConfigType::size ? config.size(row.key) : config.integer(row.key);
        if (value < row.least || value > row.most) {
            throw std::runtime_error(std::string(row.key) + " must be from " +
                                     std::to_string(row.least) + " to " + std::to_string(row.most));
        }
        row.set(out, value);
    }
    out.connect_timeout =
        std::chrono::duration_cast<std::chrono::seconds>(config.duration("mqtt.connect_timeout"));
    if (out.hard_output_bytes < out.soft_output_bytes) {
        throw std::runtime_error("mqtt.hard_output must be no less than mqtt.soft_output");
    }
    return config.flag("aws.strict") ? bridge::mqtt::strict_limits(out) : out;
}

}  // namespace helio::server
