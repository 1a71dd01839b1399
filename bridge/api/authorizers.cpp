// Custom authorizers of the service `iot`.  authorizerFunctionArn is an address that the event is
// posted to, "file:NAME.js", or a Lambda function's ARN, which stands for the same script.
#include "base/base64.h"
#include "bridge/api/handlers.h"
#include "bridge/api/registry_common.h"
#include "bridge/identity/authorizers/authorizer_set.h"

#include <algorithm>
#include <boost/json.hpp>

namespace helio::bridge::api {
namespace {

namespace json = boost::json;
using identity::authorizers::Authorized;
using identity::authorizers::AuthorizerError;
using identity::authorizers::AuthorizerRequest;
using identity::authorizers::AuthorizerSet;
using identity::proto::Authorizer;

constexpr TextRule kLongRule{.max = 2048};
constexpr TextRule kKeyPemRule{.min = 1, .max = 5120};
constexpr TextRule kTokenTextRule{.max = 6144};

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
constexpr TextRule kAuthorizerNameRule{.min = 1,
                                       .max = 128,
                                       .allowed =
                                           [](char c) {
                                               return is_letter_or_digit(c) ||
                                                      std::string_view("_=,@-").find(c) !=
                                                          std::string_view::npos;
                                           },
                                       .alphabet = "letters, digits and _=,@-"};
constexpr TextRule kTokenKeyRule{
    .min = 1,
    .max = 128,
    .allowed = [](char c) { return is_letter_or_digit(c) || c == '_' || c == '-'; },
    .alphabet = "letters, digits, '_' and '-'"};

std::string arn(const Context& context, const std::string& name) {
    return arn_of(context.config, "iot", "authorizer", name);
}

json::object summary(const Context& context, const Authorizer& one) {
    return {{"authorizerName", one.name()}, {"authorizerArn", arn(context, one.name())}};
}

json::object description(const Context& context, const Authorizer& one) {
    json::object keys;
    for (const auto& [name, pem] : one.token_signing_public_keys()) keys[name] = pem;
    json::object out = summary(context, one);
    out["authorizerFunctionArn"] = one.function_arn();
    if (!one.token_key_name().empty()) out["tokenKeyName"] = one.token_key_name();
    out["tokenSigningPublicKeys"] = std::move(keys);
    out["status"] = one.inactive() ? "INACTIVE" : "ACTIVE";
    out["creationDate"] = static_cast<double>(one.created_at_us() / 1000) / 1000;
    out["lastModifiedDate"] = static_cast<double>(one.updated_at_us() / 1000) / 1000;
    out["signingDisabled"] = one.signing_disabled();
    out["enableCachingForHttp"] = one.caching_for_http();
    return out;
}

// The members that are there replace those of `record`.
std::optional<ApiError> read_members(const Call& call, Authorizer& record) {
    const auto input = parse_object(call.request.body);
    if (!input) return input.error();
    Problems problems;
    const Fields body(*input, "", problems);
    if (auto text = body.text("authorizerFunctionArn", kLongRule)) record.set_function_arn(*text);
    if (auto text = body.text("tokenKeyName", kTokenKeyRule)) record.set_token_key_name(*text);
    if (auto text = body.text("status")) {
        if (*text != "ACTIVE" && *text != "INACTIVE") {
            body.wrong("status", "must be ACTIVE or INACTIVE");
        }
        record.set_inactive(*text == "INACTIVE");
    }
    if (auto flag = body.flag("signingDisabled")) record.set_signing_disabled(*flag);
    if (auto flag = body.flag("enableCachingForHttp")) record.set_caching_for_http(*flag);
    if (const auto keys = body.object("tokenSigningPublicKeys")) {
        record.clear_token_signing_public_keys();
        for (const auto& [name, value] : keys->json()) {
            const std::string key(name.data(), name.size());
            if (auto pem = keys->text(key, kKeyPemRule)) {
                (*record.mutable_token_signing_public_keys())[key] = *std::move(pem);
            }
        }
    }
    if (body.has("tags")) {
        const auto tags = iot_tags(body);
        *record.mutable_tags() = {tags.begin(), tags.end()};
    }
    if (problems.any()) return invalid_request(problems.text());
    return std::nullopt;
}

Outcome changed(const Context& context,
                const std::string& name,
                const AuthorizerSet::Changed& position) {
    if (!position) return fail(refusal(position.error()));
    const Authorizer* const one = context.authorizers->find(name);
    return reply_with(one == nullptr ? json::object() : summary(context, *one), *position);
}

ApiError no_authorizer(const std::string& name) {
    return refusal({AuthorizerError::Kind::not_found, "There is no authorizer \"" + name + "\"."});
}

// What a client would have passed.
std::optional<ApiError> read_test(const Call& call, AuthorizerRequest& request) {
    const auto input = parse_object(call.request.body);
    if (!input) return input.error();
    Problems problems;
    const Fields body(*input, "", problems);
    request.token = body.text("token", kTokenTextRule);
    request.signature = body.text("tokenSignature", {.max = 2560});
    if (const auto http = body.object("httpContext")) {
        request.http.emplace();
        request.http->query = http->text("queryString", {.max = 4096}).value_or("");
        if (request.http->query.starts_with('?')) request.http->query.erase(0, 1);
        if (const auto headers = http->object("headers")) {
            for (const auto& [name, value] : headers->json()) {
                const std::string key(name.data(), name.size());
                request.http->headers.emplace_back(key,
                                                   headers->text(key, {.max = 8192}).value_or(""));
            }
        }
    }
    if (const auto mqtt = body.object("mqttContext")) {
        request.mqtt.emplace();
        request.mqtt->user_name = mqtt->text("username", {.max = 65'535});
        request.mqtt->password = mqtt->base64("password", 65'535);
        request.mqtt->client_id = mqtt->text("clientId", {.max = 65'535}).value_or("");
    }
    if (const auto tls = body.object("tlsContext")) {
        request.tls.emplace();
        request.tls->server_name = tls->text("serverName", {.max = 253}).value_or("");
    }
    if (problems.any()) return invalid_request(problems.text());
    return std::nullopt;
}

Outcome test_outcome(const Authorized& result) {
    if (!result) {
        // AWS has no member for it: our own, for whoever wonders why.
        return reply_with({{"isAuthenticated", false}, {"reason", result.error().why}});
    }
    json::object out{{"isAuthenticated", true}, {"principalId", result->principal_id}};
    json::array documents;
    for (const auto& document : result->documents) documents.emplace_back(document->text);
    out["policyDocuments"] = std::move(documents);
    const auto seconds = [&](const char* name, const std::optional<Duration>& after) {
        if (after) out[name] = std::chrono::duration_cast<std::chrono::seconds>(*after).count();
    };
    seconds("refreshAfterInSeconds", result->refresh_after);
    seconds("disconnectAfterInSeconds", result->disconnect_after);
    return reply_with(out);
}

}  // namespace

ApiError refusal(const AuthorizerError& error) {
    using Kind = AuthorizerError::Kind;
    const auto as = [&](int status, const char* code) {
        return ApiError{.status = status, .code = code, .message = error.message};
    };
    switch (error.kind) {
        case Kind::not_found:
            return as(404, "ResourceNotFoundException");
        case Kind::exists:
            return as(409, "ResourceAlreadyExistsException");
        case Kind::conflict:
            return as(409, "DeleteConflictException");
        case Kind::too_many:
            return as(410, "LimitExceededException");
        case Kind::invalid:
            break;
    }
    return as(400, "InvalidRequestException");
}

Outcome create_authorizer(Context& context, const Call& call) {
    Authorizer record;
    record.set_name(call.label("authorizerName"));
    if (const auto wrong = read_members(call, record)) return fail(*wrong);
    return changed(context, record.name(), context.authorizers->create(record, call.now));
}

Outcome update_authorizer(Context& context, const Call& call) {
    const std::string& name = call.label("authorizerName");
    const Authorizer* const before = context.authorizers->find(name);
    if (before == nullptr) return fail(no_authorizer(name));
    Authorizer record = *before;
    if (const auto wrong = read_members(call, record)) return fail(*wrong);
    return changed(context, name, context.authorizers->update(std::move(record), call.now));
}

Outcome describe_authorizer(Context& context, const Call& call) {
    const std::string& name = call.label("authorizerName");
    const Authorizer* const one = context.authorizers->find(name);
    if (one == nullptr) return fail(no_authorizer(name));
    return reply_with({{"authorizerDescription", description(context, *one)}});
}

// By name.
Outcome list_authorizers(Context& context, const Call& call) {
    const auto page = marker_page(call);
    if (!page) return fail(page.error());
    auto all = context.authorizers->list();
    if (const auto status = call.parameter("status")) {
        std::erase_if(
            all, [&](const Authorizer* one) { return (*status == "INACTIVE") != one->inactive(); });
    }
    json::object body;
    put_page(
        body,
        "authorizers",
        all,
        *page,
        [](const Authorizer* one) { return one->name(); },
        [&](const Authorizer* one) { return summary(context, *one); });
    return reply_with(body);
}

Outcome delete_authorizer(Context& context, const Call& call) {
    const std::string& name = call.label("authorizerName");
    return changed(context, name, context.authorizers->remove(name));
}

Outcome set_default_authorizer(Context& context, const Call& call) {
    const auto input = parse_object(call.request.body);
    if (!input) return fail(input.error());
    Problems problems;
    const Fields body(*input, "", problems);
    const std::string name = body.required(body.text("authorizerName", kAuthorizerNameRule),
                                           "authorizerName",
                                           "must name an authorizer");
    if (problems.any()) return fail(invalid_request(problems.text()));
    return changed(context, name, context.authorizers->set_default(name, call.now));
}

Outcome clear_default_authorizer(Context& context, const Call&) {
    return changed(context, "", context.authorizers->clear_default());
}

Outcome describe_default_authorizer(Context& context, const Call&) {
    const Authorizer* const one = context.authorizers->default_one();
    if (one == nullptr) {
        return fail(refusal({AuthorizerError::Kind::not_found, "There is no default authorizer."}));
    }
    return reply_with({{"authorizerDescription", description(context, *one)}});
}

Outcome test_invoke_authorizer(Context& context, const Call& call) {
    const std::string& name = call.label("authorizerName");
    if (context.authorizers->find(name) == nullptr) return fail(no_authorizer(name));
    AuthorizerRequest request{.connection_id = crypto::uuid4(context.random)};
    if (const auto wrong = read_test(call, request)) return fail(*wrong);
    return Reply{.later = [&context, name, request, now = call.now](const Finish& finish) {
        context.authorizers->invoke(name, request, now, [finish](const Authorized& result) {
            finish(test_outcome(result));
        });
    }};
}

}  // namespace helio::bridge::api
