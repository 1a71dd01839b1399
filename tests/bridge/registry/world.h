// A registry on a store in memory, which can be opened again.
#pragma once

#include "base/store/memory_log.h"
#include "bridge/registry/registry.h"
#include "bridge/registry/tables.h"
#include "tests/support/catch.h"
#include "tests/support/foreign_certificate.h"

#include <memory>
#include <optional>

namespace helio::bridge::registry::test {

using helio::test::authority_spec;
using helio::test::Foreign;
using helio::test::ForeignSpec;
using helio::test::make_foreign;
using helio::test::make_request;

inline constexpr Instant kNow = from_unix_us(1'769'904'000'000'000);
inline constexpr const char* kPolicy =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:*","Resource":"*"}]})";

class World {
  public:
    store::MemoryLog log;
    std::optional<store::Store> store;
    api::KeyRing ring;
    std::unique_ptr<Registry> registry;
    std::vector<Target> lapsed;
    Instant now = kNow;
    Limits limits{};

    World() { open(); }

    void open() {
        store.emplace(kTables, log);
        ring = {};
        registry = std::make_unique<Registry>(
            Core{.store = *store,
                 .random = crypto::seeded_random(1),
                 .place = {.region = "eu-west-1"},
                 .issuer = crypto::x509::make_authority("test CA", kNow, crypto::seeded_random(2)),
                 .limits = limits},
            ring);
        registry->on_lapse([this](const Target& who) { lapsed.push_back(who); });
    }
    // As after the end of the process: what is on disk is all there is.
    void restart() {
        store->close(now);
        registry.reset();
        open();
    }

    CertificateId certificate(proto::CertificateStatus status = proto::ACTIVE) {
        const auto made = registry->certificates.issue(status, now);
        REQUIRE(made);
        return made->certificate.id;
    }
    void policy(const std::string& name) {
        REQUIRE(registry->policies.create(name, kPolicy, {}, now));
    }
    void thing(const std::string& name) {
        REQUIRE(registry->things.create({.name = name, .type = "", .billing_group = ""}, now));
    }
    void group(const std::string& name, const std::string& parent = "") {
        REQUIRE(registry->groups.create({.name = name, .parent = parent, .description = ""}, now));
    }
    // A CA of others, proven by its verification certificate.
    Foreign authority(bool active = true, bool automatic = true) {
        const Foreign ca = make_foreign(authority_spec(), now);
        const auto code = registry->authorities.registration_code().text;
        const Foreign proof = make_foreign({.common_name = code}, now, &ca);
        const auto made = registry->authorities.add({.pem = ca.pem,
                                                     .verification_pem = proof.pem,
                                                     .active = active,
                                                     .auto_registration = automatic},
                                                    now);
        REQUIRE(made);
        return ca;
    }
};

inline Target target_of(const CertificateId& id) { return {Target::Kind::certificate, id.hex()}; }

template <class T>
Error::Kind kind_of(const Result<T, Error>& result) {
    REQUIRE(!result);
    CHECK(!result.error().message.empty());
    return result.error().kind;
}

}  // namespace helio::bridge::registry::test
