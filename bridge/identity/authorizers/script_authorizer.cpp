#include "bridge/identity/authorizers/script_authorizer.h"

#include "bridge/identity/authorizers/authorizer_answer.h"

namespace helio::bridge::identity::authorizers {

void ScriptAuthorizer::authorize(const AuthorizerRequest& request, Instant now, Answer answer) {
    scripts_.authorize(
        {.codec = script_, .event_json = event_json(request)},
        [answer = std::move(answer), principal = expected_principal(request), rules = rules_](
            const Result<std::string, payload::CodecError>& result) {
            if (result) return answer(parse_authorizer_answer(*result, principal, rules));
            const bool busy = result.error().kind == payload::CodecFailure::overloaded;
            answer(refuse(result.error().text,
                          busy ? Refusal::Kind::busy : Refusal::Kind::not_authorized));
        },
        now);
}

}  // namespace helio::bridge::identity::authorizers
