// Asks somebody's server: the event is posted as JSON, the answer is that of a Lambda authorizer.
// Any status but 200 is a refusal.
#pragma once

#include "bridge/identity/authorizers/custom_authorizer.h"
#include "bridge/identity/authorizers/document_cache.h"
#include "bridge/identity/authorizers/outside.h"

namespace helio::bridge::identity::authorizers {

class HttpAuthorizer final : public CustomAuthorizer {
  public:
    HttpAuthorizer(std::string url, AnswerRules rules, Outside& outside)
        : url_(std::move(url)), rules_(rules), outside_(outside) {}

    void authorize(const AuthorizerRequest& request, Instant now, Answer answer) override;

  private:
    std::string url_;
    AnswerRules rules_;
    Outside& outside_;
};

}  // namespace helio::bridge::identity::authorizers
