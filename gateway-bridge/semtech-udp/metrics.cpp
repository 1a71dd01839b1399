#include "gateway-bridge/semtech-udp/metrics.h"

namespace helio::gateway_bridge::semtech_udp {
namespace {

constexpr std::array<std::string_view, 3> kPacketErrors = {
    "too_short", "unsupported_version", "not_for_a_server"};
constexpr std::array<std::string_view, kRxpkFlaws> kFlaws = {
    "bad_member", "bad_modulation", "bad_payload", "crc", "too_many"};
constexpr std::array<std::string_view, kTxAckStatuses> kStatuses = {"ok",
                                                                    "too_late",
                                                                    "too_early",
                                                                    "collision_packet",
                                                                    "collision_beacon",
                                                                    "tx_freq",
                                                                    "tx_power",
                                                                    "gps_unlocked",
                                                                    "queue_full",
                                                                    "gateway_gone",
                                                                    "other"};

template <std::size_t N>
void expose_array(metrics::Registry& registry,
                  std::string_view name,
                  std::string_view help,
                  std::string_view label,
                  const std::array<std::string_view, N>& values,
                  const std::array<std::uint64_t, N>& counts) {
    for (std::size_t i = 0; i < N; ++i) {
        registry.counter_of(name, help, counts[i], {{label, values[i]}});
    }
}

struct Row {
    std::string_view name;
    std::string_view help;
    std::uint64_t Stats::*count;
};
constexpr std::array<Row, 15> kRows = {{
    {"heliograph_udp_datagrams_total", "Datagrams received", &Stats::datagrams},
    {"heliograph_udp_unregistered_total",
     "Datagrams of gateways that are not registered",
     &Stats::unregistered},
    {"heliograph_udp_unregistered_refused_total",
     "Datagrams refused by the limit for unknown sources",
     &Stats::unregistered_refused},
    {"heliograph_udp_push_data_total", "PUSH_DATA of registered gateways", &Stats::push_data},
    {"heliograph_udp_push_data_refused_total",
     "PUSH_DATA refused unread because of overload",
     &Stats::push_data_refused},
    {"heliograph_udp_push_data_malformed_total",
     "PUSH_DATA whose text is no JSON object",
     &Stats::push_data_malformed},
    {"heliograph_udp_uplinks_total", "Frames received, one an antenna", &Stats::uplinks},
    {"heliograph_udp_statuses_total", "Gateway statistics received", &Stats::statuses},
    {"heliograph_udp_pull_data_total", "PULL_DATA of registered gateways", &Stats::pull_data},
    {"heliograph_udp_address_changes_total",
     "Gateways that moved to another address",
     &Stats::address_changes},
    {"heliograph_udp_address_changes_refused_total",
     "Moves refused because one had just been made",
     &Stats::address_changes_refused},
    {"heliograph_udp_downlinks_total", "PULL_RESP sent", &Stats::downlinks},
    {"heliograph_udp_downlinks_without_path_total",
     "Downlinks whose gateway could not be reached",
     &Stats::downlinks_without_path},
    {"heliograph_udp_downlinks_too_late_total",
     "Downlinks that came after their time",
     &Stats::downlinks_too_late},
    {"heliograph_udp_tx_acks_unexpected_total",
     "TX_ACK with a token that was not awaited",
     &Stats::tx_acks_unexpected},
}};

}  // namespace

void expose(const Backend& backend, metrics::Registry& registry) {
    const Stats& stats = backend.stats();
    for (const Row& row : kRows) registry.counter_of(row.name, row.help, stats.*row.count);
    expose_array(registry,
                 "heliograph_udp_malformed_packets_total",
                 "Datagrams that are no packet for a server",
                 "reason",
                 kPacketErrors,
                 stats.malformed_packets);
    expose_array(registry,
                 "heliograph_udp_rxpk_dropped_total",
                 "Received frames left out",
                 "reason",
                 kFlaws,
                 stats.rxpk_dropped);
    expose_array(registry,
                 "heliograph_udp_tx_acks_total",
                 "Answers of gateways to downlinks",
                 "status",
                 kStatuses,
                 stats.tx_acks);
    registry.gauge_of("heliograph_udp_admitted_share",
                      "Share of the PUSH_DATA that is read, less than 1 under overload",
                      [&backend] { return backend.admitted_share(); });
}

}  // namespace helio::gateway_bridge::semtech_udp
