#include "bridge/identity/gate.h"

#include <algorithm>

namespace helio::bridge::identity {

void Gate::identify(const Credentials& shown, Instant now, Checker::Answer answer) {
    const auto meant =
        std::ranges::find_if(checkers_, [&](const Checker* one) { return one->is_for(shown); });
    if (meant == checkers_.end()) {
        ++stats_.refused;
        ++stats_.without_credentials;
        return answer(fail(Refusal{.why = "no credentials that anything here checks"}), now);
    }
    (*meant)->check(shown, now, [this, answer = std::move(answer)](Identified who, Instant at) {
        ++(who ? stats_.identified : stats_.refused);
        answer(std::move(who), at);
    });
}

}  // namespace helio::bridge::identity
