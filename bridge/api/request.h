// An HTTP request and the API's answer as plain values.
//
// The answer may leave the server only when the commit at `wait_for` is durable.
#pragma once

#include "base/net/http.h"
#include "base/store/commit_log.h"

#include <string>

namespace helio::bridge::api {

using net::HttpHeaders;
using net::HttpRequest;

struct ApiAnswer {
    int status = 200;
    HttpHeaders headers;  // without content-length, which the server adds
    std::string body;
    store::Position wait_for = 0;  // 0: may leave at once
};

}  // namespace helio::bridge::api
