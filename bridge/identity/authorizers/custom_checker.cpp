#include "bridge/identity/authorizers/custom_checker.h"

namespace helio::bridge::identity::authorizers {
namespace {

// Something that a default authorizer could look at.  Who shows nothing may still be somebody on
// loopback.
bool shows_something(const Credentials& shown, const proto::Authorizer& authorizer) {
    if (shown.way != Way::http && (shown.user_name || shown.password || shown.alpn == "mqtt")) {
        return true;
    }
    if (!shown.http) return false;
    const auto header = shown.http->header("authorization");
    if (header && !header->starts_with("AWS4-")) return true;
    return !authorizer.token_key_name().empty() &&
           passed_value(shown, authorizer.token_key_name()).has_value();
}

}  // namespace

bool CustomChecker::is_for(const Credentials& shown) const {
    if (serves_ == Serves::clients_that_name_one) {
        return passed_value(shown, kAuthorizerName).has_value();
    }
    const proto::Authorizer* const one = authorizers_.default_one();
    return one != nullptr && shows_something(shown, *one);
}

void CustomChecker::check(const Credentials& shown, Instant now, Answer answer) {
    std::string name;
    if (auto passed = passed_value(shown, kAuthorizerName)) {
        name = *std::move(passed);
    } else if (const proto::Authorizer* const one = authorizers_.default_one()) {
        name = one->name();
    }
    AuthorizerRequest request = request_of(shown, crypto::uuid4(random_));
    authorizers_.invoke(
        name, request, now, [this, shown, name, request, answer](const Authorized& result) {
            const Instant then = authorizers_.now();
            if (!result) {
                return answer(fail(Refusal{result.error().kind,
                                           "authorizer " + name + ": " + result.error().why}),
                              then);
            }
            const auto who =
                std::make_shared<Principal>(PrincipalKind::custom, result->principal_id, shown);
            take(*result, *who);
            if (shown.way != Way::http) grants_.add(who, name, request, *result, then);
            answer(who, then);
        });
}

}  // namespace helio::bridge::identity::authorizers
