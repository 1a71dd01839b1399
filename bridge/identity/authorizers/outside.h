// What authorizers need of the world: HTTP, a thread for signatures, the clock.  The io/ folder has
// it; tests play it.
#pragma once

#include "base/net/http.h"
#include "base/time.h"

#include <functional>
#include <string>

namespace helio::bridge::identity::authorizers {

struct HttpCall {
    std::string method = "GET";
    std::string url;
    net::HttpHeaders headers;
    std::string body;
    Duration timeout = std::chrono::seconds(5);
};
struct HttpReply {
    int status = 0;  // 0: there is none, and `error` says why
    std::string error;
    std::string body;
};

class Outside {
  public:
    virtual ~Outside() = default;
    // False where too many wait: `done` is not called then.  Otherwise later, once.
    virtual bool send(HttpCall call, std::function<void(HttpReply)> done) = 0;
    // `work` on another thread, then `done` on the loop.  False where too much waits.
    virtual bool run(std::function<void()> work, std::function<void()> done) = 0;
    virtual Instant now() = 0;
};

}  // namespace helio::bridge::identity::authorizers
