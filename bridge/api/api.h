// The HTTP API: AWS's iotwireless and iot as far as they are rows of the table of operations, and
// our own resources beside them.
//
// Pure: a request and the time go in, an answer comes out.  It leaves when `wait_for` is durable.
#pragma once

#include "bridge/api/context.h"
#include "bridge/api/credentials.h"
#include "bridge/api/operation.h"
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
        std::uint64_t denied = 0;         // by a policy of the access key
        std::uint64_t client_errors = 0;  // 4xx, signatures apart
        std::uint64_t server_errors = 0;  // 5xx
    };

    // The ring outlives the API; keys that are added to it count at once.
    Api(Context context, const KeyRing& keys);

    // `address` of the client, "192.0.2.7:51234", for policies that ask for it.
    ApiAnswer handle(const HttpRequest& request, Instant now, const std::string& address = {});

    const Stats& stats() const { return stats_; }

  private:
    ApiAnswer answer(const HttpRequest& request, Instant now, const std::string& address);
    bool may(const std::string& key,
             const Operation& row,
             const Call& call,
             const std::string& address);
    ApiAnswer finish(ApiAnswer made);

    Context context_;
    const KeyRing& keys_;
    Stats stats_;
    store::Position last_change_ = 0;
};

}  // namespace helio::bridge::api
