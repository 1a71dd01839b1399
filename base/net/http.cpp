#include "base/net/http.h"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstdio>
#include <ctime>

namespace helio::net {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

// So much may wait behind the request that is being answered.
constexpr std::size_t kReadAhead = 64u << 10;

// The shortest end of a chunked body, "0\r\n\r\n".  Beast asserts that it is not asked again about
// fewer bytes, so we wait for as many; every chunk has at least this much behind it.
constexpr std::size_t kLastChunk = 5;

bool same_name(std::string_view a, std::string_view b) {
    return beast::iequals({a.data(), a.size()}, {b.data(), b.size()});
}

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

// A header of the response must not be able to end its line.
void append_header_text(std::string& out, std::string_view text) {
    for (const char c : text) out += static_cast<unsigned char>(c) < ' ' && c != '\t' ? ' ' : c;
}

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 §5.6.7)
std::string http_date(Instant at) {
    const std::time_t seconds = to_unix_us(at) / 1'000'000;
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array kMonths = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::array<char, 64> text;
    const int size = std::snprintf(text.data(),
                                   text.size(),
                                   "%s, %02d %s %04d %02d:%02d:%02d GMT",
                                   kDays[static_cast<std::size_t>(parts.tm_wday)],
                                   parts.tm_mday,
                                   kMonths[static_cast<std::size_t>(parts.tm_mon)],
                                   parts.tm_year + 1900,
                                   parts.tm_hour,
                                   parts.tm_min,
                                   parts.tm_sec);
    return {text.data(), static_cast<std::size_t>(size)};
}

bool has_no_body(int status) { return status < 200 || status == 204 || status == 304; }

// Origin form as it is; the absolute form (RFC 9112 §3.2.2) without scheme and authority.  Empty
// where it is neither.
std::string origin_form(std::string_view target) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (target.size() <= scheme.size() || !same_name(target.substr(0, scheme.size()), scheme)) {
            continue;
        }
        const auto path = target.find_first_of("/?", scheme.size());
        if (path == std::string_view::npos) return "/";
        return (target[path] == '?' ? "/" : "") + std::string(target.substr(path));
    }
    if (target == "*" || target.starts_with('/')) return std::string(target);
    return {};
}

}  // namespace

struct HttpConnection::Parser : http::request_parser<http::string_body> {
    bool header_checked = false;
    std::size_t header_bytes = 0;  // that have been parsed
};

std::optional<std::string_view> find_header(const HttpHeaders& headers, std::string_view name) {
    for (const auto& [key, value] : headers) {
        if (same_name(key, name)) return value;
    }
    return std::nullopt;
}

std::string_view HttpRequest::path() const {
    return std::string_view(target).substr(0, target.find('?'));
}

std::string_view HttpRequest::query() const {
    const auto mark = target.find('?');
    if (mark == std::string::npos) return {};
    return std::string_view(target).substr(mark + 1);
}

HttpResponse http_error(int status, std::string_view text) {
    return {.status = status,
            .headers = {{"Content-Type", "application/json"}},
            .body = "{\"message\":\"" + std::string(text) + "\"}"};
}

HttpConnection::HttpConnection(HttpLimits limits, Instant now)
    : limits_(limits), deadline_(now + limits.idle), last_time_(now), waiting_since_(now) {}
HttpConnection::~HttpConnection() = default;
HttpConnection::HttpConnection(HttpConnection&&) noexcept = default;

void HttpConnection::feed(ByteView bytes, Instant now) {
    last_time_ = now;
    if (phase_ == Phase::closing) return;
    input_ += text_of(bytes);
    parse(now);
}

void HttpConnection::begin_request(Instant now) {
    // Empty lines before a request are ignored (RFC 9112 §2.2).
    input_.erase(0, std::min(input_.find_first_not_of("\r\n"), input_.size()));
    if (input_.empty()) return;
    phase_ = Phase::receiving;
    parser_ = std::make_unique<Parser>();
    // Beast's limit depends on how the bytes come; ours, which is below, does not.
    parser_->header_limit(static_cast<std::uint32_t>(4 * limits_.header_bytes));
    parser_->body_limit(limits_.body_bytes);
    deadline_ = now + limits_.header_time;
}

void HttpConnection::parse(Instant now) {
    if (phase_ == Phase::waiting) begin_request(now);
    while (phase_ == Phase::receiving && !input_.empty()) {
        const bool in_chunks = parser_->header_checked && parser_->chunked();
        if (in_chunks && input_.size() < kLastChunk) return;
        beast::error_code error;
        const std::size_t used =
            parser_->put(boost::asio::const_buffer(input_.data(), input_.size()), error);
        input_.erase(0, used);
        // A header that announces too large a body is not one that is too long itself.
        if (error == http::error::body_limit) return refuse_parse_error(error.value());
        if (!parser_->header_checked) {
            parser_->header_bytes += used;
            const std::size_t open = parser_->is_header_done() ? 0 : input_.size() + 1;
            if (parser_->header_bytes + open > limits_.header_bytes) {
                return refuse(431, "the header of the request is too long");
            }
            if (parser_->is_header_done() && !error) check_header(now);
            if (phase_ != Phase::receiving) return;
        }
        if (error == http::error::need_more) {
            if (input_.size() <= limits_.header_bytes) return;
            return refuse(400, "a chunk of the request's body has a header that is too long");
        }
        if (error) return refuse_parse_error(error.value());
        if (parser_->is_done()) return finish_request();
    }
}

void HttpConnection::check_header(Instant now) {
    parser_->header_checked = true;
    deadline_ = now + limits_.body_time;
    const auto& message = parser_->get();
    if (message.version() >= 11 && message.count(http::field::host) != 1) {
        return refuse(400, "the request must have one Host header");
    }
    if (const auto coding = message.find(http::field::transfer_encoding); coding != message.end()) {
        // Where the body ends must be beyond doubt (RFC 9112 §6.1): a proxy may see it otherwise.
        if (message.version() < 11) {
            return refuse(400, "HTTP/1.0 has no Transfer-Encoding");
        }
        if (message.count(http::field::transfer_encoding) != 1 ||
            !beast::iequals(coding->value(), "chunked")) {
            return refuse(501, "the only Transfer-Encoding that is spoken here is chunked");
        }
    }
    if (const auto expect = message.find(http::field::expect); expect != message.end()) {
        if (!beast::iequals(expect->value(), "100-continue")) {
            return refuse(417, "the Expect header may only say 100-continue");
        }
        if (!parser_->is_done()) output_ += "HTTP/1.1 100 Continue\r\n\r\n";
    }
}

void HttpConnection::finish_request() {
    auto message = parser_->release();
    // RFC 9110 §7.8: in a request of HTTP/1.0 it is to be ignored.
    if (message.version() < 11) message.erase(http::field::upgrade);
    keep_alive_ = message.keep_alive();
    parser_.reset();
    HttpRequest request;
    request.method = view(message.method_string());
    request.target = origin_form(view(message.target()));
    is_head_ = request.method == "HEAD";
    if (request.target.empty()) {
        return refuse(400, "the request's target must be a path that begins with a slash");
    }
    for (const auto& field : message) {
        request.headers.emplace_back(view(field.name_string()), view(field.value()));
    }
    request.body = std::move(message.body());
    request_ = std::move(request);
    phase_ = Phase::ready;
    deadline_.reset();  // from here on we are the slow ones
}

std::optional<HttpRequest> HttpConnection::next_request() {
    if (phase_ != Phase::ready) return std::nullopt;
    phase_ = Phase::answering;
    return std::exchange(request_, std::nullopt);
}

void HttpConnection::respond(const HttpResponse& response, Instant now) {
    last_time_ = now;
    const auto reason =
        http::obsolete_reason(http::int_to_status(static_cast<unsigned>(response.status)));
    output_ += "HTTP/1.1 " + std::to_string(response.status) + ' ';
    output_ += view(reason);
    output_ += "\r\nDate: " + http_date(now) + "\r\n";
    for (const auto& [name, value] : response.headers) {
        append_header_text(output_, name);
        output_ += ": ";
        append_header_text(output_, value);
        output_ += "\r\n";
    }
    if (!has_no_body(response.status)) {
        output_ += "Content-Length: " + std::to_string(response.body.size()) + "\r\n";
    }
    output_ += keep_alive_ ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
    if (!is_head_ && !has_no_body(response.status)) output_ += response.body;

    phase_ = keep_alive_ ? Phase::waiting : Phase::closing;
    waiting_since_ = now;
    deadline_.reset();
    if (phase_ == Phase::closing) {
        input_.clear();
        return;
    }
    deadline_ = now + limits_.idle;
    parse(now);  // what was sent ahead
}

void HttpConnection::refuse(int status, std::string_view text) {
    parser_.reset();
    input_.clear();
    keep_alive_ = false;
    is_head_ = false;
    refused_with_ = status;
    respond(http_error(status, text), last_time_);
}

void HttpConnection::refuse_parse_error(int error) {
    switch (static_cast<http::error>(error)) {
        case http::error::header_limit:
        case http::error::buffer_overflow:
            return refuse(431, "the header of the request is too long");
        case http::error::body_limit:
            return refuse(413, "the body of the request is too long");
        case http::error::bad_method:
            return refuse(400, "the method of the request cannot be read");
        case http::error::bad_target:
            return refuse(400, "the target of the request cannot be read");
        case http::error::bad_version:
            return refuse(505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
        case http::error::bad_content_length:
        case http::error::multiple_content_length:
            return refuse(400, "the Content-Length of the request is no number or contradicts");
        case http::error::bad_transfer_encoding:
            return refuse(400, "the Transfer-Encoding of the request is not supported");
        case http::error::bad_chunk:
        case http::error::bad_chunk_extension:
            return refuse(400, "a chunk of the request's body cannot be read");
        default:
            return refuse(400, "a header line of the request cannot be read");
    }
}

std::string HttpConnection::take_output() { return std::exchange(output_, {}); }

bool HttpConnection::wants_input() const {
    return phase_ != Phase::closing && input_.size() < kReadAhead;
}

void HttpConnection::on_time(Instant now) {
    last_time_ = now;
    if (!deadline_ || now < *deadline_) return;
    if (phase_ == Phase::receiving) return refuse(408, "the request takes too long to arrive");
    phase_ = Phase::closing;
    deadline_.reset();
}

std::string HttpConnection::take_rest() {
    phase_ = Phase::closing;
    return std::exchange(input_, {});
}

}  // namespace helio::net
