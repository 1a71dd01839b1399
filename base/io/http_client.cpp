#include "base/io/http_client.h"

#include "base/io/loop_impl.h"
#include "base/io/timer.h"

#include <curl/curl.h>
#include <deque>
#include <stdexcept>
#include <unordered_map>

namespace helio::io {
namespace {

struct EasyFree {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct ListFree {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

void start_curl_once() {
    static const CURLcode kStatus = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (kStatus != CURLE_OK) throw std::runtime_error("libcurl could not be started");
}

long as_ms(Duration duration) {
    return static_cast<long>(std::chrono::ceil<std::chrono::milliseconds>(duration).count());
}

// One request with its answer.
struct Call {
    HttpClientRequest request;
    HttpClient::Done done;
    std::size_t max_answer_bytes;
    HttpClientAnswer answer;
    std::unique_ptr<CURL, EasyFree> easy;
    std::unique_ptr<curl_slist, ListFree> headers;
    std::array<char, CURL_ERROR_SIZE> error{};
    bool too_long = false;

    std::size_t take_body(std::string_view piece) {
        if (answer.body.size() + piece.size() > max_answer_bytes) {
            too_long = true;
            return 0;  // ends the transfer
        }
        answer.body += piece;
        return piece.size();
    }
    std::size_t take_header(std::string_view line) {
        const auto colon = line.find(':');
        if (line.starts_with("HTTP/")) answer.headers.clear();  // of an answer before: 100 Continue
        if (colon != std::string_view::npos && !line.starts_with("HTTP/")) {
            std::string_view value = line.substr(colon + 1);
            value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
            value = value.substr(0, value.find_last_not_of(" \t\r\n") + 1);
            answer.headers.emplace_back(line.substr(0, colon), value);
        }
        return line.size();
    }
    void finish(CURLcode result) {
        if (result == CURLE_OK) {
            long status = 0;
            curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
            answer.status = static_cast<int>(status);
        } else if (too_long) {
            answer.error =
                "the answer is longer than " + std::to_string(max_answer_bytes) + " bytes";
        } else {
            answer.error = error[0] != '\0' ? error.data() : curl_easy_strerror(result);
        }
    }
};

}  // namespace

struct HttpClient::State {
    State(Loop& l, HttpClientOptions o);
    ~State();

    void start_waiting();
    void start(std::unique_ptr<Call> call);
    void prepare(Call& call);
    void act(curl_socket_t socket, int events);
    void collect_finished();
    void watch(curl_socket_t socket, int what, void* known);

    static int on_socket(CURL*, curl_socket_t socket, int what, void* self, void* known) {
        static_cast<State*>(self)->watch(socket, what, known);
        return 0;
    }
    static int on_timer(CURLM*, long ms, void* self) {
        Timer& timer = static_cast<State*>(self)->timer;
        ms < 0 ? timer.stop() : timer.start_after(std::chrono::milliseconds(ms));
        return 0;
    }

    struct Watch {
        uv_poll_t poll{};
        State* state;
        curl_socket_t socket;
    };

    Loop::Impl& loop;
    HttpClientOptions options;
    Timer timer;
    CURLM* multi;
    std::unordered_map<CURL*, std::unique_ptr<Call>> running;
    std::deque<std::unique_ptr<Call>> waiting;
};

HttpClient::State::State(Loop& l, HttpClientOptions o)
    : loop(l.impl()), options(std::move(o)), timer(l, [this] { act(CURL_SOCKET_TIMEOUT, 0); }) {
    start_curl_once();
    multi = curl_multi_init();
    if (multi == nullptr) throw std::runtime_error("libcurl gives no handle");
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, this);
    curl_multi_setopt(
        multi, CURLMOPT_MAX_HOST_CONNECTIONS, static_cast<long>(options.max_per_host));
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, static_cast<long>(options.max_running));
}

HttpClient::State::~State() {
    for (const auto& [easy, call] : running) curl_multi_remove_handle(multi, easy);
    running.clear();
    curl_multi_cleanup(multi);  // calls on_socket for the connections that it kept
}

void HttpClient::State::prepare(Call& call) {
    const HttpClientRequest& request = call.request;
    CURL* const easy = call.easy.get();
    for (const auto& [name, value] : request.headers) {
        const std::string line = value.empty() ? name + ';' : name + ": " + value;
        if (line.find_first_of("\r\n") != std::string::npos) continue;  // would be another header
        call.headers.reset(curl_slist_append(call.headers.release(), line.c_str()));
    }
    // No waiting for leave to send a body.
    call.headers.reset(curl_slist_append(call.headers.release(), "Expect:"));
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, call.headers.get());
    curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "heliograph");
    if (request.method == "HEAD") {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    } else if (!request.body.empty() || request.method == "POST" || request.method == "PUT") {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.data());
        curl_easy_setopt(
            easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    }
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, as_ms(request.timeout));
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call.error.data());
    if (!options.proxy_of_environment) curl_easy_setopt(easy, CURLOPT_PROXY, "");
    if (!options.ca_pem.empty()) {
        curl_blob blob{options.ca_pem.data(), options.ca_pem.size(), CURL_BLOB_NOCOPY};
        curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &blob);
    }
    using Take = std::size_t (*)(char*, std::size_t, std::size_t, void*);
    const Take take_body = [](char* data, std::size_t, std::size_t size, void* to) {
        return static_cast<Call*>(to)->take_body({data, size});
    };
    const Take take_header = [](char* data, std::size_t, std::size_t size, void* to) {
        return static_cast<Call*>(to)->take_header({data, size});
    };
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &call);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &call);
}

void HttpClient::State::start(std::unique_ptr<Call> call) {
    CURL* const easy = curl_easy_init();
    if (easy == nullptr) throw std::runtime_error("libcurl gives no handle");
    call->easy.reset(easy);
    prepare(*call);
    running.emplace(easy, std::move(call));
    curl_multi_add_handle(multi, easy);  // asks for a timer at once and goes on from there
}

void HttpClient::State::start_waiting() {
    while (!waiting.empty() && running.size() < options.max_running) {
        std::unique_ptr<Call> next = std::move(waiting.front());
        waiting.pop_front();
        start(std::move(next));
    }
}

void HttpClient::State::act(curl_socket_t socket, int events) {
    int still_running = 0;
    curl_multi_socket_action(multi, socket, events, &still_running);
    collect_finished();
}

void HttpClient::State::collect_finished() {
    int left = 0;
    while (const CURLMsg* const message = curl_multi_info_read(multi, &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        const auto found = running.find(message->easy_handle);
        const std::unique_ptr<Call> call = std::move(found->second);
        running.erase(found);
        call->finish(message->data.result);
        curl_multi_remove_handle(multi, call->easy.get());
        call->done(std::move(call->answer));
    }
    start_waiting();
}

void HttpClient::State::watch(curl_socket_t socket, int what, void* known) {
    auto* watch = static_cast<Watch*>(known);
    if (what == CURL_POLL_REMOVE) {
        if (watch == nullptr) return;
        curl_multi_assign(multi, socket, nullptr);
        uv_close(reinterpret_cast<uv_handle_t*>(&watch->poll),
                 [](uv_handle_t* handle) { delete static_cast<Watch*>(handle->data); });
        return;
    }
    if (watch == nullptr) {
        watch = new Watch{.state = this, .socket = socket};
        watch->poll.data = watch;
        uv_poll_init_socket(&loop.loop, &watch->poll, socket);
        curl_multi_assign(multi, socket, watch);
    }
    const int events = ((what & CURL_POLL_IN) != 0 ? UV_READABLE : 0) |
                       ((what & CURL_POLL_OUT) != 0 ? UV_WRITABLE : 0);
    uv_poll_start(&watch->poll, events, [](uv_poll_t* poll, int status, int ready) {
        auto& self = *static_cast<Watch*>(poll->data);
        const int seen = (status < 0 ? CURL_CSELECT_ERR : 0) |
                         ((ready & UV_READABLE) != 0 ? CURL_CSELECT_IN : 0) |
                         ((ready & UV_WRITABLE) != 0 ? CURL_CSELECT_OUT : 0);
        self.state->act(self.socket, seen);
    });
}

HttpClient::HttpClient(Loop& loop, HttpClientOptions options)
    : state_(std::make_unique<State>(loop, std::move(options))) {}
HttpClient::~HttpClient() = default;

bool HttpClient::send(HttpClientRequest request, Done done) {
    if (state_->running.size() >= state_->options.max_running &&
        state_->waiting.size() >= state_->options.max_queued) {
        return false;
    }
    auto call = std::make_unique<Call>();
    call->request = std::move(request);
    call->done = std::move(done);
    call->max_answer_bytes = state_->options.max_answer_bytes;
    state_->waiting.push_back(std::move(call));
    state_->start_waiting();
    return true;
}

std::size_t HttpClient::running() const { return state_->running.size(); }
std::size_t HttpClient::queued() const { return state_->waiting.size(); }

}  // namespace helio::io
