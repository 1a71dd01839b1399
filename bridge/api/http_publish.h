// HTTPS publish of AWS IoT's data plane: who is it, may they, and into the broker.
//
// QoS 1 is answered when the message cannot be lost any more.  Source: AWS IoT Core developer
// guide, "HTTPS"; every answer has a traceId.
#pragma once

#include "bridge/api/request.h"
#include "bridge/identity/gate.h"
#include "bridge/mqtt/broker.h"
#include "crypto/random.h"

#include <cstdint>
#include <functional>
#include <string_view>

namespace helio::bridge::api {

class HttpPublish {
  public:
    // Once, before handle() returns or later on the loop thread.
    using Answer = std::function<void(ApiAnswer)>;

    struct Stats {
        std::uint64_t published = 0;
        std::uint64_t forbidden = 0;
        std::uint64_t bad_requests = 0;
    };

    // Without an authorizer who is let in may publish everything.
    HttpPublish(identity::Gate& gate,
                mqtt::Broker& broker,
                mqtt::Authorizer* authorizer,
                crypto::Random random);

    static bool is_for(const net::HttpRequest& request);

    // `shown.http` is the request.
    void handle(identity::Credentials shown, Instant now, Answer answer);

    const Stats& stats() const { return stats_; }

  private:
    ApiAnswer publish(const net::HttpRequest& request,
                      const identity::Identified& who,
                      Instant now);
    ApiAnswer refuse(mqtt::ReasonCode reason);
    ApiAnswer answer_with(int status, std::string_view error_type, std::string_view message);

    identity::Gate& gate_;
    mqtt::Broker& broker_;
    mqtt::Authorizer* authorizer_;
    crypto::Random random_;
    Stats stats_;
};

}  // namespace helio::bridge::api
