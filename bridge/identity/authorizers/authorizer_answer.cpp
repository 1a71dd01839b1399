#include "bridge/identity/authorizers/authorizer_answer.h"

#include "crypto/jwt/strict_json.h"
#include "crypto/x509/certificate.h"

#include <algorithm>
#include <boost/json.hpp>

namespace helio::bridge::identity::authorizers {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxDocuments = 10;

bool is_alphanumeric(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    });
}

Result<std::optional<Duration>, Refusal> seconds(const json::object& answer,
                                                 const char* name,
                                                 std::chrono::seconds min) {
    const json::value* const value = answer.if_contains(name);
    if (value == nullptr || value->is_null()) return std::optional<Duration>();
    if (value->is_int64() && value->get_int64() >= min.count() &&
        value->get_int64() <= kMaxAfter.count()) {
        return std::optional<Duration>(std::chrono::seconds(value->get_int64()));
    }
    return refuse(std::string("its answer's ") + name + " is no whole number from " +
                  std::to_string(min.count()) + " to " + std::to_string(kMaxAfter.count()));
}

Result<void, Refusal> read_documents(const json::value& list,
                                     DocumentCache& documents,
                                     Granted& out) {
    if (!list.is_array() || list.get_array().empty() || list.get_array().size() > kMaxDocuments) {
        return refuse("its answer's policyDocuments is no list of 1 to 10 documents");
    }
    for (const json::value& one : list.get_array()) {
        if (!one.is_string() && !one.is_object()) {
            return refuse("a policy document in its answer is neither an object nor a text");
        }
        std::string text = one.is_string() ? std::string(one.get_string()) : json::serialize(one);
        auto document = documents.get(text);
        if (!document)
            return refuse("a policy document in its answer is wrong: " + document.error());
        out.documents.push_back(*std::move(document));
    }
    return {};
}

}  // namespace

Authorized parse_authorizer_answer(std::string_view text,
                                   std::string_view principal,
                                   const AnswerRules& rules) {
    const auto answer = crypto::jwt::parse_strict_object(text, {.bytes = kMaxAnswerBytes});
    if (!answer) return refuse("its answer is no JSON object, or too large");
    const json::value* const authenticated = answer->if_contains("isAuthenticated");
    if (authenticated == nullptr || !authenticated->is_bool()) {
        return refuse("its answer has no isAuthenticated that is true or false");
    }
    if (!authenticated->get_bool()) return refuse("it says no");

    Granted out;
    const json::value* const name = answer->if_contains("principalId");
    if (name != nullptr && name->is_string()) out.principal_id = name->get_string();
    if (out.principal_id.empty() || out.principal_id.size() > 128 ||
        !is_alphanumeric(out.principal_id)) {
        return refuse("its answer's principalId is not 1 to 128 letters and digits");
    }
    if (!principal.empty() && out.principal_id != principal) {
        return refuse("its answer's principalId is not the id of the client's certificate");
    }
    const auto disconnect = seconds(*answer, "disconnectAfterInSeconds", rules.min_after);
    const auto refresh = seconds(*answer, "refreshAfterInSeconds", rules.min_after);
    if (!disconnect) return fail(disconnect.error());
    if (!refresh) return fail(refresh.error());
    out.disconnect_after = *disconnect;
    out.refresh_after = *refresh;
    const json::value* const list = answer->if_contains("policyDocuments");
    const auto read =
        read_documents(list == nullptr ? json::value() : *list, *rules.documents, out);
    if (!read) return fail(read.error());
    return out;
}

std::string expected_principal(const AuthorizerRequest& request) {
    if (!request.tls || request.tls->certificate.empty()) return {};
    return crypto::x509::fingerprint(request.tls->certificate);
}

}  // namespace helio::bridge::identity::authorizers
