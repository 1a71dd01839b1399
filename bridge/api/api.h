// The HTTP API: AWS's iotwireless and iot as far as they are rows of the table of operations, and
// our own resources beside them.
//
// Pure: a request and the time go in, an answer comes out.  It leaves when `wait_for` is durable.
#pragma once

#include "bridge/api/context.h"
#include "bridge/api/credentials.h"
#include "bridge/api/request.h"

#include <cstdint>
#include <string_view>

namespace helio::bridge::api {

class Api {
  public:
    // Larger bodies should be refused by the HTTP parser already.
    static constexpr std::size_t kMaxBodyBytes = 8u << 20;

    struct Stats {
        std::uint64_t requests = 0;
        std::uint64_t refused_signatures = 0;
        std::uint64_t client_errors = 0;  // 4xx, signatures apart
        std::uint64_t server_errors = 0;  // 5xx
    };

    Api(Context context, KeyRing keys);

    ApiAnswer handle(const HttpRequest& request, Instant now);

    const Stats& stats() const { return stats_; }

  private:
    ApiAnswer answer(const HttpRequest& request, Instant now);
    ApiAnswer finish(ApiAnswer made);

    Context context_;
    KeyRing keys_;
    Stats stats_;
    store::Position last_change_ = 0;
};

}  // namespace helio::bridge::api
