// http: POSTs the output to a URL.
#include "bridge/rules/actions/http_queue.h"
#include "bridge/rules/actions/make_actions.h"
#include "bridge/rules/sql/lexer.h"

#include <algorithm>

namespace helio::bridge::rules {
namespace {

constexpr std::size_t kMaxUrl = 2'048;
constexpr std::size_t kMaxHeaders = 100;
constexpr std::size_t kMaxHeaderName = 256;

bool is_http_url(std::string_view url) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (sql::equals_ignoring_case(url.substr(0, scheme.size()), scheme)) {
            return url.size() > scheme.size() && url.size() <= kMaxUrl;
        }
    }
    return false;
}

// A control character or a blank would end the request line, or a header's value.
bool has_control(std::string_view text) {
    return std::ranges::any_of(
        text, [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; });
}

// RFC 9110 section 5.6.2
bool is_token(std::string_view name) {
    constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
    return !name.empty() && name.size() <= kMaxHeaderName && std::ranges::all_of(name, [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               kMarks.find(c) != kMarks.npos;
    });
}

class Http final : public Action {
  public:
    Http(sql::Template url, std::vector<KeyValueTemplate> headers, Dispatcher& dispatcher)
        : url_(std::move(url)),
          headers_(std::move(headers)),
          queue_(std::make_shared<HttpQueue>(dispatcher)) {}

    void perform(const ActionInput& input, Ticket ticket, Dispatcher& dispatcher) override {
        HttpRequest request;
        request.url = url_.render(input.evaluation);
        if (!is_http_url(request.url) || has_control(request.url) ||
            request.url.find(' ') != request.url.npos) {
            return dispatcher.fail(
                ticket, {"HttpAction", std::move(request.url), "this is no URL of http or https"});
        }
        bool has_content_type = false;
        for (const auto& [name, value] : headers_) {
            std::string text = value.render(input.evaluation);
            if (has_control(text)) {
                return dispatcher.fail(ticket,
                                       {"HttpAction",
                                        std::move(request.url),
                                        "the header " + name + " has a control character"});
            }
            has_content_type |= sql::equals_ignoring_case(name, "Content-Type");
            request.headers.emplace_back(name, std::move(text));
        }
        if (!has_content_type) {
            request.headers.emplace_back(
                "Content-Type", input.is_json ? "application/json" : "application/octet-stream");
        }
        request.body.assign(input.output.begin(), input.output.end());
        const std::string_view topic = input.evaluation.scope().message().topic;
        queue_->push(std::move(request), std::move(ticket), input.rule, topic, input.now);
    }

  private:
    sql::Template url_;
    std::vector<KeyValueTemplate> headers_;
    std::shared_ptr<HttpQueue> queue_;  // what is in it outlives the action
};

}  // namespace

std::unique_ptr<Action> make_http(Parameters& p) {
    auto url = p.text("url", Parameters::Need::required);
    if (url && url->is_constant() && !is_http_url(url->text())) {
        p.refuse("url", "must begin with http:// or https:// and have at most 2048 characters");
    }
    auto headers = read_key_values(p, "headers", kMaxHeaders);
    for (const auto& header : headers) {
        if (!is_token(header.key)) p.refuse("headers", "has a key that is no name of a header");
    }
    if (p.find("auth")) p.refuse("auth", "is not served: requests are not signed");
    if (p.boolean("enableBatching", false)) p.refuse("enableBatching", "is not served");
    if (p.error()) return nullptr;
    // confirmationUrl: destinations need no confirmation here, any URL may be used.
    return std::make_unique<Http>(std::move(*url), std::move(headers), p.context().dispatcher);
}

}  // namespace helio::bridge::rules
