#include "tools/heliograph/upstreams.h"

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace helio::server {
namespace {

using namespace bridge::edge;

[[noreturn]] void refuse(const std::string& name, const std::string& sentence) {
    throw std::runtime_error("[upstream." + name + "]: " + sentence);
}

std::string read_file(const std::string& name, const char* key, const std::string& path) {
    if (path.empty()) return {};
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    if (!in || !(text << in.rdbuf())) {
        refuse(name, std::string(key) + ": \"" + path + "\" cannot be read");
    }
    return std::move(text).str();
}

// "out 1 a/#" may be cut at the commas of the command line only.
std::vector<TopicMap> maps_of(const std::string& name, const std::vector<std::string>& texts) {
    std::vector<TopicMap> out;
    for (const std::string& text : texts) {
        auto map = parse_topic_map(text);
        if (!map) refuse(name, "topics has " + map.error());
        out.push_back(*std::move(map));
    }
    if (out.empty()) refuse(name, "topics is empty: say what crosses, like \"out 1 sensors/#\"");
    return out;
}

UpstreamSettings settings_of(const Config& config, const std::string& name) {
    const std::string table = "upstream." + name + '.';
    const auto text = [&](const char* key) { return config.text(table + key); };
    UpstreamSettings out;
    const auto url = parse_upstream_url(text("url"));
    if (!url) refuse(name, "url must be like mqtts://host:8883 or mqtt://host:1883");
    out.url = *url;
    out.ca_file = text("ca_file");
    out.certificate_file = text("certificate_file");
    out.key_file = text("key_file");
    out.alpn = text("alpn");
    if (out.certificate_file.empty() != out.key_file.empty()) {
        refuse(name, "certificate_file and key_file go together");
    }
    // AWS IoT Core tells MQTT with client certificates on 443 by this name.
    if (out.alpn.empty() && out.url.address.port == 443) out.alpn = "x-amzn-mqtt-ca";

    UpstreamOptions& options = out.options;
    options.name = name;
    options.maps = maps_of(name, config.list(table + "topics"));
    options.queue_bytes = config.size(table + "queue_bytes");
    options.messages_per_second = static_cast<double>(config.integer(table + "rate"));
    if (options.messages_per_second < 1) refuse(name, "rate must be at least 1 message a second");
    const std::string drop = text("drop");
    if (drop != "oldest" && drop != "newest") refuse(name, "drop must be oldest or newest");
    options.at_bound = drop == "oldest" ? AtBound::drop_oldest : AtBound::drop_newest;
    const std::string version = text("version");
    if (version != "5" && version != "3.1.1") refuse(name, "version must be 5 or 3.1.1");
    options.client.version =
        version == "5" ? bridge::mqtt::Version::v5 : bridge::mqtt::Version::v3_1_1;
    options.client.client_id = text("client_id").empty() ? "heliograph-" + name : text("client_id");
    if (!text("user").empty()) options.client.user_name = text("user");
    if (!text("password").empty()) options.client.password = text("password");
    const auto keep_alive =
        std::chrono::duration_cast<std::chrono::seconds>(config.duration(table + "keep_alive"));
    if (keep_alive.count() < 5 || keep_alive.count() > 65'535) {
        refuse(name, "keep_alive must be from 5s to 65535s");
    }
    options.client.keep_alive_s = static_cast<std::uint16_t>(keep_alive.count());
    return out;
}

std::optional<io::TlsContext> tls_of(const UpstreamSettings& settings) {
    if (!settings.url.tls) return std::nullopt;
    const std::string& name = settings.options.name;
    return io::TlsContext::client(
        {.ca_pem = read_file(name, "ca_file", settings.ca_file),
         .certificate_pem = read_file(name, "certificate_file", settings.certificate_file),
         .key_pem = read_file(name, "key_file", settings.key_file),
         .alpn = settings.alpn.empty() ? std::vector<std::string>()
                                       : std::vector<std::string>{settings.alpn}});
}

}  // namespace

std::vector<UpstreamSettings> upstreams_of(const Config& config) {
    std::vector<UpstreamSettings> out;
    for (const std::string& name : config.names("upstream")) {
        out.push_back(settings_of(config, name));
    }
    return out;
}

struct Upstreams::One {
    One(io::Loop& loop, const UpstreamSettings& settings)
        : connection(loop, settings.url.address, tls_of(settings)) {}

    UpstreamConnection connection;
    std::unique_ptr<Upstream> upstream;
    bool told_online = false;
    std::string told_error;
};

Upstreams::Upstreams(io::Loop& loop,
                     store::Store& store,
                     bridge::mqtt::Broker& broker,
                     std::vector<UpstreamSettings> settings,
                     const std::string& server_id,
                     crypto::Random random,
                     log::Log& log)
    : loop_(loop), log_(log) {
    for (UpstreamSettings& one : settings) {
        auto made = std::make_unique<One>(loop, one);
        one.options.server_id = server_id;
        made->upstream = std::make_unique<Upstream>(
            std::move(one.options),
            store,
            made->connection,
            [this, &broker](const bridge::mqtt::PublishMessage& message, Instant now) {
                arriving_ = Origin::upstream;
                const auto position = broker.publish(message, now);
                arriving_ = Origin::client;
                return position;
            },
            random);
        made->connection.serve(*made->upstream);
        broker.on_publish([this, &broker, upstream = made->upstream.get()](
                              const bridge::mqtt::PublishedMessage& message, Instant now) {
            if (const auto position = upstream->on_local(message, arriving_, now)) {
                broker.acknowledge_from(position);
            }
        });
        all_.push_back(std::move(made));
    }
}

Upstreams::~Upstreams() = default;

// What an owner of a site wants to see in the log: coming and going, each reason once.
void Upstreams::tell(One& one) {
    const Upstream& upstream = *one.upstream;
    if (upstream.online()) {
        if (!one.told_online) log_.info("upstream is connected", {{"upstream", upstream.name()}});
        one.told_error.clear();
    } else if (upstream.last_error() != one.told_error) {
        one.told_error = upstream.last_error();
        log_.warning("upstream is not connected",
                     {{"upstream", upstream.name()}, {"why", one.told_error}});
    }
    one.told_online = upstream.online();
}

std::optional<Instant> Upstreams::on_turn_end(Instant now) {
    if (stopped_) return std::nullopt;
    std::optional<Instant> next;
    for (const auto& one : all_) {
        const auto at = one->upstream->on_time(now);
        tell(*one);
        if (at && (!next || *at < *next)) next = at;
    }
    return next;
}

void Upstreams::stop() {
    stopped_ = true;
    for (const auto& one : all_) one->upstream->stop();
}

std::vector<const Upstream*> Upstreams::all() const {
    std::vector<const Upstream*> out;
    for (const auto& one : all_) out.push_back(one->upstream.get());
    return out;
}

}  // namespace helio::server
