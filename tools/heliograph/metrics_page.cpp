#include "tools/heliograph/metrics_page.h"

#include "gateway-bridge/semtech-udp/metrics.h"
#include "lns/stats.h"

namespace helio::server {
namespace {

// One counter of a part's Stats.
template <class Stats>
struct Row {
    std::uint64_t Stats::*counter;
    std::string_view name;  // without "heliograph_" and "_total"
    std::string_view help;
};

template <class Stats, std::size_t N>
void add_rows(metrics::Registry& metrics,
              const Stats& stats,
              const Row<Stats> (&rows)[N],
              const metrics::Labels& labels = {}) {
    for (const Row<Stats>& row : rows) {
        metrics.counter_of(
            "heliograph_" + std::string(row.name) + "_total", row.help, stats.*row.counter, labels);
    }
}

using Mqtt = bridge::mqtt::Stats;
constexpr Row<Mqtt> kMqttRows[] = {
    {&Mqtt::connections_accepted, "mqtt_connections_accepted", "Connections that came in"},
    {&Mqtt::connections_refused, "mqtt_connections_refused", "CONNACK with an error"},
    {&Mqtt::connections_lost, "mqtt_connections_lost", "Connections that ended without DISCONNECT"},
    {&Mqtt::protocol_errors, "mqtt_protocol_errors", "Connections ended for what was said on them"},
    {&Mqtt::keep_alive_timeouts,
     "mqtt_keep_alive_timeouts",
     "Clients silent beyond their keep-alive"},
    {&Mqtt::connect_timeouts, "mqtt_connect_timeouts", "Connections on which no CONNECT came"},
    {&Mqtt::over_connection_limit, "mqtt_over_connection_limit", "Connections refused by a limit"},
    {&Mqtt::take_overs, "mqtt_take_overs", "Sessions taken over by another connection"},
    {&Mqtt::messages_received, "mqtt_messages_received", "PUBLISH from clients"},
    {&Mqtt::messages_published, "mqtt_messages_published", "Messages from inside"},
    {&Mqtt::messages_sent, "mqtt_messages_sent", "PUBLISH to clients"},
    {&Mqtt::messages_acknowledged,
     "mqtt_messages_acknowledged",
     "PUBLISH that clients acknowledged"},
    {&Mqtt::duplicates_suppressed, "mqtt_duplicates_suppressed", "QoS 2 messages that came again"},
    {&Mqtt::not_authorized, "mqtt_not_authorized", "Refusals"},
    {&Mqtt::over_rate, "mqtt_over_rate", "Messages refused because aws.strict allows fewer a second"},
    {&Mqtt::bytes_received, "mqtt_bytes_received", "Bytes of MQTT from clients"},
    {&Mqtt::bytes_sent, "mqtt_bytes_sent", "Bytes of MQTT to clients"},
    {&Mqtt::dropped_slow_consumer,
     "mqtt_dropped_slow_consumer",
     "QoS 0 messages dropped for slow readers"},
    {&Mqtt::dropped_queue_full, "mqtt_dropped_queue_full", "Messages dropped at a full queue"},
    {&Mqtt::dropped_expired, "mqtt_dropped_expired", "Messages that expired in a queue"},
    {&Mqtt::dropped_too_large, "mqtt_dropped_too_large", "Messages larger than the client takes"},
    {&Mqtt::dropped_retained_full,
     "mqtt_dropped_retained_full",
     "Retained messages beyond the limit"},
    {&Mqtt::closed_slow_consumers,
     "mqtt_closed_slow_consumers",
     "Clients closed because they do not read"},
    {&Mqtt::dropped_deferred_full,
     "mqtt_dropped_deferred_full",
     "Messages that rules made of rules' messages, beyond the limit"},
    {&Mqtt::over_unauthenticated_limit,
     "mqtt_over_unauthenticated_limit",
     "Clients ended because all that have not shown who they are hold too much"},
    {&Mqtt::wills_published, "mqtt_wills_published", "Wills"},
    {&Mqtt::sessions_expired, "mqtt_sessions_expired", "Sessions that expired"},
    {&Mqtt::corrupt_rows, "mqtt_corrupt_rows", "Rows left out at start"},
};

using Store = store::StoreStats;
constexpr Row<Store> kStoreRows[] = {
    {&Store::transactions, "store_transactions", "Transactions"},
    {&Store::commits, "store_commits", "Group commits that are durable"},
    {&Store::failed_appends,
     "store_failed_commits",
     "Commits that could not be written; they are tried again"},
    {&Store::corrupt_rows, "store_corrupt_rows", "Rows that could not be read"},
};

using Codecs = bridge::payload::CodecClient::Stats;
constexpr Row<Codecs> kCodecRows[] = {
    {&Codecs::jobs, "codec_jobs", "Payloads handed to codecs"},
    {&Codecs::failed_script, "codec_failed", "Codecs that threw or returned errors"},
    {&Codecs::out_of_time, "codec_out_of_time", "Codecs stopped at their time limit"},
    {&Codecs::crashed, "codec_crashed", "Codecs that ended the codec host"},
    {&Codecs::suspended, "codec_suspended", "Payloads not decoded because the codec rests"},
    {&Codecs::overloaded, "codec_overloaded", "Payloads not decoded because too many wait"},
    {&Codecs::host_starts, "codec_host_starts", "Starts of the codec host"},
};

using Delivery = bridge::delivery::EventDelivery::Stats;
constexpr Row<Delivery> kDeliveryRows[] = {
    {&Delivery::events, "events", "Events handed on"},
    {&Delivery::events_again,
     "events_again",
     "Events handed on after a start because they may not have been"},
    {&Delivery::of_unknown_devices, "events_of_unknown_devices", "Events of devices that are gone"},
    {&Delivery::without_object, "events_without_object", "Uplinks whose codec failed"},
    {&Delivery::without_rule,
     "events_without_rule",
     "Uplinks whose destination names a rule that is not there"},
    {&Delivery::corrupt, "events_corrupt", "Events that could not be read"},
};

using Rules = bridge::rules::RuleStats;
constexpr Row<Rules> kRuleRows[] = {
    {&Rules::matched, "rule_matched", "Messages that a rule selected"},
    {&Rules::not_selected,
     "rule_not_selected",
     "Messages on a rule's topic that its WHERE left out"},
    {&Rules::actions_ok, "rule_actions", "Actions that were carried out"},
    {&Rules::actions_failed, "rule_actions_failed", "Actions that failed"},
    {&Rules::dropped,
     "rule_actions_dropped",
     "Of these: at a full queue, or because rules fed each other"},
};

using Commands = bridge::delivery::DownlinkCommands::Stats;
constexpr Row<Commands> kCommandRows[] = {
    {&Commands::accepted, "downlink_commands", "Messages on command/down that were queued"},
    {&Commands::refused, "downlink_commands_refused", "Messages on command/down that were not"},
};

using Api = bridge::api::Api::Stats;
constexpr Row<Api> kApiRows[] = {
    {&Api::requests, "api_requests", "API requests"},
    {&Api::refused_signatures, "api_refused_signatures", "Requests without a good signature"},
    {&Api::client_errors, "api_client_errors", "Answers 4xx, signatures apart"},
    {&Api::denied, "api_denied", "Operations that the policies of an access key do not allow"},
    {&Api::server_errors, "api_server_errors", "Answers 5xx"},
};

using Publish = bridge::api::HttpPublish::Stats;
constexpr Row<Publish> kPublishRows[] = {
    {&Publish::published, "http_published", "Messages published by HTTP"},
    {&Publish::forbidden, "http_publish_forbidden", "... that were refused with 403"},
    {&Publish::bad_requests, "http_publish_bad_requests", "... that were refused with 400 or 405"},
};

using Tls = io::TlsStats;
constexpr Row<Tls> kTlsRows[] = {
    {&Tls::handshakes, "tls_handshakes", "Handshakes that succeeded"},
    {&Tls::failed, "tls_handshakes_failed", "Handshakes that failed"},
    {&Tls::timed_out, "tls_handshakes_timed_out", "Handshakes that took too long"},
    {&Tls::refused, "tls_handshakes_gave_way", "Handshakes broken off, the oldest of too many"},
};

using Upstream = bridge::edge::Upstream::Stats;
constexpr Row<Upstream> kUpstreamRows[] = {
    {&Upstream::sent, "upstream_sent", "Messages sent to the other broker, again or not"},
    {&Upstream::acknowledged, "upstream_acknowledged", "Of them: acknowledged by it"},
    {&Upstream::refused, "upstream_refused", "Messages that it will not have"},
    {&Upstream::received, "upstream_received", "Messages from it"},
    {&Upstream::dropped_offline, "upstream_dropped_offline", "QoS 0 while it was away"},
    {&Upstream::dropped_too_large, "upstream_dropped_too_large", "Larger than it takes"},
    {&Upstream::loops, "upstream_loops", "Messages that had been here before"},
    {&Upstream::connections, "upstream_connections", "Connections to it that came about"},
    {&Upstream::failures, "upstream_failures", "Connections that were lost or did not come about"},
};

using Users = bridge::identity::Users::Stats;
constexpr Row<Users> kUserRows[] = {
    {&Users::let_in, "users_let_in", "Clients with a user's password"},
    {&Users::remembered, "users_remembered", "Of them: the password had been right before"},
    {&Users::refused, "users_refused", "Wrong passwords and unknown users"},
    {&Users::busy, "users_busy", "Clients refused because too many passwords waited"},
};

using Authorizers = bridge::identity::authorizers::AuthorizerSet::Stats;
constexpr Row<Authorizers> kAuthorizerRows[] = {
    {&Authorizers::granted, "authorizer_granted", "Clients that a custom authorizer let in"},
    {&Authorizers::refused, "authorizer_refused", "Clients that one refused, or failed at"},
    {&Authorizers::timed_out, "authorizer_timed_out", "Of them: it did not answer in time"},
    {&Authorizers::bad_signatures,
     "authorizer_bad_signatures",
     "Tokens without a good signature, of which no authorizer heard"},
    {&Authorizers::unknown, "authorizer_unknown", "Clients that named no active authorizer"},
    {&Authorizers::busy,
     "authorizer_busy",
     "Clients refused because too many were being asked for"},
    {&Authorizers::cached, "authorizer_cached", "HTTP requests let in by an earlier answer"},
};

using Certificates = bridge::identity::CertificateChecker::Stats;
constexpr Row<Certificates> kCertificateRows[] = {
    {&Certificates::accepted, "certificate_accepted", "Clients let in by their certificate"},
    {&Certificates::registered,
     "certificate_registered_at_first_sight",
     "Certificates that registered themselves and wait for their activation"},
    {&Certificates::unknown, "certificate_unknown", "Refused: of no CA that allows it"},
    {&Certificates::not_active, "certificate_not_active", "Refused: inactive, revoked, pending"},
    {&Certificates::out_of_time, "certificate_out_of_time", "Refused: expired or not yet valid"},
    {&Certificates::unfit,
     "certificate_unfit",
     "Refused: a CA's, of another purpose, weak, or with a bad name"},
};

}  // namespace

void name_metrics(metrics::Registry& metrics, const lns::NetworkServer& network) {
    for (const lns::StatRow& row : lns::kStatRows) {
        const std::string name = "heliograph_lns_" + std::string(row.name);
        const std::uint64_t& value = network.stats().*row.value;
        if (row.reason.empty()) {
            metrics.counter_of(name, "Of the network server", value);
        } else {
            metrics.counter_of(name, "Of the network server", value, {{"reason", row.reason}});
        }
    }
}

void name_metrics(metrics::Registry& metrics,
                  const gateway_bridge::semtech_udp::UdpBackend& backend) {
    gateway_bridge::semtech_udp::expose(backend.backend(), metrics);
    metrics.gauge_of("heliograph_udp_kernel_drops",
                     "Datagrams that found the receive buffer full",
                     [&backend] { return static_cast<double>(backend.socket().kernel_drops()); });
}

void name_metrics(metrics::Registry& metrics,
                  const store::Store& store,
                  const store::LmdbLog& log) {
    add_rows(metrics, store.stats(), kStoreRows);
    metrics.gauge_of("heliograph_store_stalled",
                     "1 while the disk does not take commits",
                     [&store] { return store.stalled() ? 1.0 : 0.0; });
    metrics.gauge_of("heliograph_store_file_bytes", "Size of the database", [&log] {
        return static_cast<double>(log.stats().file_bytes);
    });
    metrics.gauge_of("heliograph_store_history_events", "Events in the log", [&store] {
        return static_cast<double>(store.event_log_size().events);
    });
}

void name_metrics(metrics::Registry& metrics, const bridge::mqtt::Broker& broker) {
    add_rows(metrics, broker.stats(), kMqttRows);
    metrics.gauge_of("heliograph_mqtt_connections", "Clients", [&broker] {
        return static_cast<double>(broker.connection_count());
    });
    metrics.gauge_of("heliograph_mqtt_sessions", "Sessions, connected or not", [&broker] {
        return static_cast<double>(broker.session_count());
    });
    metrics.gauge_of("heliograph_mqtt_subscriptions", "Subscriptions", [&broker] {
        return static_cast<double>(broker.subscription_count());
    });
    metrics.gauge_of("heliograph_mqtt_retained_messages", "Retained messages", [&broker] {
        return static_cast<double>(broker.retained().size());
    });
    metrics.gauge_of("heliograph_mqtt_retained_bytes", "Bytes of retained messages", [&broker] {
        return static_cast<double>(broker.retained().bytes());
    });
    metrics.gauge_of("heliograph_mqtt_stored_messages", "Messages stored for queues", [&broker] {
        return static_cast<double>(broker.stored_messages());
    });
    metrics.gauge_of("heliograph_mqtt_unauthenticated_bytes",
                     "Kept of clients that have not shown who they are",
                     [&broker] { return static_cast<double>(broker.stats().unauthenticated_bytes); });
}

void name_metrics(metrics::Registry& metrics, const bridge::payload::CodecClient& codecs) {
    add_rows(metrics, codecs.stats(), kCodecRows);
    metrics.gauge_of("heliograph_codec_waiting", "Payloads that wait for their codec", [&codecs] {
        return static_cast<double>(codecs.waiting());
    });
}

void name_metrics(metrics::Registry& metrics, const bridge::delivery::EventDelivery& delivery) {
    add_rows(metrics, delivery.stats(), kDeliveryRows);
}

void name_metrics(metrics::Registry& metrics, const bridge::rules::RuleEngine& rules) {
    add_rows(metrics, rules.totals(), kRuleRows);
    metrics.counter_of("heliograph_rule_not_found_total",
                       "Messages for a rule that is not there or disabled",
                       rules.without_rule());
}

void name_metrics(metrics::Registry& metrics, const bridge::delivery::DownlinkCommands& commands) {
    add_rows(metrics, commands.stats(), kCommandRows);
}

void name_metrics(metrics::Registry& metrics, const bridge::api::Api& api) {
    add_rows(metrics, api.stats(), kApiRows);
}

void name_metrics(metrics::Registry& metrics, const bridge::api::HttpPublish& publish) {
    add_rows(metrics, publish.stats(), kPublishRows);
}

void name_metrics(metrics::Registry& metrics, const Listeners& listeners) {
    for (const Listeners::TlsPort& port : listeners.tls_ports()) {
        add_rows(metrics, port.listener->stats(), kTlsRows, {{"listener", std::string(port.key)}});
    }
}

void name_metrics(metrics::Registry& metrics,
                  const bridge::identity::authorizers::AuthorizerSet& authorizers) {
    add_rows(metrics, authorizers.stats(), kAuthorizerRows);
}

void name_metrics(metrics::Registry& metrics,
                  const bridge::identity::CertificateChecker& certificates) {
    add_rows(metrics, certificates.stats(), kCertificateRows);
}

void name_metrics(metrics::Registry& metrics, const bridge::identity::PolicyAuthorizer& access) {
    const auto& stats = access.stats();
    for (std::size_t i = 0; i < bridge::policy::kActions; ++i) {
        const auto action = static_cast<bridge::policy::Action>(i);
        metrics.counter_of("heliograph_policy_refusals_total",
                           "What policies did not allow",
                           stats.refused[i],
                           {{"action", bridge::policy::name_of(action)}});
    }
    metrics.counter_of("heliograph_policy_refused_requests_total",
                       "Requests that policies did not allow",
                       stats.refused_requests);
    metrics.counter_of("heliograph_policy_compilations_total",
                       "Times that the policies of a connection were compiled",
                       stats.compiled);
}

void name_metrics(metrics::Registry& metrics, const bridge::identity::Users& users) {
    add_rows(metrics, users.stats(), kUserRows);
}

void name_metrics(metrics::Registry& metrics, const bridge::edge::Upstream& upstream) {
    const metrics::Labels labels = {{"upstream", upstream.name()}};
    for (const Row<Upstream>& row : kUpstreamRows) {
        metrics.counter_of("heliograph_" + std::string(row.name) + "_total",
                           row.help,
                           upstream.stats().*row.counter,
                           labels);
    }
    const auto& queue = upstream.queue();
    metrics.counter_of("heliograph_upstream_dropped_full_total",
                       "Messages that a full queue dropped",
                       queue.stats().dropped_full,
                       labels);
    metrics.counter_of("heliograph_upstream_dropped_expired_total",
                       "Messages that expired in the queue",
                       queue.stats().dropped_expired,
                       labels);
    metrics.gauge_of(
        "heliograph_upstream_queue_bytes",
        "Bytes that wait for the other broker",
        [&queue] { return static_cast<double>(queue.bytes()); },
        labels);
    metrics.gauge_of(
        "heliograph_upstream_queue_messages",
        "Messages that wait for it",
        [&queue] { return static_cast<double>(queue.size()); },
        labels);
    metrics.gauge_of(
        "heliograph_upstream_connected",
        "1 while it is connected",
        [&upstream] { return upstream.online() ? 1.0 : 0.0; },
        labels);
}

}  // namespace helio::server
