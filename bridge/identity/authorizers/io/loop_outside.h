// The world of authorizers on the loop: libcurl for HTTP, libuv's threads for signatures.
#pragma once

#include "base/io/http_client.h"
#include "base/io/loop.h"
#include "base/io/worker.h"
#include "bridge/identity/authorizers/outside.h"

namespace helio::bridge::identity::authorizers {

class LoopOutside final : public Outside {
  public:
    explicit LoopOutside(io::Loop& loop);

    bool send(HttpCall call, std::function<void(HttpReply)> done) override;
    bool run(std::function<void()> work, std::function<void()> done) override;
    Instant now() override { return loop_.now(); }

  private:
    io::Loop& loop_;
    io::HttpClient client_;
    io::Worker worker_;
};

}  // namespace helio::bridge::identity::authorizers
