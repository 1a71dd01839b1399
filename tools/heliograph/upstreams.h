// The bridges to other brokers: the tables [upstream.NAME] of the configuration, and the parts made
// of them.
#pragma once

#include "base/config.h"
#include "base/log.h"
#include "bridge/edge/io/upstream_connection.h"
#include "bridge/edge/upstream.h"

#include <memory>
#include <string>
#include <vector>

namespace helio::server {

struct UpstreamSettings {
    bridge::edge::UpstreamOptions options;
    bridge::edge::UpstreamUrl url;
    std::string ca_file, certificate_file, key_file, alpn;
};

// Throws std::runtime_error with one sentence where a table is not possible.
std::vector<UpstreamSettings> upstreams_of(const Config& config);

class Upstreams {
  public:
    // `server_id` signs messages that pass.  Throws std::runtime_error with one sentence where a
    // file of the settings cannot be used.
    Upstreams(io::Loop& loop,
              store::Store& store,
              bridge::mqtt::Broker& broker,
              std::vector<UpstreamSettings> settings,
              const std::string& server_id,
              crypto::Random random,
              log::Log& log);
    ~Upstreams();
    Upstreams(const Upstreams&) = delete;
    Upstreams& operator=(const Upstreams&) = delete;

    // At the end of each turn: what is due; when to call again.
    std::optional<Instant> on_turn_end(Instant now);
    void stop();

    std::vector<const bridge::edge::Upstream*> all() const;

  private:
    struct One;
    void tell(One& one);

    io::Loop& loop_;
    log::Log& log_;
    std::vector<std::unique_ptr<One>> all_;
    bridge::edge::Origin arriving_ = bridge::edge::Origin::client;  // of what is being published
    bool stopped_ = false;
};

}  // namespace helio::server
