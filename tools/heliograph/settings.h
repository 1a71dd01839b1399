// Every setting of the server, with its default: the contract of the configuration file and of
// `--set section.key=value`.
#pragma once

#include "base/config.h"
#include "base/io/peer.h"
#include "bridge/mqtt/session/limits.h"
#include "bridge/registry/core.h"
#include "lns/network_server.h"
#include "tools/heliograph/authorizer_settings.h"
#include "tools/heliograph/upstreams.h"

#include <optional>
#include <string>
#include <vector>

namespace helio::server {

std::span<const ConfigKey> setting_keys();

// An address that is off is absent.
struct ListenAddresses {
    std::optional<io::Peer> semtech_udp;
    std::optional<io::Peer> mqtt_tcp;
    std::optional<io::Peer> mqtt_tls;
    std::optional<io::Peer> http_plain;
    std::optional<io::Peer> http_tls;
    std::optional<io::Peer> edge443;
};

struct Settings {
    ListenAddresses listeners;
    bool mqtt_anonymous = false;
    bridge::mqtt::Limits mqtt_limits;
    bridge::registry::Limits registry_limits;
    std::string aws_region;
    std::string aws_account;
    lns::Config network;
    std::uint64_t history_events = 0;
    std::uint64_t history_bytes = 0;
    std::chrono::milliseconds codec_run_time{250};
    std::uint64_t codec_memory_bytes = 0;
    std::string rule_files;  // folder, below the data folder unless absolute
    std::vector<AuthorizerSettings> authorizers;
    std::vector<UpstreamSettings> upstreams;
    std::string log_level;
};

// Throws std::runtime_error with one sentence where a value is not possible.
Settings settings_of(const Config& config);

}  // namespace helio::server
