#include "tools/heliograph/settings.h"

#include "base/log.h"
#include "lns/region/region.h"
#include "tools/heliograph/mqtt_limits.h"

#include <stdexcept>

namespace helio::server {
namespace {

using enum ConfigType;

// clang-format off
constexpr ConfigKey kKeys[] = {
    {"gateways.semtech_udp", address, "0.0.0.0:1700", "where packet forwarders send to (Semtech UDP, versions 1 and 2)"},

    {"mqtt.tcp", address, "127.0.0.1:1883", "MQTT without encryption"},
    {"mqtt.tls", address, "0.0.0.0:8883", "MQTT over TLS"},
    {"mqtt.connect_timeout", duration, "10s", "for the CONNECT to come"},
    {"mqtt.max_connect_packet", size, "96K", "bytes of a CONNECT"},
    {"mqtt.max_packet", size, "1M", "bytes of any other packet, 256 MB at most"},
    {"mqtt.max_client_id", integer, "256", "bytes of a client id"},
    {"mqtt.max_topic_levels", integer, "200", "levels of a topic or filter"},
    {"mqtt.max_connections", integer, "200000", "clients that are connected"},
    {"mqtt.max_connections_per_address", integer, "20000", "of one IP address"},
    {"mqtt.max_sessions", integer, "1000000", "sessions, connected or not"},
    {"mqtt.max_subscriptions", integer, "10000", "of one session"},
    {"mqtt.max_session_expiry_seconds", integer, "4294967295", "longest life of a session without its client; 4294967295: without end"},
    {"mqtt.max_keep_alive_seconds", integer, "0", "longest keep-alive; 0: as the client wishes"},
    {"mqtt.max_unauthenticated", size, "32M", "kept of all clients together that have not shown who they are"},
    {"mqtt.receive_maximum", integer, "4096", "QoS 1 and 2 messages of a client that are not acknowledged yet"},
    {"mqtt.max_inflight", integer, "1000", "the same towards a client"},
    {"mqtt.topic_alias_maximum", integer, "32", "topic aliases of a client"},
    {"mqtt.max_queued_messages", integer, "100000", "that wait for one client"},
    {"mqtt.max_queued", size, "64M", "bytes that wait for one client"},
    {"mqtt.soft_output", size, "8M", "bytes on the way to a client; above, QoS 0 is dropped and the rest waits"},
    {"mqtt.hard_output", size, "64M", "above, a client that does not read is closed"},
    {"mqtt.max_retained_messages", integer, "1000000", "retained messages"},
    {"mqtt.max_retained", size, "512M", "bytes of them"},
    {"mqtt.anonymous", flag, "false", "clients on this machine may connect without credentials"},

    {"http.plain", address, "127.0.0.1:8080", "API, /metrics and /healthz without encryption"},
    {"http.tls", address, "0.0.0.0:8443", "the same over TLS"},

    {"edge443.mux", address, "", "one port for MQTT and HTTPS, told apart by ALPN; empty: none"},

    {"aws.region", text, "us-east-1", "stands in ARNs"},
    {"aws.account", text, "123456789012", "stands in ARNs"},
    {"aws.strict", flag, "false", "MQTT and HTTPS publish allow no more than AWS IoT Core does"},

    {"lns.net_id", text, "000000", "NetID of this network: six hexadecimal digits; 000000 and 000001 are for private networks"},
    {"lns.deduplication_window", duration, "200ms", "how long copies of a frame by further gateways are waited for"},
    {"lns.regions", text_list, "EU868,US915", "regional parameters that gateways may use"},
    {"lns.rx_delay", duration, "1s", "from an uplink to RX1 where the device profile says nothing: 1s to 15s"},
    {"lns.eu868_extra_frequencies", text_list, "867100000,867300000,867500000,867700000,867900000", "channels in Hz beside the three that every EU868 device has"},
    {"lns.us915_sub_bands", text_list, "", "1 to 8, where a gateway names none; empty: all"},

    {"store.sync", text, "full", "full: a commit is on the disk before anybody hears of it; there is no other"},
    {"store.history_events", integer, "1000000", "at most so many events are kept as history"},
    {"store.history_bytes", size, "1G", "at most so much of them"},

    {"codecs.run_time", duration, "250ms", "longest run of a payload codec"},
    {"codecs.memory", size, "256M", "of the codec host, all codecs together"},

    {"rules.files", text, "rule-files", "folder of the file action, in the data folder unless it begins with /"},

    {"log.level", text, "info", "debug, info, warning, error or off"},

    {"actions.aws.endpoint", text, "", "where AWS-shaped actions go; empty: AWS; not served yet"},
    {"actions.aws.access_key", text, "", "for that endpoint"},
    {"actions.aws.secret_key", text, "", "for that endpoint"},

    {"authorizer.*.type", text, "", "jwt, http or javascript"},
    {"authorizer.*.default", flag, "false", "for clients that name no authorizer"},
    {"authorizer.*.key_file", text, "", "jwt: public keys as PEM, JWK or JWKS; a secret as JWK"},
    {"authorizer.*.jwks_url", text, "", "jwt: address of the keys; without it and key_file: the issuer's OpenID configuration"},
    {"authorizer.*.issuer", text, "", "jwt: iss of the tokens"},
    {"authorizer.*.audience", text, "", "jwt: aud of the tokens"},
    {"authorizer.*.policy", text, "", "jwt: what the bearer may do: a stored policy, or a file (with / or .json in its name)"},
    {"authorizer.*.url", text, "", "http: where the event is posted to"},
    {"authorizer.*.file", text, "", "javascript: the script with handler(event)"},
    {"authorizer.*.token_key", text, "", "name under which clients pass their token"},
    {"authorizer.*.signature_key_file", text, "", "RSA public key (PEM) that signs tokens; empty: none does"},

    {"upstream.*.url", text, "", "a broker to bridge to: mqtts://host[:8883] or mqtt://host[:1883]"},
    {"upstream.*.topics", text_list, "", "what crosses: DIRECTION QOS FILTER [LOCAL_PREFIX [REMOTE_PREFIX]], like: out 1 sensors/# \"\" site-7/"},
    {"upstream.*.client_id", text, "", "empty: heliograph-NAME"},
    {"upstream.*.user", text, "", "user name up there"},
    {"upstream.*.password", text, "", "and its password"},
    {"upstream.*.ca_file", text, "", "whom to trust; empty: the authorities of the system"},
    {"upstream.*.certificate_file", text, "", "client certificate (PEM)"},
    {"upstream.*.key_file", text, "", "and its key"},
    {"upstream.*.alpn", text, "", "empty: x-amzn-mqtt-ca on port 443, none elsewhere"},
    {"upstream.*.version", text, "5", "of MQTT: 5 or 3.1.1"},
    {"upstream.*.keep_alive", duration, "60s", "of the connection"},
    {"upstream.*.rate", integer, "1000", "messages a second at most, from the queue"},
    {"upstream.*.queue_bytes", size, "256M", "at most so much is kept while the other side is away"},
    {"upstream.*.drop", text, "oldest", "what a full queue drops: oldest or newest"},
};
// clang-format on

std::optional<io::Peer> listener(const Config& config, std::string_view key) {
    const std::string text = config.text(key);
    if (text.empty()) return std::nullopt;
    return io::parse_listen_address(text, key);
}

std::uint32_t number(std::string_view key,
                     const std::string& text,
                     std::uint32_t low,
                     std::uint32_t high) {
    std::uint64_t value = 0;
    const bool digits = !text.empty() && text.size() < 11 &&
                        text.find_first_not_of("0123456789") == std::string::npos;
    if (digits) value = std::stoull(text);
    if (!digits || value < low || value > high) {
        throw std::runtime_error(std::string(key) + " has \"" + text +
                                 "\": it must be a number from " + std::to_string(low) + " to " +
                                 std::to_string(high));
    }
    return static_cast<std::uint32_t>(value);
}

lns::NetId net_id(const std::string& text) {
    const auto id = lns::NetId::from_text(text);
    if (!id) {
        throw std::runtime_error("lns.net_id is \"" + text +
                                 "\": it must be six hexadecimal digits");
    }
    return *id;
}

std::vector<lns::RegionConfig> regions(const Config& config) {
    std::vector<lns::RegionConfig> out;
    for (const std::string& name : config.list("lns.regions")) {
        if (lns::find_region(name) == nullptr) {
            throw std::runtime_error("lns.regions has \"" + name +
                                     "\": the regions of this version are EU868 and US915");
        }
        lns::RegionConfig region{.name = name};
        if (name == "EU868") {
            region.extra_frequencies_hz.emplace();
            for (const auto& text : config.list("lns.eu868_extra_frequencies")) {
                region.extra_frequencies_hz->push_back(
                    number("lns.eu868_extra_frequencies", text, 863'000'000, 870'000'000));
            }
        }
        if (name == "US915") {
            for (const auto& text : config.list("lns.us915_sub_bands")) {
                region.sub_bands.push_back(
                    static_cast<std::uint8_t>(number("lns.us915_sub_bands", text, 1, 8)));
            }
        }
        out.push_back(std::move(region));
    }
    if (out.empty())
        throw std::runtime_error("lns.regions is empty: name at least one, for example EU868");
    return out;
}

void refuse_what_is_not_there(const Config& config) {
    if (config.text("store.sync") != "full") {
        throw std::runtime_error("store.sync is \"" + config.text("store.sync") +
                                 "\": only \"full\" keeps what is acknowledged");
    }
}

}  // namespace

std::span<const ConfigKey> setting_keys() { return kKeys; }

Settings settings_of(const Config& config) {
    refuse_what_is_not_there(config);
    Settings out;
    out.listeners = {
        .semtech_udp = listener(config, "gateways.semtech_udp"),
        .mqtt_tcp = listener(config, "mqtt.tcp"),
        .mqtt_tls = listener(config, "mqtt.tls"),
        .http_plain = listener(config, "http.plain"),
        .http_tls = listener(config, "http.tls"),
        .edge443 = listener(config, "edge443.mux"),
    };
    out.mqtt_anonymous = config.flag("mqtt.anonymous");
    out.mqtt_limits = mqtt_limits(config);
    if (config.flag("aws.strict")) out.registry_limits.max_attributes_without_type = 3;
    out.aws_region = config.text("aws.region");
    out.aws_account = config.text("aws.account");
    out.network.net_id = net_id(config.text("lns.net_id"));
    out.network.deduplication_window = config.duration("lns.deduplication_window");
    out.network.regions = regions(config);
    const auto rx_delay = config.duration("lns.rx_delay");
    if (rx_delay < std::chrono::seconds(1) || rx_delay > std::chrono::seconds(15)) {
        throw std::runtime_error("lns.rx_delay must be from 1s to 15s");
    }
    out.network.rx_delay_1_s = static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::seconds>(rx_delay).count());
    out.history_events = config.integer("store.history_events");
    out.history_bytes = config.size("store.history_bytes");
    out.codec_run_time =
        std::chrono::duration_cast<std::chrono::milliseconds>(config.duration("codecs.run_time"));
    out.codec_memory_bytes = config.size("codecs.memory");
    out.rule_files = config.text("rules.files");
    out.authorizers = authorizers_of(config);
    out.upstreams = upstreams_of(config);
    out.log_level = config.text("log.level");
    if (!log::level_from_text(out.log_level)) {
        throw std::runtime_error("log.level is \"" + out.log_level +
                                 "\": it must be debug, info, warning, error or off");
    }
    return out;
}

}  // namespace helio::server
