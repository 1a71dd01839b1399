// The JSON that an HTTP or JavaScript authorizer answers, as AWS Lambda authorizers do:
//
//   {"isAuthenticated": true, "principalId": "[a-zA-Z0-9]{1,128}", "policyDocuments": [...],
//    "disconnectAfterInSeconds": 1..86400, "refreshAfterInSeconds": 1..86400}
//
// Documents are objects or texts, at most ten of 2048 characters.  The two times may be left out:
// the connection then lasts.  AWS takes no less than 300, and so does this server where it is
// strict.
#pragma once

#include "bridge/identity/authorizers/custom_authorizer.h"
#include "bridge/identity/authorizers/document_cache.h"

#include <string_view>

namespace helio::bridge::identity::authorizers {

inline constexpr std::size_t kMaxAnswerBytes = 64u << 10;
inline constexpr std::chrono::seconds kMaxAfter{86'400};

// The refusal says what is wrong with the answer, or that it says no.  With a client certificate
// the principal must be that certificate's: `principal` is its id, or empty.
Authorized parse_authorizer_answer(std::string_view text,
                                   std::string_view principal,
                                   const AnswerRules& rules);

// The certificate's id where the client showed one.
std::string expected_principal(const AuthorizerRequest& request);

}  // namespace helio::bridge::identity::authorizers
