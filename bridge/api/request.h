// An HTTP request and its answer as plain values: what the API is a function of.
//
// The answer may leave the server only when the commit at `wait_for` is durable.
#pragma once

#include "base/store/commit_log.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace helio::bridge::api {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
    std::string method;  // upper case
    std::string target;  // path and query as on the request line, percent-encoding untouched
    HttpHeaders headers;
    std::string body;

    std::string_view path() const { return std::string_view(target).substr(0, target.find('?')); }
    std::string_view query() const {
        const std::size_t mark = target.find('?');
        return mark == std::string::npos ? std::string_view()
                                         : std::string_view(target).substr(mark + 1);
    }
};

struct ApiAnswer {
    int status = 200;
    HttpHeaders headers;  // without content-length, which the server adds
    std::string body;
    store::Position wait_for = 0;  // 0: may leave at once
};

}  // namespace helio::bridge::api
