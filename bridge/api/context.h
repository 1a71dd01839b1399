// Everything that an operation may touch.  Made once by the wiring.
#pragma once

#include "base/store/store.h"
#include "bridge/api/ports.h"
#include "bridge/identity/policy_authorizer.h"
#include "bridge/registry/registry.h"
#include "bridge/rules/rule_engine.h"
#include "crypto/random.h"
#include "lns/device/registry.h"

#include <functional>
#include <string>
#include <vector>

namespace helio::bridge::identity {
class Users;
}
namespace helio::bridge::identity::authorizers {
class AuthorizerSet;
}

namespace helio::bridge::mqtt {
class Broker;
}

namespace helio::bridge::api {

struct ApiConfig {
    std::string region = "us-east-1";
    std::string account = "123456789012";
    std::vector<std::string> regions = {"EU868", "US915"};  // of LoRaWAN, the first is the default
    std::uint16_t tls_port = 0;  // of HTTPS; 0: there is no such listener
    std::string server_trust;    // PEM of our CA
};

struct Context {
    store::Store& store;
    lns::Registry& registry;
    rules::RuleEngine& rules;
    registry::Registry& iot;
    NetworkServerPort& network;
    GatewayPort& gateways;
    BackupPort& backup;
    CodecPort& codecs;
    identity::authorizers::AuthorizerSet* authorizers;  // never null in the server
    identity::Users* users;                             // likewise
    // Null: nothing is asked of any access key.
    identity::PolicyAuthorizer* access = nullptr;
    mqtt::Broker* broker = nullptr;  // never null in the server
    crypto::Random random;
    ApiConfig config;
    std::function<std::string()> metrics;  // the text of GET /metrics
};

std::string arn_of(const ApiConfig& config,
                   std::string_view service,
                   std::string_view kind,
                   std::string_view name);

}  // namespace helio::bridge::api
