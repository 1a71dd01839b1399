// The custom authorizers of the server: those of the settings and of the API, the codec host that
// runs their scripts, and the connections that they let in.
//
// A codec host of their own, so that no payload codec keeps people waiting at the door.
#pragma once

#include "base/log.h"
#include "bridge/identity/authorizers/authorizer_set.h"
#include "bridge/identity/authorizers/custom_checker.h"
#include "bridge/identity/authorizers/io/loop_outside.h"
#include "bridge/identity/authorizers/live_grants.h"
#include "bridge/mqtt/broker.h"
#include "bridge/payload/io/codec_host_process.h"
#include "tools/heliograph/authorizer_settings.h"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace helio::server {

class CustomAuthorizers {
  public:
    struct Host {
        std::string program;
        std::vector<std::string> arguments;
    };
    // The compiled document of a stored policy; null where there is none.
    using StoredPolicy = std::function<bridge::policy::DocumentPtr(const std::string& name)>;

    // Scripts of authorizers that the API makes are in `data`/authorizers.  `strict`: with the
    // bounds of AWS.  Throws std::runtime_error with one sentence where a file of the settings
    // cannot be used.
    CustomAuthorizers(io::Loop& loop,
                      store::Store& store,
                      const std::vector<AuthorizerSettings>& settings,
                      const std::filesystem::path& data,
                      Host host,
                      bool strict,
                      crypto::Random random,
                      log::Log& log);
    CustomAuthorizers(const CustomAuthorizers&) = delete;
    CustomAuthorizers& operator=(const CustomAuthorizers&) = delete;

    // What could not be had before they were made.
    void end_connections_of(bridge::mqtt::Broker& broker) { broker_ = &broker; }
    void use_stored_policies(StoredPolicy stored) { stored_ = std::move(stored); }

    // At the gate: the first before all other checkers, the second behind them.
    bridge::identity::Checker& for_named() { return named_; }
    bridge::identity::Checker& for_the_rest() { return rest_; }

    bridge::identity::authorizers::AuthorizerSet& set() { return set_; }
    bridge::identity::authorizers::Outside& outside() { return outside_; }
    const bridge::payload::CodecClient& scripts() { return host_.client(); }

    // At the end of each turn: what is due; when to call again.
    std::optional<Instant> on_turn_end(Instant now);

  private:
    void add(const AuthorizerSettings& settings);
    std::shared_ptr<bridge::identity::authorizers::CustomAuthorizer> make(
        const AuthorizerSettings& settings);
    std::shared_ptr<bridge::identity::authorizers::CustomAuthorizer> make_jwt(
        const AuthorizerSettings& settings);

    bridge::identity::authorizers::LoopOutside outside_;
    bridge::payload::CodecHostProcess host_;
    bridge::identity::authorizers::DocumentCache documents_;
    bridge::identity::authorizers::AnswerRules rules_;
    bridge::identity::authorizers::AuthorizerSet set_;
    bridge::identity::authorizers::LiveGrants grants_;
    bridge::identity::authorizers::CustomChecker named_;
    bridge::identity::authorizers::CustomChecker rest_;
    bridge::mqtt::Broker* broker_ = nullptr;
    StoredPolicy stored_;
};

}  // namespace helio::server
