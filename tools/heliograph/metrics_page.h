// Names the counters of all parts for GET /metrics.
#pragma once

#include "base/io/http_server.h"
#include "base/metrics.h"
#include "base/store/lmdb/lmdb_log.h"
#include "base/store/store.h"
#include "bridge/api/api.h"
#include "bridge/api/http_publish.h"
#include "bridge/delivery/downlink_commands.h"
#include "bridge/delivery/event_delivery.h"
#include "bridge/edge/upstream.h"
#include "bridge/identity/authorizers/authorizer_set.h"
#include "bridge/identity/certificate_checker.h"
#include "bridge/identity/policy_authorizer.h"
#include "bridge/identity/users.h"
#include "bridge/mqtt/broker.h"
#include "bridge/payload/codec_client.h"
#include "bridge/rules/rule_engine.h"
#include "gateway-bridge/semtech-udp/io/udp_backend.h"
#include "lns/network_server.h"
#include "tools/heliograph/listeners.h"

namespace helio::server {

// Each must live as long as the registry is asked.
void name_metrics(metrics::Registry& metrics, const lns::NetworkServer& network);
void name_metrics(metrics::Registry& metrics,
                  const gateway_bridge::semtech_udp::UdpBackend& backend);
void name_metrics(metrics::Registry& metrics, const store::Store& store, const store::LmdbLog& log);
void name_metrics(metrics::Registry& metrics, const bridge::mqtt::Broker& broker);
void name_metrics(metrics::Registry& metrics, const bridge::payload::CodecClient& codecs);
void name_metrics(metrics::Registry& metrics, const bridge::delivery::EventDelivery& delivery);
void name_metrics(metrics::Registry& metrics, const bridge::rules::RuleEngine& rules);
void name_metrics(metrics::Registry& metrics, const bridge::delivery::DownlinkCommands& commands);
void name_metrics(metrics::Registry& metrics, const bridge::api::Api& api);
void name_metrics(metrics::Registry& metrics, const bridge::api::HttpPublish& publish);
void name_metrics(metrics::Registry& metrics, const Listeners& listeners);
void name_metrics(metrics::Registry& metrics,
                  const bridge::identity::authorizers::AuthorizerSet& authorizers);
void name_metrics(metrics::Registry& metrics,
                  const bridge::identity::CertificateChecker& certificates);
void name_metrics(metrics::Registry& metrics, const bridge::identity::PolicyAuthorizer& access);
void name_metrics(metrics::Registry& metrics, const bridge::identity::Users& users);
void name_metrics(metrics::Registry& metrics, const bridge::edge::Upstream& upstream);

}  // namespace helio::server
