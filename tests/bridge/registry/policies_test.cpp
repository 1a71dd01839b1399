#include "bridge/registry/attachments.h"
#include "tests/bridge/registry/world.h"

namespace helio::bridge::registry::test {

using Kind = Error::Kind;
using identity::Credentials;
using identity::Principal;
using identity::PrincipalKind;

namespace {

std::vector<std::string> names_of(const std::vector<identity::NamedDocument>& documents) {
    std::vector<std::string> out;
    for (const auto& one : documents) out.push_back(one.policy);
    return out;
}

Principal device(const CertificateId& id, const std::string& client_id) {
    return {PrincipalKind::certificate, id.hex(), Credentials{.client_id = client_id}};
}

}  // namespace

TEST_CASE("a policy has up to five versions, and their numbers are never given again",
          "[registry]") {
    World world;
    auto& policies = world.registry->policies;
    world.policy("p");
    using Default = Policies::Default;
    for (std::uint32_t version = 2; version <= 5; ++version) {
        const auto made = policies.create_version("p", kPolicy, Default::as_it_is, world.now);
        REQUIRE(made);
        CHECK(made->version == version);
        CHECK(made->policy.default_version() == 1);
    }
    CHECK(kind_of(policies.create_version("p", kPolicy, Default::this_one, world.now)) ==
          Kind::too_many_versions);
    REQUIRE(policies.erase_version("p", 5, world.now));
    const auto made = policies.create_version("p", kPolicy, Default::this_one, world.now);
    REQUIRE(made);
    CHECK(made->version == 6);
    CHECK(made->policy.default_version() == 6);
    CHECK(kind_of(policies.erase_version("p", 6, world.now)) == Kind::bad_request);
    CHECK(kind_of(policies.set_default("p", 5, world.now)) == Kind::not_found);
    CHECK(policies.set_default("p", 1, world.now));
}

TEST_CASE("a document that is no policy is refused", "[registry]") {
    World world;
    auto& policies = world.registry->policies;
    CHECK(kind_of(policies.create("p", "{", {}, world.now)) == Kind::malformed_policy);
    CHECK(kind_of(policies.create("p", R"({"Version":"2012-10-17"})", {}, world.now)) ==
          Kind::malformed_policy);
    CHECK(kind_of(policies.create("a/b", kPolicy, {}, world.now)) == Kind::bad_request);
    world.policy("p");
    CHECK(kind_of(policies.create("p", kPolicy, {}, world.now)) == Kind::already_exists);
}

TEST_CASE("a policy is deleted when it is attached to nobody and has one version", "[registry]") {
    World world;
    auto& policies = world.registry->policies;
    world.policy("p");
    const auto target = target_of(world.certificate());
    REQUIRE(policies.attach("p", target));
    REQUIRE(policies.attach("p", target));
    CHECK(policies.targets_of("p").size() == 1);
    CHECK(kind_of(policies.erase("p")) == Kind::in_use);
    REQUIRE(policies.detach("p", target));
    CHECK(kind_of(policies.detach("p", target)) == Kind::not_found);
    REQUIRE(policies.create_version("p", kPolicy, Policies::Default::as_it_is, world.now));
    CHECK(kind_of(policies.erase("p")) == Kind::in_use);
    REQUIRE(policies.erase_version("p", 2, world.now));
    REQUIRE(policies.erase("p"));
    CHECK(kind_of(policies.get("p")) == Kind::not_found);
}

TEST_CASE("ten policies may be attached to one target", "[registry]") {
    World world;
    const auto target = target_of(world.certificate());
    for (int i = 0; i < 11; ++i) {
        const std::string name = "p" + std::to_string(i);
        world.policy(name);
        const auto attached = world.registry->policies.attach(name, target);
        if (i < 10) CHECK(attached);
        if (i == 10) CHECK(kind_of(attached) == Kind::limit_exceeded);
    }
}

TEST_CASE("nothing is attached to what is not there", "[registry]") {
    World world;
    world.policy("p");
    const Target nobody{Target::Kind::certificate, std::string(64, 'a')};
    CHECK(kind_of(world.registry->policies.attach("p", nobody)) == Kind::not_found);
    CHECK(kind_of(world.registry->policies.attach("q", target_of(world.certificate()))) ==
          Kind::not_found);
}

TEST_CASE("for a certificate count its own policies and those of its thing's groups up to the root",
          "[registry]") {
    World world;
    const auto id = world.certificate();
    for (const char* name : {"own", "leaf", "root", "elsewhere"}) world.policy(name);
    world.group("r");
    world.group("l", "r");
    world.group("x");
    world.thing("pump");
    auto& registry = *world.registry;
    REQUIRE(registry.policies.attach("own", target_of(id)));
    REQUIRE(registry.policies.attach("leaf", {Target::Kind::thing_group, "l"}));
    REQUIRE(registry.policies.attach("root", {Target::Kind::thing_group, "r"}));
    REQUIRE(registry.policies.attach("elsewhere", {Target::Kind::thing_group, "x"}));
    REQUIRE(registry.groups.add("l", "pump"));
    REQUIRE(registry.things.attach("pump", target_of(id), Bond::shared));

    using Names = std::vector<std::string>;
    CHECK(names_of(registry.documents_of(device(id, "pump"))) == Names{"own", "leaf", "root"});
    // The client id is not the thing's name, and the bond is not exclusive.
    CHECK(names_of(registry.documents_of(device(id, "other"))) == Names{"own"});
    CHECK(!registry.thing_of(device(id, "other")));
}

TEST_CASE("an exclusive thing is the certificate's whatever the client id", "[registry]") {
    World world;
    const auto id = world.certificate();
    world.thing("pump");
    world.thing("fan");
    auto& things = world.registry->things;
    REQUIRE(things.attach("pump", target_of(id), Bond::exclusive));
    CHECK(kind_of(things.attach("fan", target_of(id), Bond::shared)) == Kind::bad_request);
    const auto thing = world.registry->thing_of(device(id, "anything"));
    REQUIRE(thing);
    CHECK(thing->name == "pump");
}

TEST_CASE("each change that may alter a permission moves the generation on", "[registry]") {
    World world;
    auto& registry = *world.registry;
    const auto id = world.certificate();
    std::uint64_t before = registry.generation();
    const auto moved = [&] {
        return registry.generation() != std::exchange(before, registry.generation());
    };
    world.policy("p");
    CHECK(moved());
    REQUIRE(registry.policies.attach("p", target_of(id)));
    CHECK(moved());
    REQUIRE(registry.policies.create_version("p", kPolicy, Policies::Default::this_one, world.now));
    CHECK(moved());
    world.thing("t");
    CHECK(moved());
    REQUIRE(registry.things.attach("t", target_of(id), Bond::shared));
    CHECK(moved());
    REQUIRE(registry.things.update("t", {.attributes = {.attributes = Attributes{{"a", "b"}}}}));
    CHECK(moved());
    world.group("g");
    REQUIRE(registry.groups.add("g", "t"));
    CHECK(moved());
    REQUIRE(registry.groups.remove("g", "t"));
    CHECK(moved());
    CHECK(!moved());
}

TEST_CASE("an access key that is removed is in the ring no more, and its policies are detached",
          "[registry]") {
    World world;
    const auto made = world.registry->access_keys.create("ci", world.now);
    REQUIRE(made);
    world.policy("p");
    const Target key{Target::Kind::access_key, made->key.id};
    REQUIRE(world.registry->policies.attach("p", key));
    REQUIRE(world.registry->access_keys.erase(made->key.id));
    CHECK(!world.ring.secret_of(made->key.id));
    CHECK(world.registry->policies.targets_of("p").empty());
    CHECK(world.lapsed == std::vector{key});
    CHECK(kind_of(world.registry->access_keys.erase(made->key.id)) == Kind::not_found);
}

TEST_CASE("a stored policy that an authorizer names counts as it is at the time", "[registry]") {
    World world;
    world.policy("p");
    identity::Principal who(identity::PrincipalKind::custom, "p1", {});
    CHECK(world.registry->documents_of(who).empty());
    who.policies = {"p"};
    const auto before = world.registry->documents_of(who);
    REQUIRE(before.size() == 1);
    CHECK(before[0].policy == "p");
    const auto generation = world.registry->generation();
    REQUIRE(world.registry->policies.create_version(
        "p",
        R"({"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}})",
        Policies::Default::this_one,
        world.now));
    CHECK(world.registry->generation() != generation);
    CHECK(world.registry->documents_of(who).at(0).document != before[0].document);
}

TEST_CASE("a target is named by its ARN, an access key by its id", "[registry]") {
    const Place place{.region = "eu-west-1", .account = "123456789012"};
    const std::string prefix = "arn:aws:iot:eu-west-1:123456789012:";
    const std::string hex(64, 'a');
    const std::pair<std::string, Target> good[] = {
        {prefix + "cert/" + hex, {Target::Kind::certificate, hex}},
        {prefix + "thinggroup/a:b", {Target::Kind::thing_group, "a:b"}},
        {prefix + "user/anna", {Target::Kind::user, "anna"}},
        {"user/anna", {Target::Kind::user, "anna"}},
        {"cert/" + hex, {Target::Kind::certificate, hex}},
        {"HELIO0000000000TEST1", {Target::Kind::access_key, "HELIO0000000000TEST1"}},
    };
    for (const auto& [text, target] : good) {
        INFO(text);
        CHECK(registry::target_of(place, text) == target);
    }
    for (const std::string& text : {std::string("x"),
                                    prefix + "cert/abc",
                                    prefix + "policy/p",
                                    prefix + "user/" + std::string(1, '\0'),
                                    "arn:aws:iot:us-east-1:123456789012:cert/" + hex}) {
        INFO(text);
        CHECK(!registry::target_of(place, text));
    }
}

}  // namespace helio::bridge::registry::test
