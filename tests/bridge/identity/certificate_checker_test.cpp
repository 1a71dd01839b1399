#include "bridge/identity/certificate_checker.h"

#include "tests/bridge/registry/world.h"

namespace helio::bridge::identity {
namespace {

namespace proto = registry::proto;
using helio::test::authority_spec;
using helio::test::Foreign;
using helio::test::ForeignSpec;
using helio::test::make_foreign;
using registry::CertificateId;

struct Door : registry::test::World {
    std::vector<std::pair<std::string, std::string>> events;
    CertificateChecker checker = make_checker(ServerName::not_needed);

    CertificateChecker make_checker(ServerName server_name) {
        return {*registry,
                server_name,
                [this](std::string_view topic, std::string_view payload, Instant) {
                    events.emplace_back(topic, payload);
                }};
    }

    Identified knock(ByteView der) {
        Credentials shown{.tls = true, .certificate = Bytes(der.begin(), der.end())};
        REQUIRE(checker.is_for(shown));
        std::optional<Identified> out;
        checker.check(shown, now, [&](Identified who, Instant) { out = std::move(who); });
        REQUIRE(out);
        return *std::move(out);
    }
    bool lets_in(ByteView der) {
        const auto who = knock(der);
        if (!who) CHECK(who.error().kind == Refusal::Kind::not_authorized);
        return who.has_value();
    }
    // Why it is not let in; empty where it is.
    std::string why_not(ByteView der) {
        const auto who = knock(der);
        return who ? "" : who.error().why;
    }
    Bytes der_of(const CertificateId& id) {
        const auto record = registry->certificates.find(id);
        const auto der = bytes_of(record->der());
        return {der.begin(), der.end()};
    }
    Foreign registered(const ForeignSpec& spec) {
        const Foreign made = make_foreign(spec, now);
        REQUIRE(registry->certificates.add_without_authority(made.pem, proto::ACTIVE, now));
        return made;
    }
};

}  // namespace

TEST_CASE("an active certificate lets in, by its id", "[identity]") {
    Door door;
    const auto id = door.certificate();
    const auto who = door.knock(door.der_of(id));
    REQUIRE(who);
    CHECK((*who)->kind() == PrincipalKind::certificate);
    CHECK((*who)->name() == id.hex());
}

TEST_CASE("inactive, revoked and activated again count with the next connection", "[identity]") {
    Door door;
    const auto id = door.certificate();
    const Bytes der = door.der_of(id);
    auto& certificates = door.registry->certificates;
    REQUIRE(door.lets_in(der));
    REQUIRE(certificates.set_status(id, proto::INACTIVE, door.now));
    CHECK(!door.lets_in(der));
    REQUIRE(certificates.set_status(id, proto::ACTIVE, door.now));
    CHECK(door.lets_in(der));
    REQUIRE(certificates.set_status(id, proto::REVOKED, door.now));
    CHECK(door.why_not(der).find("is REVOKED") != std::string::npos);
    REQUIRE(certificates.erase(id, registry::Certificates::Policies::must_be_detached));
    CHECK(!door.lets_in(der));
    CHECK(door.checker.stats().not_active == 2);
    CHECK(door.checker.stats().unknown == 1);
}

TEST_CASE("a certificate counts from its first to its last second", "[identity]") {
    Door door;
    const Instant begin = door.now + std::chrono::hours(1);
    const Instant end = door.now + std::chrono::hours(2);
    const auto made = door.registered({.not_before = begin, .not_after = end});
    CHECK(!door.lets_in(made.der));
    door.now = begin;
    CHECK(door.lets_in(made.der));
    door.now = end;
    CHECK(door.lets_in(made.der));
    door.now = end + std::chrono::seconds(1);
    CHECK(!door.lets_in(made.der));
    CHECK(door.checker.stats().out_of_time == 2);
}

TEST_CASE("an expired certificate is refused although it is registered as active", "[identity]") {
    Door door;
    const auto made = door.registered({.not_before = door.now - std::chrono::days(9),
                                       .not_after = door.now - std::chrono::days(1)});
    CHECK(door.why_not(made.der).find("not valid at this time") != std::string::npos);
}

TEST_CASE("a certificate of another purpose is refused", "[identity]") {
    Door door;
    SECTION("its key must not sign") {
        CHECK(!door.lets_in(door.registered({.key_usage = "critical,keyEncipherment"}).der));
    }
    SECTION("it is a server's") {
        CHECK(!door.lets_in(door.registered({.extended_key_usage = "serverAuth"}).der));
    }
    SECTION("it is a CA's") { CHECK(!door.lets_in(door.registered(authority_spec()).der)); }
    CHECK(door.checker.stats().unfit == 1);
}

TEST_CASE("a certificate that says nothing of its purpose is for any", "[identity]") {
    Door door;
    CHECK(door.lets_in(door.registered({.key_usage = "", .extended_key_usage = ""}).der));
}

TEST_CASE("a certificate of no registered CA is unknown", "[identity]") {
    Door door;
    const Foreign ca = door.authority();
    const Foreign namesake = make_foreign(authority_spec(), door.now);
    CHECK(door.why_not(make_foreign({}, door.now).der).find("not registered") != std::string::npos);
    CHECK(door.why_not(make_foreign({}, door.now, &namesake).der).find("not registered") !=
          std::string::npos);
    // Our own CA has signed it, and it was deleted: it does not come back by itself.
    const auto id = door.certificate(proto::INACTIVE);
    const Bytes der = door.der_of(id);
    REQUIRE(
        door.registry->certificates.erase(id, registry::Certificates::Policies::must_be_detached));
    CHECK(!door.lets_in(der));
    CHECK(door.registry->certificates.count() == 0);
    CHECK(door.events.empty());
}

TEST_CASE("bytes that are no certificate are refused", "[identity]") {
    Door door;
    CHECK(!door.lets_in(bytes_of("no certificate")));
    CHECK(!door.lets_in(Bytes(100'000, 0x30)));
    Bytes longer = door.der_of(door.certificate());
    longer.push_back(0);
    CHECK(!door.lets_in(longer));
}

TEST_CASE("a certificate of a CA that allows it registers itself, and waits for its activation",
          "[identity]") {
    Door door;
    const Foreign ca = door.authority();
    const Foreign device = make_foreign({}, door.now, &ca);
    const auto id = CertificateId::of(device.der);
    CHECK(!door.lets_in(device.der));
    REQUIRE(door.registry->certificates.find(id));
    CHECK(door.registry->certificates.find(id)->status() == proto::PENDING_ACTIVATION);
    const auto ca_id = CertificateId::of(ca.der).hex();
    REQUIRE(door.events.size() == 1);
    CHECK(door.events[0].first == "$aws/events/certificates/registered/" + ca_id);
    CHECK(
        door.events[0].second ==
        R"({"certificateId":")" + id.hex() + R"(","caCertificateId":")" + ca_id +
            R"(","timestamp":1769904000000,"certificateStatus":"PENDING_ACTIVATION",)"
            R"("awsAccountId":"123456789012","certificateRegistrationTimestamp":"1769904000000"})");

    CHECK(!door.lets_in(device.der));
    CHECK(door.events.size() == 1);
    REQUIRE(door.registry->certificates.set_status(id, proto::ACTIVE, door.now));
    CHECK(door.lets_in(device.der));
}

TEST_CASE("a CA that is not active, or does not allow it, registers nothing", "[identity]") {
    const auto [active, automatic] = GENERATE(std::pair(false, true), std::pair(true, false));
    Door door;
    const Foreign ca = door.authority(active, automatic);
    CHECK(!door.lets_in(make_foreign({}, door.now, &ca).der));
    CHECK(door.registry->certificates.count() == 0);
    CHECK(door.events.empty());
}

TEST_CASE("a certificate that is unfit does not register itself", "[identity]") {
    Door door;
    const Foreign ca = door.authority();
    const std::pair<ForeignSpec, std::string_view> unfit[] = {
        {{.not_before = door.now - std::chrono::days(2),
          .not_after = door.now - std::chrono::seconds(1)},
         "not valid at this time"},
        {{.not_before = door.now + std::chrono::hours(1)}, "not valid at this time"},
        {{.key_usage = "critical,keyAgreement"}, "no digitalSignature"},
        {{.extended_key_usage = "serverAuth"}, "no clientAuth"},
        {{.rsa_bits = 1024}, "too weak"},
        {{.digest = "SHA1"}, "broken hash"},
        {{.common_name = std::string("admin\0.evil", 11)}, "control character"},
        {{.common_name = std::string(5000, 'a')}, "too long"},
        {authority_spec("A CA below"), "of an authority"},
    };
    for (const auto& [spec, why] : unfit) {
        CHECK(door.why_not(make_foreign(spec, door.now, &ca).der).find(why) != std::string::npos);
    }
    CHECK(door.registry->certificates.count() == 0);
    CHECK(door.events.empty());
}

TEST_CASE("in strict mode a certificate without its CA needs the server's name in the handshake",
          "[identity]") {
    Door door;
    CertificateChecker strict = door.make_checker(ServerName::needed);
    const auto made = door.registered({});
    const auto lets_in = [&](const std::string& server_name) {
        bool in = false;
        strict.check({.tls = true, .server_name = server_name, .certificate = made.der},
                     door.now,
                     [&](const Identified& who, Instant) { in = who.has_value(); });
        return in;
    };
    CHECK(!lets_in(""));
    CHECK(lets_in("hub.example"));
}

TEST_CASE(
    "in strict mode a certificate of an SNI_ONLY CA does not register itself without the name",
    "[identity]") {
    Door door;
    const Foreign ca = make_foreign(authority_spec(), door.now);
    REQUIRE(door.registry->authorities.add(
        {.pem = ca.pem, .active = true, .auto_registration = true, .mode = proto::SNI_ONLY},
        door.now));
    const Foreign device = make_foreign({}, door.now, &ca);
    CertificateChecker strict = door.make_checker(ServerName::needed);
    const auto knock = [&](const std::string& server_name) {
        strict.check({.tls = true, .server_name = server_name, .certificate = device.der},
                     door.now,
                     [](const Identified& who, Instant) { CHECK(!who); });
    };
    knock("");
    CHECK(strict.stats().unfit == 1);
    CHECK(door.registry->certificates.count() == 0);
    knock("hub.example");
    CHECK(strict.stats().registered == 1);
    CHECK(door.registry->certificates.count() == 1);
}

TEST_CASE("where the protocol asks for a custom authorizer a certificate decides nothing",
          "[identity]") {
    Door door;
    const Bytes der = door.der_of(door.certificate());
    CHECK(!door.checker.is_for({.tls = true, .alpn = "mqtt", .certificate = der}));
    CHECK(door.checker.is_for({.tls = true, .alpn = "x-amzn-mqtt-ca", .certificate = der}));
    CHECK(!door.checker.is_for({.tls = true}));
}

}  // namespace helio::bridge::identity
