#include "bridge/rules/io/http_client_sender.h"

namespace helio::bridge::rules {

void HttpClientSender::send(CallId call, const HttpRequest& request) {
    const bool taken = client_.send(
        {
            .method = request.method,
            .url = request.url,
            .headers = request.headers,
            .body = std::string(text_of(request.body)),
            .timeout = request.timeout,
        },
        [this, call](io::HttpClientAnswer&& answer) {
            engine_->on_http_answer(
                call, {.status = answer.status, .error = std::move(answer.error)}, loop_.now());
        });
    if (taken) return;
    loop_.post([this, call] {
        engine_->on_http_answer(
            call, {.error = "too many requests wait to be sent"}, loop_.now());
    });
}

}  // namespace helio::bridge::rules
