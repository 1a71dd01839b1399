#include "bridge/identity/sigv4_checker.h"

#include "bridge/identity/access_key_checker.h"
#include "crypto/sigv4.h"

#include <algorithm>
#include <vector>

namespace helio::bridge::identity {
namespace {

namespace sigv4 = crypto::sigv4;

constexpr std::string_view kDeviceGateway = "iotdevicegateway";
constexpr std::string_view kData = "iotdata";
constexpr std::string_view kSecurityToken = "X-Amz-Security-Token";
constexpr std::chrono::hours kMaxUpgradeLife{24};

// Nothing is decoded: all else must stay as it was signed.
std::string without_security_token(std::string_view query) {
    std::string out;
    while (!query.empty()) {
        const std::string_view part = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), part.size() + 1));
        if (part.substr(0, part.find('=')) == kSecurityToken) continue;
        if (!out.empty()) out += '&';
        out += part;
    }
    return out;
}

Refusal refusal_of(sigv4::SignatureError why) {
    const auto refuse = [](const char* text) {
        return Refusal{.kind = Refusal::Kind::not_authorized, .why = text};
    };
    switch (why) {
        case sigv4::SignatureError::missing:
        case sigv4::SignatureError::incomplete:
            return refuse("a signature that cannot be read");
        case sigv4::SignatureError::unknown_key:
            return refuse("a signature with an access key that is not known");
        case sigv4::SignatureError::expired:
            return refuse("a signature that is too old or from the future");
        case sigv4::SignatureError::header_not_signed:
            return refuse("a signature that leaves out a header");
        case sigv4::SignatureError::payload_not_signed:
            return refuse("a signature that leaves out the body");
        case sigv4::SignatureError::mismatch:
            break;
    }
    return refuse("a signature that is wrong");
}

}  // namespace

bool SigV4Checker::is_signed(const net::HttpRequest& request) {
    if (const auto header = request.header("authorization")) return header->starts_with("AWS4-");
    return request.query().find("X-Amz-Signature=") != std::string_view::npos;
}

bool SigV4Checker::is_for(const Credentials& shown) const {
    return shown.http && is_signed(*shown.http);
}

void SigV4Checker::check(const Credentials& shown, Instant now, Answer answer) {
    auto signer = signer_of(*shown.http, shown.way, now);
    if (!signer) return answer(fail(std::move(signer.error())), now);
    const PrincipalKind kind = kind_of_key(keys_, *signer);
    answer(std::make_shared<Principal>(kind, *std::move(signer), shown), now);
}

Result<std::string, Refusal> SigV4Checker::signer_of(const net::HttpRequest& request,
                                                     Way way,
                                                     Instant now) const {
    std::vector<sigv4::Header> headers;
    headers.reserve(request.headers.size());
    for (const auto& [name, value] : request.headers) headers.push_back({name, value});
    sigv4::Request to_check{.method = request.method,
                            .path = request.path(),
                            .query = request.query(),
                            .headers = headers,
                            .body = request.body};
    const auto claim = sigv4::read_claim(to_check);
    if (!claim) return fail(refusal_of(claim.error()));
    const std::string& service = claim->scope.service;
    if (service != kDeviceGateway && (way == Way::websocket || service != kData)) {
        return fail(Refusal{.why = "a signature for another service"});
    }
    if (claim->presigned && claim->expires > kMaxUpgradeLife) {
        return fail(Refusal{.why = "a signature that would be good for more than a day"});
    }
    const auto secret = keys_.secret_of(claim->access_key_id);
    if (!secret) return fail(refusal_of(sigv4::SignatureError::unknown_key));
    const std::string query = without_security_token(request.query());
    if (claim->presigned && service == kDeviceGateway) to_check.query = query;
    const auto verdict = sigv4::verify(to_check, *claim, *secret, now);
    if (!verdict) return fail(refusal_of(verdict.error()));
    return claim->access_key_id;
}

}  // namespace helio::bridge::identity
