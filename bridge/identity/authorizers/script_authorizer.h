// Somebody's JavaScript: handler(event) in the form of an AWS Lambda function, run by the codec
// host in a process of its own, with its limits.
#pragma once

#include "bridge/identity/authorizers/custom_authorizer.h"
#include "bridge/identity/authorizers/document_cache.h"
#include "bridge/payload/codec_client.h"

namespace helio::bridge::identity::authorizers {

class ScriptAuthorizer final : public CustomAuthorizer {
  public:
    ScriptAuthorizer(std::string source, AnswerRules rules, payload::CodecClient& scripts)
        : script_(payload::make_authorizer(std::move(source))), rules_(rules), scripts_(scripts) {}

    void authorize(const AuthorizerRequest& request, Instant now, Answer answer) override;

  private:
    payload::Codec script_;
    AnswerRules rules_;
    payload::CodecClient& scripts_;
};

}  // namespace helio::bridge::identity::authorizers
