// Whose authorization is asked about: the principal as far as a request names it, and the documents
// that count for it, each with its policy's name.
#pragma once

#include "bridge/api/fields.h"
#include "bridge/api/operation.h"
#include "bridge/identity/policy_source.h"
#include "bridge/policy/evaluation.h"

#include <string>
#include <vector>

namespace helio::bridge::api {

struct Subject {
    std::vector<std::string> policies;           // names, in the order of `documents`
    std::vector<policy::DocumentPtr> documents;  // the default versions
    bool unlimited;                              // an administrator's key: nothing is asked of it
    policy::Context context;
};

// Reads `connection`, the id of a client that is connected: it is asked about as it is.  Else
// `principal`, and of what a connection would be known by: `sourceIp`, `domainName`, `tls`,
// `persistent`, `lastWill`, `http`; a client id that is not known is empty.  In both cases
// `policyNamesToAdd` and `policyNamesToSkip`.
Result<Subject, ApiError> read_subject(Context& context,
                                       const Call& call,
                                       const Fields& body,
                                       const std::string& client_id);

policy::Explanation explain(const Subject& subject, const policy::Question& question);

// authorization.cpp
Outcome test_authorization(Context& context, const Call& call);
Outcome explain_authorization(Context& context, const Call& call);

}  // namespace helio::bridge::api
