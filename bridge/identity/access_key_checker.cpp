#include "bridge/identity/access_key_checker.h"

#include "crypto/cmac.h"

namespace helio::bridge::identity {

PrincipalKind kind_of_key(const api::KeyRing& keys, std::string_view id) {
    return keys.is_administrator(id) ? PrincipalKind::administrator : PrincipalKind::access_key;
}

bool AccessKeyChecker::is_for(const Credentials& shown) const {
    return shown.user_name && keys_.secret_of(*shown.user_name);
}

void AccessKeyChecker::check(const Credentials& shown, Instant now, Answer answer) {
    const auto secret = keys_.secret_of(*shown.user_name);
    if (!shown.password || !crypto::equal_in_constant_time(bytes_of(*secret), *shown.password)) {
        return answer(
            fail(Refusal{Refusal::Kind::bad_credentials, "wrong secret of an access key"}), now);
    }
    answer(
        std::make_shared<Principal>(kind_of_key(keys_, *shown.user_name), *shown.user_name, shown),
        now);
}

bool AnonymousChecker::is_for(const Credentials& shown) const {
    return shown.loopback && !shown.user_name && !shown.password && shown.certificate.empty() &&
           shown.way != Way::http;
}

void AnonymousChecker::check(const Credentials&, Instant now, Answer answer) {
    answer(anonymous_, now);
}

void UnknownUserChecker::check(const Credentials&, Instant now, Answer answer) {
    answer(fail(Refusal{Refusal::Kind::bad_credentials, "unknown user name"}), now);
}

}  // namespace helio::bridge::identity
