#include "tools/heliograph/server.h"

#include "bridge/mqtt/session/tables.h"
#include "bridge/registry/tables.h"
#include "lns/device/tables.h"
#include "tools/heliograph/http_credentials.h"
#include "tools/heliograph/metrics_page.h"
#include "tools/version/version.h"

#include <cstdio>

namespace helio::server {
namespace {

using gateway_bridge::semtech_udp::GatewayInfo;
using gateway_bridge::semtech_udp::UdpBackend;

// Events and downlinks that may wait for their commit; beyond it gateways are asked to send less.
constexpr std::size_t kMaxWaitingEffects = 50'000;
// Part of the latency under load; see StoreLimits::max_hold for what it saves.
constexpr Duration kMaxHold = std::chrono::milliseconds(25);
constexpr Duration kLongestSleep = std::chrono::seconds(1);
constexpr Duration kStopSleep = std::chrono::milliseconds(10);
constexpr Duration kStopPatience = std::chrono::seconds(5);

std::vector<store::TableSpec> all_tables() {
    std::vector<store::TableSpec> out(lns::kTables.begin(), lns::kTables.end());
    out.insert(out.end(), std::begin(bridge::mqtt::kTables), std::end(bridge::mqtt::kTables));
    out.insert(out.end(), bridge::rules::kTables.begin(), bridge::rules::kTables.end());
    out.push_back(bridge::identity::authorizers::kAuthorizerTable);
    out.insert(out.end(), bridge::registry::kTables.begin(), bridge::registry::kTables.end());
    out.push_back(bridge::identity::kUserTable);
    out.push_back(bridge::edge::kQueueTable);
    return out;
}

std::string codec_host_program() {
    return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "heliograph-codec-host";
}

std::vector<std::string> codec_host_arguments(const Settings& settings) {
    return {"--run-time-ms=" + std::to_string(settings.codec_run_time.count()),
            "--memory-bytes=" + std::to_string(settings.codec_memory_bytes)};
}

// Stored instants may be ahead of a clock that was set back: time goes on from them.
Instant started_at(io::Loop& loop, const store::Store& store) {
    loop.not_before(store.last_commit_time());
    return loop.now();
}

// What tells this server from all others: its authority is made once, with its data folder.
std::string server_id(const std::string& authority_pem) {
    return to_hex(crypto::sha256(bytes_of(authority_pem))).substr(0, 16);
}

std::filesystem::path folder_for_rules(const std::filesystem::path& data,
                                       const std::string& setting) {
    return data / setting;  // an absolute setting replaces the data folder
}

}  // namespace

Server::Server(io::Loop& loop, const Settings& settings, const std::filesystem::path& data)
    : loop_(loop),
      log_(*log::level_from_text(settings.log_level)),
      random_(crypto::os_random()),
      data_(data),
      identity_(open_identity(data, random_, loop.now())),
      history_{.events = settings.history_events, .bytes = settings.history_bytes},
      commit_log_(data),
      store_(all_tables(), commit_log_, {.max_hold = kMaxHold}),
      registry_(store_),
      iot_({.store = store_,
            .random = random_,
            .place = {.region = settings.aws_region, .account = settings.aws_account},
            .issuer = {identity_.certificates.authority_pem,
                       identity_.certificates.authority_key_pem},
            .limits = settings.registry_limits},
           keys_),
      network_(settings.network, registry_, random_, outbox_),
      codecs_(loop, codec_host_program(), codec_host_arguments(settings), log_),
      custom_authorizers_(loop,
                          store_,
                          settings.authorizers,
                          data,
                          {codec_host_program(), codec_host_arguments(settings)},
                          settings.mqtt_limits.strict.on,
                          random_,
                          log_),
      users_(store_, custom_authorizers_.outside(), random_),
      access_(
          keys_,
          iot_,
          custom_authorizers_,
          users_,
          settings.mqtt_anonymous,
          settings.mqtt_limits.strict.on ? bridge::identity::ServerName::needed
                                         : bridge::identity::ServerName::not_needed,
          [this](std::string_view topic, std::string_view payload, Instant) {
              hub_.publish(topic, payload);
          },
          [&loop] { return loop.now(); }),
      broker_(store_,
              settings.mqtt_limits,
              random_,
              access_.authenticator(),
              access_.authorizer(),
              started_at(loop, store_)),
      lifecycle_(broker_, random_),
      sys_topics_(broker_, version(), loop.now()),
      http_publish_(access_.gate(), broker_, access_.authorizer(), random_),
      upstreams_(loop,
                 store_,
                 broker_,
                 settings.upstreams,
                 server_id(identity_.certificates.authority_pem),
                 random_,
                 log_),
      http_sender_(loop),
      file_sink_(loop, folder_for_rules(data, settings.rule_files)),
      rules_(store_,
             publisher_,
             http_sender_,
             file_sink_,
             random_,
             {.account = settings.aws_account, .region = settings.aws_region}),
      hub_(broker_, rules_, [&loop] { return loop.now(); }),
      delivery_(store_, registry_, codecs_.client(), hub_),
      commands_(network_, delivery_, codecs_.client(), random_),
      backups_(loop, commit_log_, data),
      due_timer_(loop, [] {}) {
    for (const auto& named : identity_.keys) keys_.add_administrator(named.key);
    custom_authorizers_.end_connections_of(broker_);
    custom_authorizers_.use_stored_policies(
        [this](const std::string& name) { return iot_.policies.compiled(name); });
    users_.pass_unknown_names_where(
        [this] { return custom_authorizers_.set().default_one() != nullptr; });
    users_.on_lapse([this](const std::string& name) {
        end_connections_of({bridge::registry::Target::Kind::user, name},
                           bridge::mqtt::EndReason::auth_error);
    });
    publisher_.connect(broker_, [&loop] { return loop.now(); });
    http_sender_.connect(rules_);
    file_sink_.connect(rules_);
    hub_.serve_commands(commands_);
    broker_.observe(lifecycle_);
    iot_.on_lapse([this](const bridge::registry::Target& who) {
        end_connections_of(who, bridge::mqtt::EndReason::forbidden_access);
    });
    broker_.observe(sys_topics_);
    store_.on_durable([this](store::Position position) { on_durable(position); });
    commit_log_.on_answer([this] { loop_.post([this] { store_.poll(); }); });
    loop_.on_turn_end([this] { on_turn_end(); });
    open_gateways(settings);
    listeners_ = std::make_unique<Listeners>(
        loop_,
        settings.listeners,
        identity_.certificates,
        broker_,
        [this](net::HttpRequest&& request, io::Responder responder) {
            on_request(std::move(request), std::move(responder));
        },
        [this](const net::HttpRequest& request) {
            return access_.may_upgrade(request, loop_.now());
        });
    certificate_watch_.emplace(
        loop_, data, random_, log_, [this](const crypto::x509::ServerIdentity& now) {
            listeners_->show(now);
        });
    make_api(settings);
    name_all_metrics();
    delivery_.recover(loop_.now());
}

Server::~Server() = default;

std::string Server::listeners_text() const {
    if (!gateways_) return listeners_->text();
    return "semtech_udp=" + gateways_->socket().local().text() + " " + listeners_->text();
}

void Server::open_gateways(const Settings& settings) {
    if (settings.listeners.semtech_udp) {
        gateways_ = std::make_unique<UdpBackend>(
            loop_,
            *settings.listeners.semtech_udp,
            "gateways.semtech_udp",
            gateway_bridge::semtech_udp::Settings{},
            [this](Eui64 eui) -> std::optional<GatewayInfo> {
                const auto gateway = registry_.gateway(eui);
                if (!gateway) return std::nullopt;
                return GatewayInfo{.antenna_gain_dbi = gateway->antenna_gain_dbi()};
            },
            *this);
    }
    gateways_port_ = std::make_unique<GatewaysPort>(gateways_.get());
}

void Server::make_api(const Settings& settings) {
    network_port_ = std::make_unique<NetworkPort>(network_, registry_);
    codecs_port_ = std::make_unique<CodecsPort>(codecs_.client(), [this] { return loop_.now(); });
    std::vector<std::string> regions;
    for (const auto& region : settings.network.regions) regions.push_back(region.name);
    api_ = std::make_unique<bridge::api::Api>(
        bridge::api::Context{
            .store = store_,
            .registry = registry_,
            .rules = rules_,
            .iot = iot_,
            .network = *network_port_,
            .gateways = *gateways_port_,
            .backup = backups_,
            .codecs = *codecs_port_,
            .authorizers = &custom_authorizers_.set(),
            .users = &users_,
            .access = access_.authorizer(),
            .broker = &broker_,
            .random = random_,
            .config = {.region = settings.aws_region,
                       .account = settings.aws_account,
                       .regions = std::move(regions),
                       .tls_port = listeners_->https_port(),
                       .server_trust = identity_.certificates.authority_pem},
            .metrics = [this] { return metrics_.to_prometheus(); },
        },
        keys_);
}

void Server::name_all_metrics() {
    name_metrics(metrics_, network_);
    if (gateways_) name_metrics(metrics_, *gateways_);
    name_metrics(metrics_, store_, commit_log_);
    name_metrics(metrics_, broker_);
    name_metrics(metrics_, codecs_.client());
    name_metrics(metrics_, delivery_);
    name_metrics(metrics_, rules_);
    name_metrics(metrics_, commands_);
    name_metrics(metrics_, *api_);
    name_metrics(metrics_, http_publish_);
    name_metrics(metrics_, *listeners_);
    name_metrics(metrics_, custom_authorizers_.set());
    name_metrics(metrics_, access_.certificates());
    name_metrics(metrics_, *access_.authorizer());
    name_metrics(metrics_, users_);
    for (const auto* upstream : upstreams_.all()) name_metrics(metrics_, *upstream);
}

void Server::on_uplink(const lns::GatewayUplink& uplink) {
    network_.on_uplink(uplink, loop_.now());
}

void Server::on_tx_ack(const lns::GatewayTxAck& ack) { network_.on_tx_ack(ack, loop_.now()); }

void Server::on_status(const lns::GatewayStatus& status) {
    network_.on_gateway_status(status, loop_.now());
}

void Server::on_request(net::HttpRequest&& request, io::Responder responder) {
    if (bridge::api::HttpPublish::is_for(request)) {
        return http_publish_.handle(http_credentials(std::move(request), responder),
                                    loop_.now(),
                                    [this, responder](bridge::api::ApiAnswer answer) {
                                        answer_request(std::move(answer), responder, false);
                                    });
    }
    const bool reads = request.method == "GET";
    bridge::api::ApiAnswer answer = api_->handle(request, loop_.now(), responder.peer().text());
    if (!answer.later) return answer_request(std::move(answer), std::move(responder), reads);
    answer.later([this, responder = std::move(responder), reads](bridge::api::ApiAnswer late) {
        answer_request(std::move(late), responder, reads);
    });
}

void Server::answer_request(bridge::api::ApiAnswer&& answer, io::Responder responder, bool reads) {
    note_registrations();
    net::HttpResponse response{answer.status, std::move(answer.headers), std::move(answer.body)};
    // While the disk is full, reads are answered all the same.
    if (answer.wait_for <= store_.durable() || store_.stalled()) {
        responder.respond(response);
    } else {
        answers_.push_back({answer.wait_for, std::move(responder), std::move(response), reads});
    }
}

// While the disk is full nobody is kept waiting for an answer.
void Server::note_stall() {
    if (store_.stalled() != stalled_) {
        stalled_ = store_.stalled();
        if (stalled_) {
            log_.error("changes cannot be stored: make room on the disk, it goes on by itself",
                       {{"reason", store_.trouble()}});
        } else {
            log_.info("changes are stored again");
        }
    }
    if (!stalled_) return;
    const net::HttpResponse not_yet = net::http_error(
        503,
        "The disk takes no changes at the moment. This one is kept and stored when there is room.");
    for (WaitingAnswer& one : answers_) one.responder.respond(one.reads ? one.response : not_yet);
    answers_.clear();
}

void Server::note_registrations() {
    if (!gateways_ || gateway_generation_ == registry_.gateway_generation()) return;
    gateway_generation_ = registry_.gateway_generation();
    for (const auto& gateway : gateways_->list())
        gateways_->on_registration_changed(gateway.gateway);
    for (const auto& gateway : gateways_->unknown())
        gateways_->on_registration_changed(gateway.gateway);
}

// A certificate that is not active any more, a key that was removed.
void Server::end_connections_of(const bridge::registry::Target& who, bridge::mqtt::EndReason why) {
    using bridge::identity::Principal;
    const auto is_who = [&](const bridge::mqtt::Identity* identity, std::string_view) {
        const auto* const principal = dynamic_cast<const Principal*>(identity);
        return principal != nullptr && bridge::registry::target_of(*principal) == who;
    };
    broker_.kick_if(
        is_who, {.reason = bridge::mqtt::ReasonCode::not_authorized, .why = why}, loop_.now());
}

void Server::on_turn_end() {
    const Instant now = loop_.now();
    run_due(now);
    // What the turn decided waits for its commit.
    std::ranges::move(outbox_.send_downlink, std::back_inserter(downlinks_));
    std::ranges::move(outbox_.publish_event, std::back_inserter(events_));
    outbox_.send_downlink.clear();
    outbox_.publish_event.clear();
    codecs_.client().flush(now);
    store_.flush(now);
    note_stall();
    // Some effects needed no commit, and some commits are durable already.
    release(store_.durable());
    if (gateways_) {
        gateways_->set_pressure(store_.overloaded() || events_.size() > kMaxWaitingEffects);
    }
    if (store_.fenced()) {
        log_.error("the store is lost to this process, it stops", {{"reason", store_.trouble()}});
        loop_.stop();
    }
    if (stopping_) finish_stop(now);
}

void Server::finish_stop(Instant now) {
    const bool quiet = listeners_->mqtt().client_count() == 0 && answers_.empty() &&
                       downlinks_.empty() && events_.empty() && file_sink_.idle() &&
                       store_.close(now);
    if (quiet || now >= stop_by_) loop_.stop();
}

void Server::run_due(Instant now) {
    Instant next = now + (stopping_ ? kStopSleep : kLongestSleep);
    const auto sooner = [&](std::optional<Instant> at) {
        if (at && *at < next) next = *at;
    };
    sooner(network_.on_time(now));
    sooner(rules_.on_time(now));
    sooner(codecs_.client().on_time(now));
    sooner(custom_authorizers_.on_turn_end(now));
    sooner(sys_topics_.on_time(now));
    sooner(upstreams_.on_turn_end(now));
    sooner(store_.wake_at());
    store_.trim_events({store_.filling(), 0}, history_);
    due_timer_.start_at(next);
    if (now - pages_let_go_at_ >= kLongestSleep) {
        pages_let_go_at_ = now;
        commit_log_.let_go_of_pages();
    }
}

void Server::on_durable(store::Position position) {
    broker_.on_durable(position, loop_.now());
    release(position);
}

void Server::release(store::Position position) {
    while (!downlinks_.empty() && downlinks_.front().position <= position) {
        if (gateways_) gateways_->send(downlinks_.front().downlink);
        downlinks_.pop_front();
    }
    const Instant now = loop_.now();
    while (!events_.empty() && events_.front().position <= position) {
        const lns::PublishEvent event = std::move(events_.front().publish);
        events_.pop_front();
        delivery_.on_event(event, now);
    }
    while (!answers_.empty() && answers_.front().position <= position) {
        answers_.front().responder.respond(answers_.front().response);
        answers_.pop_front();
    }
}

void Server::stop() {
    stopping_ = true;
    upstreams_.stop();
    listeners_->shut_down();
    stop_by_ = loop_.now() + kStopPatience;
    due_timer_.start_after(kStopSleep);
}

}  // namespace helio::server
