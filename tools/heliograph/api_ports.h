// What the API asks of the rest of the server, answered by the parts that know.
#pragma once

#include "base/io/loop.h"
#include "base/store/lmdb/lmdb_log.h"
#include "bridge/api/ports.h"
#include "bridge/payload/codec_client.h"
#include "gateway-bridge/semtech-udp/io/udp_backend.h"
#include "lns/network_server.h"

#include <filesystem>
#include <memory>

namespace helio::server {

class NetworkPort final : public bridge::api::NetworkServerPort {
  public:
    NetworkPort(lns::NetworkServer& network, const lns::Registry& registry)
        : network_(network), registry_(registry) {}
    Result<lns::CommandAnswer, lns::CommandError> command(const lns::DeviceCommand& command,
                                                          Instant now) override;
    std::vector<lns::proto::QueueItem> queue(Eui64 dev_eui) const override;
    std::optional<std::string> explain_adr(Eui64 dev_eui) const override;

  private:
    lns::NetworkServer& network_;
    const lns::Registry& registry_;
};

class GatewaysPort final : public bridge::api::GatewayPort {
  public:
    // Null: no listener for gateways is on.
    explicit GatewaysPort(gateway_bridge::semtech_udp::UdpBackend* backend) : backend_(backend) {}
    std::optional<bridge::api::GatewayLive> live(Eui64 gateway) const override;
    std::vector<bridge::api::SeenGateway> seen() const override;

  private:
    gateway_bridge::semtech_udp::UdpBackend* backend_;
};

class CodecsPort final : public bridge::api::CodecPort {
  public:
    CodecsPort(bridge::payload::CodecClient& codecs, std::function<Instant()> clock)
        : codecs_(codecs), clock_(std::move(clock)) {}
    void check(std::string source, Answer answer) override;

  private:
    bridge::payload::CodecClient& codecs_;
    std::function<Instant()> clock_;
};

// A copy of the database, and of the files beside it that a server needs to go on from there.
class Backups final : public bridge::api::BackupPort {
  public:
    Backups(io::Loop& loop, store::LmdbLog& log, std::filesystem::path data);
    Result<void, std::string> start(std::string_view directory) override;
    bridge::api::BackupStatus status() const override { return *status_; }

  private:
    io::Loop& loop_;
    store::LmdbLog& log_;
    std::filesystem::path data_;
    std::shared_ptr<bridge::api::BackupStatus> status_;
};

}  // namespace helio::server
