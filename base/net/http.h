// An HTTP/1.1 request and its response as values, and one server connection as a machine without
// I/O.
//
// Bytes go in, requests come out; responses go in, bytes come out.  The machine answers malformed,
// oversize and slow requests by itself.
#pragma once

#include "base/bytes.h"
#include "base/time.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace helio::net {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;  // in order, names as sent

// By name without regard to case; the first one where there are several.
std::optional<std::string_view> find_header(const HttpHeaders& headers, std::string_view name);

struct HttpRequest {
    std::string method;
    std::string target;  // path and query as on the request line, percent-encoding untouched
    HttpHeaders headers;
    std::string body;

    std::string_view path() const;   // raw: what a signature was made over
    std::string_view query() const;  // raw, without '?'
    std::optional<std::string_view> header(std::string_view name) const {
        return find_header(headers, name);
    }
};

struct HttpResponse {
    int status = 200;
    HttpHeaders headers;  // without Content-Length, Date and Connection, which are added
    std::string body;
};

// {"message": text}, for errors that are found before any handler runs.  `text` must need no
// escape.
HttpResponse http_error(int status, std::string_view text);

struct HttpLimits {
    std::size_t header_bytes = 16u << 10;
    std::size_t body_bytes = 8u << 20;
    Duration idle = std::chrono::seconds(75);         // between requests of a connection
    Duration header_time = std::chrono::seconds(10);  // from a request's first byte to its last
    Duration body_time = std::chrono::seconds(60);    // header line, and to the end of its body
};

//   feed ─► waiting ─► receiving ─► (request taken) answering ─► respond ─► waiting ...
//                          └─ error: 4xx ─► closing              └─ "Connection: close" ─► closing
//
// One request at a time: what a client sends ahead waits in the buffer.
class HttpConnection {
  public:
    HttpConnection(HttpLimits limits, Instant now);
    ~HttpConnection();
    HttpConnection(HttpConnection&&) noexcept;

    void feed(ByteView bytes, Instant now);
    // The next complete request, once; answer it with respond() before another comes.
    std::optional<HttpRequest> next_request();
    void respond(const HttpResponse& response, Instant now);

    // What is to be sent; taken away.
    std::string take_output();
    // Nothing more is read; close when the output has been sent.
    bool closing() const { return phase_ == Phase::closing; }
    // The status of the answer that this gave by itself; 0 where it gave none.
    int refused_with() const { return refused_with_; }
    // Since when it waits for a whole request; absent while one is answered, or after the last.
    std::optional<Instant> waiting_since() const {
        if (phase_ != Phase::waiting && phase_ != Phase::receiving) return std::nullopt;
        return waiting_since_;
    }
    // False while enough waits in the buffer: stop reading.
    bool wants_input() const;

    std::optional<Instant> deadline() const { return deadline_; }
    void on_time(Instant now);

    // For an upgrade, instead of respond(): the bytes behind the request.
    std::string take_rest();

  private:
    enum class Phase : std::uint8_t { waiting, receiving, ready, answering, closing };
    struct Parser;

    void parse(Instant now);
    void begin_request(Instant now);
    void check_header(Instant now);
    void finish_request();
    void refuse(int status, std::string_view text);
    void refuse_parse_error(int error);

    HttpLimits limits_;
    Phase phase_ = Phase::waiting;
    std::unique_ptr<Parser> parser_;  // while receiving
    std::string input_;
    std::string output_;
    std::optional<HttpRequest> request_;
    std::optional<Instant> deadline_;
    Instant last_time_;
    Instant waiting_since_;
    int refused_with_ = 0;
    bool keep_alive_ = true;
    bool is_head_ = false;
};

}  // namespace helio::net
