// The whole server: makes the parts, hands each what it needs, and runs the turns.
//
// A turn: sockets bring inputs, cores change the store and leave effects; at its end what is due
// runs and the changes go to the commit log.  Effects leave when their commit is durable: see
// Release.
#pragma once

#include "base/io/loop.h"
#include "base/io/timer.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/store/lmdb/lmdb_log.h"
#include "bridge/api/api.h"
#include "bridge/api/http_publish.h"
#include "bridge/mqtt/lifecycle/lifecycle_events.h"
#include "bridge/mqtt/sys/sys_topics.h"
#include "bridge/payload/io/codec_host_process.h"
#include "bridge/registry/registry.h"
#include "bridge/rules/io/folder_sink.h"
#include "bridge/rules/io/http_client_sender.h"
#include "gateway-bridge/semtech-udp/io/udp_backend.h"
#include "lns/network_server.h"
#include "tools/heliograph/access_control.h"
#include "tools/heliograph/api_ports.h"
#include "tools/heliograph/certificate_watch.h"
#include "tools/heliograph/custom_authorizers.h"
#include "tools/heliograph/data_folder.h"
#include "tools/heliograph/listeners.h"
#include "tools/heliograph/message_hub.h"
#include "tools/heliograph/settings.h"
#include "tools/heliograph/upstreams.h"

#include <deque>
#include <filesystem>
#include <memory>
#include <string>

namespace helio::server {

class Server final : public gateway_bridge::semtech_udp::UdpBackend::Handler {
  public:
    // Every listener is up when it returns.  Throws std::runtime_error with one sentence where the
    // server cannot start.
    Server(io::Loop& loop, const Settings& settings, const std::filesystem::path& data);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // "semtech_udp=0.0.0.0:1700 mqtt=127.0.0.1:1883 ..."
    std::string listeners_text() const;

    // Reads what may change while the server runs: the certificate.
    void reload() { certificate_watch_->reload(); }

    // Lets what is on its way become durable, and stops the loop.
    void stop();

  private:
    struct WaitingAnswer {
        store::Position position;
        io::Responder responder;
        net::HttpResponse response;
        bool reads;  // it changed nothing
    };

    void on_uplink(const lns::GatewayUplink& uplink) override;
    void on_tx_ack(const lns::GatewayTxAck& ack) override;
    void on_status(const lns::GatewayStatus& status) override;

    void open_gateways(const Settings& settings);
    void make_api(const Settings& settings);
    void name_all_metrics();
    void on_request(net::HttpRequest&& request, io::Responder responder);
    void answer_request(bridge::api::ApiAnswer&& answer, io::Responder responder, bool reads);
    void on_turn_end();
    void run_due(Instant now);
    void finish_stop(Instant now);
    void on_durable(store::Position position);
    void release(store::Position position);
    void note_stall();
    void note_registrations();
    void end_connections_of(const bridge::registry::Target& who, bridge::mqtt::EndReason why);

    io::Loop& loop_;
    log::Log log_;
    metrics::Registry metrics_;
    crypto::Random random_;
    std::filesystem::path data_;
    Identity identity_;
    bridge::api::KeyRing keys_;
    store::Store::EventLogSize history_;  // at most

    store::LmdbLog commit_log_;
    store::Store store_;
    lns::Registry registry_;
    bridge::registry::Registry iot_;
    lns::Outbox outbox_;
    lns::NetworkServer network_;
    std::deque<lns::Outbox::Downlink> downlinks_;  // that wait for their commit
    std::deque<lns::Outbox::Publish> events_;      // likewise
    std::deque<WaitingAnswer> answers_;            // likewise

    bridge::payload::CodecHostProcess codecs_;
    CustomAuthorizers custom_authorizers_;
    bridge::identity::Users users_;
    AccessControl access_;
    bridge::mqtt::Broker broker_;
    bridge::mqtt::LifecycleEvents lifecycle_;
    bridge::mqtt::SysTopics sys_topics_;
    bridge::api::HttpPublish http_publish_;
    Upstreams upstreams_;
    RulePublisher publisher_;
    bridge::rules::HttpClientSender http_sender_;
    bridge::rules::FolderSink file_sink_;
    bridge::rules::RuleEngine rules_;
    MessageHub hub_;
    bridge::delivery::EventDelivery delivery_;
    bridge::delivery::DownlinkCommands commands_;

    std::unique_ptr<gateway_bridge::semtech_udp::UdpBackend> gateways_;
    std::unique_ptr<NetworkPort> network_port_;
    std::unique_ptr<GatewaysPort> gateways_port_;
    std::unique_ptr<CodecsPort> codecs_port_;
    Backups backups_;
    std::unique_ptr<bridge::api::Api> api_;
    std::unique_ptr<Listeners> listeners_;
    std::optional<CertificateWatch> certificate_watch_;
    io::Timer due_timer_;
    std::uint64_t gateway_generation_ = 0;
    Instant pages_let_go_at_{};
    bool stopping_ = false;
    bool stalled_ = false;  // the disk takes no changes, and that has been logged
    Instant stop_by_{};
};

}  // namespace helio::server
