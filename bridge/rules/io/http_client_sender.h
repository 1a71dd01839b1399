// HTTP actions over the HTTP client of the loop.
#pragma once

#include "base/io/http_client.h"
#include "bridge/rules/effects.h"
#include "bridge/rules/rule_engine.h"

namespace helio::bridge::rules {

class HttpClientSender final : public HttpSender {
  public:
    explicit HttpClientSender(io::Loop& loop) : loop_(loop), client_(loop) {}

    // Who is told the answers; the engine needs a sender before it exists.
    void connect(RuleEngine& engine) { engine_ = &engine; }

    void send(CallId call, const HttpRequest& request) override;

  private:
    io::Loop& loop_;
    RuleEngine* engine_ = nullptr;
    io::HttpClient client_;
};

}  // namespace helio::bridge::rules
