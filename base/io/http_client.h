// An HTTP client on the loop: requests of rules and functions to servers of other people.
//
// Certificates are checked, redirections are not followed, and everything has a limit: the servers
// out there may be slow, silent or malicious.
#pragma once

#include "base/io/loop.h"
#include "base/net/http.h"

#include <functional>
#include <memory>
#include <string>

namespace helio::io {

struct HttpClientRequest {
    std::string method = "GET";
    std::string url;  // http:// or https://
    net::HttpHeaders headers;
    std::string body;
    Duration timeout = std::chrono::seconds(5);  // from the beginning of the request to its end
};

struct HttpClientAnswer {
    int status = 0;  // 0: there is none, and `error` says why in a sentence
    std::string error;
    net::HttpHeaders headers;
    std::string body;
};

struct HttpClientOptions {
    std::size_t max_running = 64;
    std::size_t max_per_host = 16;    // connections; further requests to it wait for one
    std::size_t max_queued = 10'000;  // beside those that run
    std::size_t max_answer_bytes = 1u << 20;
    std::string ca_pem;                // empty: the authorities of the system
    bool proxy_of_environment = true;  // http_proxy, https_proxy, no_proxy
};

class HttpClient {
  public:
    // Once, on the loop; must not destroy the client.
    using Done = std::function<void(HttpClientAnswer&&)>;

    explicit HttpClient(Loop& loop, HttpClientOptions options = {});
    // Drops what runs and waits; no Done is called any more.
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    // False where the queue is full: `done` is not called then.
    [[nodiscard]] bool send(HttpClientRequest request, Done done);

    std::size_t running() const;
    std::size_t queued() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace helio::io
