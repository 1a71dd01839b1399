#include "bridge/identity/access_key_checker.h"

#include "crypto/cmac.h"

#include <algorithm>

namespace helio::bridge::identity {

namespace {

// A browser on this machine shows pages of the whole web, which may open WebSockets to anywhere:
// what such a page says is not said by who owns the machine [RFC 6455 §10.2].
bool is_a_page_from_elsewhere(const Credentials& shown) {
    constexpr std::string_view kHere[] = {"localhost", "127.0.0.1", "[::1]"};
    const auto origin = shown.http ? shown.http->header("origin") : std::nullopt;
    if (!origin) return false;  // no browser
    const std::size_t scheme = origin->find("://");
    if (scheme == std::string_view::npos) return true;  // "null"
    const std::string_view host = origin->substr(scheme + 3);
    const std::size_t end = host.starts_with('[') ? host.find(']') + 1 : host.find(':');
    return std::ranges::find(kHere, host.substr(0, end)) == std::end(kHere);
}

}  // namespace

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
           shown.way != Way::http && !is_a_page_from_elsewhere(shown);
}

void AnonymousChecker::check(const Credentials&, Instant now, Answer answer) {
    answer(anonymous_, now);
}

void UnknownUserChecker::check(const Credentials&, Instant now, Answer answer) {
    answer(fail(Refusal{Refusal::Kind::bad_credentials, "unknown user name"}), now);
}

}  // namespace helio::bridge::identity
