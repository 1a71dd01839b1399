#include "bridge/registry/attachments.h"
#include "crypto/x509/certificate.h"
#include "tests/bridge/registry/world.h"

namespace helio::bridge::registry::test {

using Kind = Error::Kind;

TEST_CASE("a certificate is issued by our CA until the end of 2049, its id is SHA-256 of the DER",
          "[registry]") {
    World world;
    const auto made = world.registry->certificates.issue(proto::ACTIVE, world.now);
    REQUIRE(made);
    const auto certificate = crypto::x509::parse_pem(made->certificate.pem);
    REQUIRE(certificate);
    CHECK(certificate->fingerprint() == made->certificate.id.hex());
    CHECK(certificate->common_name == "AWS IoT Certificate");
    CHECK(certificate->issuer == "CN=test CA");
    CHECK(to_rfc3339(certificate->not_after, 0) == "2049-12-31T23:59:59Z");
    CHECK(crypto::x509::belong_together({made->certificate.pem, made->private_key_pem}));
    CHECK(made->public_key_pem.starts_with("-----BEGIN PUBLIC KEY-----"));
    CHECK(!crypto::x509::device_fault(certificate->der));
    CHECK(world.registry->certificates.find(made->certificate.id)->status() == proto::ACTIVE);
}

TEST_CASE("a signing request becomes a certificate of its name and key", "[registry]") {
    World world;
    const auto request = make_request("pump-7");
    const auto made =
        world.registry->certificates.issue_for_request(request.pem, proto::INACTIVE, world.now);
    REQUIRE(made);
    const auto certificate = crypto::x509::parse_pem(made->pem);
    REQUIRE(certificate);
    CHECK(certificate->common_name == "pump-7");
    CHECK(world.registry->certificates.find(made->id)->status() == proto::INACTIVE);
}

TEST_CASE("a signing request that proves nothing, is weak or has a trick for a name is refused",
          "[registry]") {
    World world;
    auto& certificates = world.registry->certificates;
    const auto refused = [&](const std::string& pem) {
        return kind_of(certificates.issue_for_request(pem, proto::ACTIVE, world.now)) ==
               Kind::bad_request;
    };
    using helio::test::Signature;
    CHECK(refused("no request"));
    CHECK(refused(make_request("a", 0, Signature::of_another_key).pem));
    CHECK(refused(make_request("a", 1024).pem));
    CHECK(refused(make_request(std::string("admin\0.example", 14)).pem));
    CHECK(certificates.count() == 0);
}

TEST_CASE("a certificate that stops being active ends its connections, and is still known",
          "[registry]") {
    World world;
    for (const auto status : {proto::INACTIVE, proto::REVOKED}) {
        const auto id = world.certificate();
        world.lapsed.clear();
        REQUIRE(world.registry->certificates.set_status(id, status, world.now));
        CHECK(world.lapsed == std::vector{target_of(id)});
        CHECK(world.registry->certificates.find(id)->status() == status);
    }
}

TEST_CASE("a status that the service itself gives cannot be set by hand", "[registry]") {
    World world;
    const auto id = world.certificate();
    for (const auto status : {proto::PENDING_TRANSFER, proto::PENDING_ACTIVATION}) {
        CHECK(kind_of(world.registry->certificates.set_status(id, status, world.now)) ==
              Kind::bad_request);
    }
}

TEST_CASE("a certificate is deleted when it is not active and nothing hangs on it", "[registry]") {
    World world;
    auto& certificates = world.registry->certificates;
    const auto id = world.certificate();
    world.policy("p");
    world.thing("t");
    REQUIRE(world.registry->policies.attach("p", target_of(id)));
    REQUIRE(world.registry->things.attach("t", target_of(id), Bond::shared));
    using Policies = Certificates::Policies;

    CHECK(kind_of(certificates.erase(id, Policies::are_detached)) == Kind::certificate_state);
    REQUIRE(certificates.set_status(id, proto::INACTIVE, world.now));
    CHECK(kind_of(certificates.erase(id, Policies::must_be_detached)) == Kind::in_use);
    CHECK(kind_of(certificates.erase(id, Policies::are_detached)) == Kind::in_use);
    REQUIRE(world.registry->things.detach("t", target_of(id)));
    REQUIRE(certificates.erase(id, Policies::are_detached));
    CHECK(!certificates.find(id));
    CHECK(world.registry->policies.targets_of("p").empty());
    CHECK(certificates.count() == 0);
    CHECK(kind_of(certificates.erase(id, Policies::are_detached)) == Kind::not_found);
}

TEST_CASE("certificates are listed by their time, in both directions and page by page",
          "[registry]") {
    World world;
    std::vector<CertificateId> made;
    for (int i = 0; i < 5; ++i) {
        made.push_back(world.certificate());
        world.now += std::chrono::seconds(1);
    }
    const auto walk = [&](Direction direction) {
        std::vector<CertificateId> out;
        std::optional<CreationPlace> after;
        for (;;) {
            const auto page = world.registry->certificates.list(std::nullopt, direction, after, 2);
            for (const auto& [id, record] : page.rows) out.push_back(id);
            if (!page.next) return out;
            after = page.next;
        }
    };
    CHECK(walk(Direction::oldest_first) == made);
    std::ranges::reverse(made);
    CHECK(walk(Direction::newest_first) == made);
}

TEST_CASE("a CA is registered by a certificate that it has signed with the registration code",
          "[registry]") {
    World world;
    auto& authorities = world.registry->authorities;
    const Foreign ca = make_foreign(authority_spec(), world.now);
    const Foreign other = make_foreign(authority_spec("Another CA"), world.now);
    const auto add = [&](const std::string& common_name, const Foreign& signer) {
        const Foreign proof = make_foreign({.common_name = common_name}, world.now, &signer);
        return authorities.add({.pem = ca.pem, .verification_pem = proof.pem}, world.now);
    };
    CHECK(kind_of(add("whatever", ca)) == Kind::registration_code);
    const auto code = authorities.registration_code().text;
    CHECK(code.size() == 64);
    CHECK(authorities.registration_code().text == code);
    CHECK(kind_of(add("wrong", ca)) == Kind::registration_code);
    CHECK(kind_of(add(code, other)) == Kind::certificate_invalid);
    CHECK(kind_of(authorities.add({.pem = ca.pem}, world.now)) == Kind::bad_request);
    const auto made = add(code, ca);
    REQUIRE(made);
    CHECK(made->id == CertificateId::of(ca.der));
    CHECK(kind_of(add(code, ca)) == Kind::already_exists);
    CHECK(authorities.list(Direction::oldest_first, std::nullopt, 10).rows.size() == 1);
}

TEST_CASE("what is no CA, or is past its time, is registered as none", "[registry]") {
    World world;
    auto& authorities = world.registry->authorities;
    const auto add = [&](const Foreign& ca) {
        return authorities.add({.pem = ca.pem, .mode = proto::SNI_ONLY}, world.now);
    };
    CHECK(kind_of(add(make_foreign({}, world.now))) == Kind::certificate_invalid);
    ForeignSpec ended = authority_spec();
    ended.not_after = world.now - std::chrono::seconds(1);
    CHECK(kind_of(add(make_foreign(ended, world.now))) == Kind::certificate_invalid);
    CHECK(add(make_foreign(authority_spec(), world.now)));
}

TEST_CASE("a certificate is registered where an active CA has signed it", "[registry]") {
    World world;
    auto& certificates = world.registry->certificates;
    const Foreign ca = world.authority();
    const Foreign stranger = make_foreign(authority_spec("Stranger"), world.now);
    const Foreign same_name = make_foreign(authority_spec(), world.now);
    const Foreign device = make_foreign({}, world.now, &ca);
    const auto add = [&](const Foreign& one) {
        return certificates.add(one.pem, std::nullopt, proto::ACTIVE, world.now);
    };
    CHECK(kind_of(add(make_foreign({}, world.now, &stranger))) == Kind::certificate_invalid);
    CHECK(kind_of(add(make_foreign({}, world.now, &same_name))) == Kind::certificate_invalid);
    const auto made = add(device);
    REQUIRE(made);
    CHECK(made->id == CertificateId::of(device.der));
    CHECK(kind_of(add(device)) == Kind::already_exists);
    const auto ca_id = CertificateId::of(ca.der);
    CHECK(certificates.list(ca_id, Direction::oldest_first, std::nullopt, 10).rows.size() == 1);

    REQUIRE(world.registry->authorities.update(ca_id, {.active = false}, world.now));
    CHECK(kind_of(add(make_foreign({}, world.now, &ca))) == Kind::certificate_state);
}

TEST_CASE("a CA is deleted when it is not active", "[registry]") {
    World world;
    const auto id = CertificateId::of(world.authority().der);
    CHECK(kind_of(world.registry->authorities.erase(id)) == Kind::certificate_state);
    REQUIRE(world.registry->authorities.update(id, {.active = false}, world.now));
    REQUIRE(world.registry->authorities.erase(id));
    CHECK(world.registry->authorities.list(Direction::oldest_first, std::nullopt, 10).rows.empty());
}

TEST_CASE("what could never be used is not registered at all", "[registry]") {
    World world;
    const auto add = [&](const ForeignSpec& spec) {
        return world.registry->certificates.add_without_authority(
            make_foreign(spec, world.now).pem, proto::ACTIVE, world.now);
    };
    CHECK(kind_of(add({.rsa_bits = 1024})) == Kind::certificate_invalid);
    CHECK(kind_of(add({.digest = "SHA1"})) == Kind::certificate_invalid);
    CHECK(kind_of(add({.common_name = std::string("a\0b", 3)})) == Kind::certificate_invalid);
    CHECK(kind_of(world.registry->certificates.add_without_authority(
              "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
              proto::ACTIVE,
              world.now)) == Kind::certificate_invalid);
    CHECK(add({}));
}

TEST_CASE("the registry is there again after a restart", "[registry]") {
    World world;
    const auto id = world.certificate();
    world.policy("p");
    world.thing("t");
    world.group("g");
    const auto key = world.registry->access_keys.create("ci", world.now);
    REQUIRE(key);
    REQUIRE(world.registry->policies.attach("p", target_of(id)));
    REQUIRE(world.registry->things.attach("t", target_of(id), Bond::exclusive));
    REQUIRE(world.registry->groups.add("g", "t"));
    world.restart();
    CHECK(world.registry->certificates.find(id));
    CHECK(world.registry->certificates.count() == 1);
    CHECK(policies_of(*world.store, target_of(id)) == std::vector<std::string>{"p"});
    CHECK(world.registry->groups.groups_of("t") == std::vector<std::string>{"g"});
    CHECK(world.ring.secret_of(key->key.id) == key->key.secret);
}

}  // namespace helio::bridge::registry::test
