#include "bridge/identity/authorizers/http_authorizer.h"

#include "bridge/identity/authorizers/authorizer_answer.h"

namespace helio::bridge::identity::authorizers {

void HttpAuthorizer::authorize(const AuthorizerRequest& request, Instant, Answer answer) {
    HttpCall call{.method = "POST",
                  .url = url_,
                  .headers = {{"Content-Type", "application/json"}},
                  .body = event_json(request)};
    const bool taken = outside_.send(
        std::move(call),
        [answer, principal = expected_principal(request), rules = rules_](const HttpReply& reply) {
            if (reply.status == 0) return answer(refuse("no answer: " + reply.error));
            if (reply.status != 200) {
                return answer(refuse("it answered with status " + std::to_string(reply.status)));
            }
            answer(parse_authorizer_answer(reply.body, principal, rules));
        });
    if (!taken) answer(refuse("too many requests wait for it", Refusal::Kind::busy));
}

}  // namespace helio::bridge::identity::authorizers
