#include "bridge/api/api.h"

#include "bridge/api/operation.h"
#include "bridge/api/resource_of.h"
#include "crypto/sigv4.h"

#include <algorithm>

namespace helio::bridge::api {
namespace {

namespace sigv4 = crypto::sigv4;

ApiAnswer refuse(const ApiError& error, Service service = Service::open) {
    return {.status = error.status,
            .headers = {{"Content-Type", "application/json"}, {"x-amzn-ErrorType", error.code}},
            .body = body_of(error, service == Service::iotwireless ? "Message" : "message")};
}

// AWS answers JSON operations with an object even where there is nothing to say; 204 has no body.
ApiAnswer answer_of(const Operation& row, Outcome outcome);

ApiAnswer accept(const Operation& row, Reply reply) {
    if (reply.later) {
        return {.later = [&row, later = std::move(reply.later)](auto send) {
            later([&row, send = std::move(send)](Outcome outcome) {
                send(answer_of(row, std::move(outcome)));
            });
        }};
    }
    ApiAnswer answer{.status = row.status, .wait_for = reply.wait_for};
    if (row.status == 204) return answer;
    answer.headers = {{"Content-Type", std::string(reply.content_type)}};
    const bool bare = reply.body.empty() && reply.content_type == "application/json";
    answer.body = bare ? "{}" : std::move(reply.body);
    return answer;
}

ApiAnswer answer_of(const Operation& row, Outcome outcome) {
    if (!outcome) return refuse(outcome.error(), row.service);
    return accept(row, *std::move(outcome));
}

std::optional<ApiError> read_query(const HttpRequest& request, Call& call) {
    std::string_view rest = request.query();
    while (!rest.empty()) {
        const std::string_view part = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(rest.size(), part.size() + 1));
        if (part.empty()) continue;
        const std::size_t equals = std::min(part.find('='), part.size());
        auto name = sigv4::uri_decode(part.substr(0, equals));
        auto value = sigv4::uri_decode(part.substr(std::min(part.size(), equals + 1)));
        if (!name || !value) {
            return validation("The query has a '%' that two hexadecimal digits do not follow.");
        }
        call.query.emplace_back(*std::move(name), *std::move(value));
    }
    return std::nullopt;
}

// Who asks which service, once the signature is known to be good.
struct Caller {
    std::string key;
    Service service;
};
Result<Caller, ApiError> authenticate(const HttpRequest& request,
                                       const KeyRing& keys,
                                       Instant now) {
    std::vector<sigv4::Header> headers;
    headers.reserve(request.headers.size());
    for (const auto& [name, value] : request.headers) headers.push_back({name, value});
    const sigv4::Request to_check{.method = request.method,
                                  .path = request.path(),
                                  .query = request.query(),
                                  .headers = headers,
                                  .body = request.body};
    const auto claim = sigv4::read_claim(to_check);
    if (!claim) return fail(unsigned_or_wrongly_signed(claim.error()));
    const auto secret = keys.secret_of(claim->access_key_id);
    if (!secret) return fail(unsigned_or_wrongly_signed(sigv4::SignatureError::unknown_key));
    const auto verdict = sigv4::verify(to_check, *claim, *secret, now);
    if (!verdict) return fail(unsigned_or_wrongly_signed(verdict.error()));
    const auto service = service_named(claim->scope.service);
    if (!service) return fail(unknown_operation(request.method, request.path()));
    return Caller{std::string(claim->access_key_id), *service};
}

}  // namespace

Api::Api(Context context, const KeyRing& keys) : context_(std::move(context)), keys_(keys) {}

ApiAnswer Api::handle(const HttpRequest& request, Instant now, const std::string& address) {
    ApiAnswer made = answer(request, now, address);
    if (!made.later) return finish(std::move(made));
    return {.later = [this, later = std::move(made.later)](auto send) {
        later([this, send = std::move(send)](ApiAnswer late) { send(finish(std::move(late))); });
    }};
}

ApiAnswer Api::finish(ApiAnswer made) {
    made.headers.emplace_back("x-amzn-RequestId", crypto::uuid4(context_.random));
    // A read may show a change that is not on disk yet: it leaves with that change.
    last_change_ = std::max(last_change_, made.wait_for);
    made.wait_for = last_change_;
    ++stats_.requests;
    if (made.status >= 500) {
        ++stats_.server_errors;
    } else if (made.status >= 400 && made.status != 403) {
        ++stats_.client_errors;
    }
    return made;
}

// The administrator may do everything, other access keys what their policies allow.
bool Api::may(const std::string& key,
              const Operation& row,
              const Call& call,
              const std::string& address) {
    if (context_.access == nullptr || keys_.is_administrator(key)) return true;
    const identity::Principal who(
        identity::PrincipalKind::access_key,
        key,
        identity::Credentials{.way = identity::Way::http, .address = address});
    return context_.access->may(who, action_of(row), resource_of(row, call, context_.config));
}

ApiAnswer Api::answer(const HttpRequest& request, Instant now, const std::string& address) {
    if (request.body.size() > kMaxBodyBytes) return refuse(too_large(kMaxBodyBytes));
    Call call{.request = request, .now = now};
    if (const auto wrong = read_query(request, call)) return refuse(*wrong);

    auto rows = operations();
    const Operation* row =
        find_operation(rows, Service::open, request.method, request.path(), call);
    if (row == nullptr) {
        const auto caller = authenticate(request, keys_, now);
        if (!caller) {
            if (caller.error().status == 403) ++stats_.refused_signatures;
            return refuse(caller.error());
        }
        row = find_operation(rows, caller->service, request.method, request.path(), call);
        if (row != nullptr && !may(caller->key, *row, call, address)) {
            ++stats_.denied;
            return refuse(access_denied(action_of(*row), resource_of(*row, call, context_.config)),
                          row->service);
        }
    }
    if (row == nullptr) return refuse(unknown_operation(request.method, request.path()));
    if (request.method != "GET") {
        if (context_.store.stalled()) {
            return refuse(unavailable(
                "The disk takes no changes at the moment: make room, it goes on by itself."));
        }
        if (context_.store.overloaded()) {
            return refuse(unavailable("The disk is behind with its work: try again in a second."));
        }
    }
    return answer_of(*row, row->handler(context_, call));
}

std::string arn_of(const ApiConfig& config,
                   std::string_view service,
                   std::string_view kind,
                   std::string_view name) {
    const std::string_view partition = config.region.starts_with("cn-")       ? "aws-cn"
                                       : config.region.starts_with("us-gov-") ? "aws-us-gov"
                                                                              : "aws";
    std::string out = "arn:";
    for (const std::string_view part :
         {partition, service, std::string_view(config.region), std::string_view(config.account)}) {
        out += part;
        out += ':';
    }
    out += kind;
    out += '/';
    out += name;
    return out;
}

}  // namespace helio::bridge::api
