// An HTTP request and the API's answer as plain values.
//
// The answer may leave the server only when the commit at `wait_for` is durable.
#pragma once

#include "base/net/http.h"
#include "base/store/commit_log.h"

#include <functional>
#include <string>

namespace helio::bridge::api {

using net::HttpHeaders;
using net::HttpRequest;

struct ApiAnswer {
    int status = 200;
    HttpHeaders headers;  // without content-length, which the server adds
    std::string body;
    store::Position wait_for = 0;  // 0: may leave at once
    // Set: the answer comes later, by calling what it is called with; the rest means nothing.
    std::function<void(std::function<void(ApiAnswer)>)> later{};
};

}  // namespace helio::bridge::api
