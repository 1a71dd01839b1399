#include "tools/helioctl/client.h"

#include "crypto/sigv4.h"

#include <boost/json.hpp>
#include <chrono>
#include <curl/curl.h>
#include <fmt/format.h>
#include <vector>

namespace helio::ctl {
namespace {

namespace json = boost::json;
namespace sigv4 = crypto::sigv4;

constexpr long kConnectTimeoutMs = 5'000;
constexpr long kAnswerTimeoutMs = 60'000;
constexpr const char* kRegion = "us-east-1";  // the server takes every region

struct EasyFree {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct ListFree {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, ListFree>;

void append(HeaderList& list, const std::string& line) {
    curl_slist* grown = curl_slist_append(list.get(), line.c_str());
    if (grown == nullptr) throw std::bad_alloc();
    static_cast<void>(list.release());
    list.reset(grown);
}

std::size_t collect(char* data, std::size_t size, std::size_t count, void* out) {
    static_cast<std::string*>(out)->append(data, size * count);
    return size * count;
}

std::string_view host_of(std::string_view endpoint) {
    endpoint.remove_prefix(endpoint.find("://") + 3);
    return endpoint.substr(0, endpoint.find('/'));
}

// The code without the namespace that some servers write before '#'.
struct ErrorBody {
    std::string code;
    std::string message;
};
ErrorBody read_error(int status, std::string_view error_type, const std::string& body) {
    ErrorBody out{std::string(error_type), fmt::format("The server answered {}.", status)};
    boost::system::error_code error;
    const json::value value = json::parse(body, error);
    if (error || !value.is_object()) return out;
    const auto& object = value.get_object();
    const char* const name = object.contains("Message") ? "Message" : "message";
    if (const auto* message = object.if_contains(name);
        message != nullptr && message->is_string()) {
        out.message = message->get_string();
    }
    return out;
}

struct Received {
    std::string body;
    std::string error_type;
};

std::size_t read_header(char* data, std::size_t size, std::size_t count, void* out) {
    constexpr std::string_view kName = "x-amzn-errortype:";
    std::string_view line(data, size * count);
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; };
    const bool same = line.size() > kName.size() &&
                      std::ranges::equal(line.substr(0, kName.size()), kName, {}, lower);
    if (same) {
        line.remove_prefix(kName.size());
        while (!line.empty() && line.front() == ' ') line.remove_prefix(1);
        while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
        static_cast<Received*>(out)->error_type = line;
    }
    return size * count;
}

}  // namespace

struct Client::State {
    std::string endpoint;
    FoundKey key;
    std::unique_ptr<CURL, EasyFree> curl{curl_easy_init()};

    HeaderList headers_of(std::string_view method,
                          const std::string& target,
                          std::string_view body,
                          std::string_view service,
                          const std::vector<Header>& more) const {
        const std::size_t mark = std::min(target.find('?'), target.size());
        const std::string_view query =
            std::string_view(target).substr(std::min(target.size(), mark + 1));
        std::vector<sigv4::Header> to_sign = {{"host", host_of(endpoint)}};
        for (const auto& [name, value] : more) to_sign.push_back({name, value});
        const auto made =
            sigv4::sign({.method = method,
                         .path = std::string_view(target).substr(0, mark),
                         .query = query,
                         .headers = to_sign,
                         .body = body},
                        {key.key.id, key.key.secret},
                        kRegion,
                        service,
                        std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()));
        HeaderList list;
        append(list, fmt::format("Host: {}", host_of(endpoint)));
        append(list, "X-Amz-Date: " + made.x_amz_date);
        append(list, "Authorization: " + made.authorization);
        append(list, "Content-Type: application/json");
        for (const auto& [name, value] : more) append(list, fmt::format("{}: {}", name, value));
        append(list, "Expect:");  // no waiting for "100 Continue"
        return list;
    }
};

Client::Client(std::string endpoint, FoundKey key, const std::string& ca_file)
    : state_(std::make_unique<State>(State{std::move(endpoint), std::move(key)})) {
    if (!state_->curl) throw CtlError("libcurl could not be started: is memory left?");
    CURL* curl = state_->curl.get();
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, kConnectTimeoutMs);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, kAnswerTimeoutMs);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    if (!ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, ca_file.c_str());
}

Client::~Client() = default;

std::string Client::call(std::string_view method,
                         const std::string& target,
                         std::string_view body,
                         std::string_view service,
                         const std::vector<Header>& more) {
    CURL* curl = state_->curl.get();
    const HeaderList headers = state_->headers_of(method, target, body, service, more);
    const std::string url = state_->endpoint + target;
    const std::string verb(method);
    Received received;
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &received.body);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, read_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &received);
    if (method == "GET") {
        curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
    } else {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.size()));
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.data() == nullptr ? "" : body.data());
    }
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, verb.c_str());

    const CURLcode outcome = curl_easy_perform(curl);
    if (outcome != CURLE_OK) {
        throw Unreachable(
            fmt::format("The server at {} does not answer ({}): start it with `heliograph serve`, "
                        "or say where it is with --endpoint.",
                        state_->endpoint,
                        curl_easy_strerror(outcome)));
    }
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (status >= 200 && status < 300) return std::move(received.body);
    ErrorBody error = read_error(static_cast<int>(status), received.error_type, received.body);
    if (status == 403) {
        error.message += fmt::format(" (The key was taken from {}.)", state_->key.source);
    }
    throw Refused(static_cast<int>(status), std::move(error.code), error.message);
}

json::object Client::get(const std::string& target, std::string_view service) {
    return json::parse(call("GET", target, {}, service)).as_object();
}

json::object Client::post(const std::string& target,
                          const json::object& body,
                          std::string_view service) {
    const std::string answer = call("POST", target, json::serialize(body), service);
    return answer.empty() ? json::object() : json::parse(answer).as_object();
}

std::string escape(std::string_view text) { return sigv4::uri_encode(text); }

}  // namespace helio::ctl
