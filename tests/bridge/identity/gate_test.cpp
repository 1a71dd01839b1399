#include "bridge/identity/gate.h"

#include "bridge/identity/access_key_checker.h"
#include "tests/support/catch.h"

namespace helio::bridge::identity {
namespace {

const api::AccessKey kKey{.id = "HELIO0000000000TEST1", .secret = "a secret of this test"};

struct Door {
    Door() {
        keys.add(kKey);
        gate.add(access_keys);
        gate.add(unknown_users);
        gate.add(anonymous);
    }
    Identified knock(const Credentials& shown) {
        std::optional<Identified> out;
        gate.identify(shown, Instant{}, [&](Identified who, Instant) { out = std::move(who); });
        REQUIRE(out);
        return *std::move(out);
    }

    api::KeyRing keys;
    AccessKeyChecker access_keys{keys};
    UnknownUserChecker unknown_users;
    AnonymousChecker anonymous;
    Gate gate;
};

Credentials with_password(std::string_view user, std::string_view password) {
    return {.address = "127.0.0.1:40000",
            .loopback = true,
            .user_name = std::string(user),
            .password = Bytes(password.begin(), password.end())};
}

TEST_CASE("an access key is a user name and a password") {
    Door door;
    const auto who = door.knock(with_password(kKey.id, kKey.secret));
    REQUIRE(who);
    CHECK((*who)->kind() == PrincipalKind::access_key);
    CHECK((*who)->name() == kKey.id);
    CHECK((*who)->shown().ip() == "127.0.0.1");
    CHECK_FALSE((*who)->shown().password);  // nobody needs it any more
    CHECK(door.gate.stats().identified == 1);
}

TEST_CASE("the key of the credentials file is an administrator's") {
    Door door;
    door.keys.add_administrator({.id = "HELIO000000000ADMIN1", .secret = "another secret"});
    const auto who = door.knock(with_password("HELIO000000000ADMIN1", "another secret"));
    REQUIRE(who);
    CHECK((*who)->kind() == PrincipalKind::administrator);
}

TEST_CASE("a wrong password is not made good by being on loopback") {
    Door door;
    for (const auto& shown : {with_password(kKey.id, "guess"),
                              with_password("nobody", "guess"),
                              with_password("", "")}) {
        const auto who = door.knock(shown);
        REQUIRE_FALSE(who);
        CHECK(who.error().kind == Refusal::Kind::bad_credentials);
    }
    CHECK(door.gate.stats().refused == 3);
}

TEST_CASE("nobody in particular may come in on loopback only") {
    Door door;
    const auto near = door.knock({.address = "127.0.0.1:1", .loopback = true});
    REQUIRE(near);
    CHECK((*near)->kind() == PrincipalKind::anonymous);

    const auto far = door.knock({.address = "192.0.2.7:1"});
    REQUIRE_FALSE(far);
    CHECK(far.error().kind == Refusal::Kind::not_authorized);
    CHECK(door.gate.stats().without_credentials == 1);

    const auto with_certificate =
        door.knock({.address = "127.0.0.1:1", .loopback = true, .certificate = {0x30}});
    CHECK_FALSE(with_certificate);
}

TEST_CASE("an address is without its port and its brackets") {
    CHECK(Credentials{.address = "192.0.2.7:51234"}.ip() == "192.0.2.7");
    CHECK(Credentials{.address = "[2001:db8::1]:8883"}.ip() == "2001:db8::1");
}

}  // namespace
}  // namespace helio::bridge::identity
