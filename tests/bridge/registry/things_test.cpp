#include "tests/bridge/registry/world.h"

#include <set>

namespace helio::bridge::registry::test {

using Kind = Error::Kind;
using Names = std::vector<std::string>;

TEST_CASE("the same thing again is no error, another one of its name is", "[registry]") {
    World world;
    auto& things = world.registry->things;
    const NewThing thing{
        .name = "pump", .type = "", .attributes = {{"site", "roof"}}, .billing_group = ""};
    const auto made = things.create(thing, world.now);
    REQUIRE(made);
    CHECK(made->thing.version() == 1);
    const auto again = things.create(thing, world.now);
    REQUIRE(again);
    CHECK(again->thing.id() == made->thing.id());
    NewThing other = thing;
    other.attributes["site"] = "cellar";
    CHECK(kind_of(things.create(other, world.now)) == Kind::already_exists);
}

TEST_CASE("a thing without a type may be kept to fewer attributes: three, as at AWS",
          "[registry]") {
    World world;
    world.limits.max_attributes_without_type = 3;
    world.restart();
    auto& things = world.registry->things;
    REQUIRE(world.registry->types.create({.name = "pump", .description = ""}, world.now));
    const Attributes three{{"a", "1"}, {"b", "2"}, {"c", "3"}};
    const Attributes four{{"a", "1"}, {"b", "2"}, {"c", "3"}, {"d", "4"}};
    REQUIRE(things.create({.name = "t", .attributes = three}, world.now));
    CHECK(kind_of(things.create({.name = "u", .attributes = four}, world.now)) ==
          Kind::bad_request);
    REQUIRE(things.create({.name = "u", .type = "pump", .attributes = four}, world.now));
    CHECK(kind_of(things.update("t", {.attributes = {Attributes{{"d", "4"}}, true}})) ==
          Kind::bad_request);
    REQUIRE(things.update("t", {.type = "pump", .attributes = {Attributes{{"d", "4"}}, true}}));
    CHECK(kind_of(things.update("t", {.type = ""})) == Kind::bad_request);
    World free;
    CHECK(free.registry->things.create({.name = "t", .attributes = four}, free.now));
}

TEST_CASE("attributes are replaced, or merged where an empty value takes one away", "[registry]") {
    World world;
    auto& things = world.registry->things;
    REQUIRE(things.create(
        {.name = "t", .type = "", .attributes = {{"a", "1"}, {"b", "2"}}, .billing_group = ""},
        world.now));
    const auto attributes = [&] {
        const auto thing = things.get("t");
        return Attributes(thing->attributes().begin(), thing->attributes().end());
    };
    REQUIRE(things.update("t", {.attributes = {Attributes{{"a", ""}, {"c", "3"}}, true}}));
    CHECK(attributes() == Attributes{{"b", "2"}, {"c", "3"}});
    REQUIRE(things.update("t", {.attributes = {Attributes{{"d", "4"}}}}));
    CHECK(attributes() == Attributes{{"d", "4"}});
    CHECK(things.get("t")->version() == 3);
    CHECK(kind_of(things.update("t", {.expected_version = 2})) == Kind::version_conflict);
    CHECK(kind_of(things.update("t", {.attributes = {Attributes{{"a b", "1"}}}})) ==
          Kind::bad_request);
}

TEST_CASE("a thing is deleted without principals, and leaves its groups", "[registry]") {
    World world;
    auto& registry = *world.registry;
    world.thing("t");
    world.group("g");
    REQUIRE(registry.groups.add("g", "t"));
    const auto target = target_of(world.certificate());
    REQUIRE(registry.things.attach("t", target, Bond::shared));
    CHECK(kind_of(registry.things.erase("t", std::nullopt)) == Kind::bad_request);
    REQUIRE(registry.things.detach("t", target));
    CHECK(kind_of(registry.things.erase("t", 7)) == Kind::version_conflict);
    REQUIRE(registry.things.erase("t", 1));
    CHECK(registry.groups.things_in("g", "", 10).empty());
    CHECK(kind_of(registry.things.get("t")) == Kind::not_found);
    CHECK(registry.things.erase("t", std::nullopt));
}

TEST_CASE("things are listed page by page, each once, and only those that are wanted",
          "[registry]") {
    World world;
    std::set<std::string> names;
    for (int i = 0; i < 25; ++i) {
        const std::string name = "thing-" + std::to_string(i);
        world.thing(name);
        if (i % 2 == 0) names.insert(name);
    }
    const auto even = [](const proto::Thing& thing) {
        return (thing.name().back() - '0') % 2 == 0;
    };
    std::set<std::string> seen;
    std::optional<std::string> after;
    int pages = 0;
    do {
        const auto page = world.registry->things.list(after, 4, even);
        for (const auto& thing : page.rows) CHECK(seen.insert(thing.name()).second);
        after = page.next;
        ++pages;
    } while (after);
    CHECK(seen == names);
    CHECK(pages >= 4);
}

TEST_CASE("groups stand in trees of seven, and a thing is in one group of a tree", "[registry]") {
    World world;
    auto& groups = world.registry->groups;
    world.group("g1");
    for (int depth = 2; depth <= 7; ++depth) {
        world.group("g" + std::to_string(depth), "g" + std::to_string(depth - 1));
    }
    CHECK(kind_of(groups.create({.name = "g8", .parent = "g7", .description = ""}, world.now)) ==
          Kind::bad_request);
    CHECK(kind_of(groups.create({.name = "x", .parent = "none", .description = ""}, world.now)) ==
          Kind::not_found);
    CHECK(groups.ancestors("g3") == Names{"g1", "g2"});
    CHECK(groups.below("g5", ThingGroups::Depth::all) == Names{"g6", "g7"});
    CHECK(kind_of(groups.erase("g6", std::nullopt)) == Kind::bad_request);

    world.thing("t");
    REQUIRE(groups.add("g3", "t"));
    REQUIRE(groups.add("g3", "t"));
    CHECK(kind_of(groups.add("g5", "t")) == Kind::bad_request);
    world.group("h");
    CHECK(groups.add("h", "t"));
    CHECK(groups.groups_of("t") == Names{"g3", "h"});
}

TEST_CASE("a group that is deleted takes its policies and memberships along", "[registry]") {
    World world;
    auto& registry = *world.registry;
    world.group("p");
    world.group("g", "p");
    world.thing("t");
    world.policy("rule");
    REQUIRE(registry.groups.add("g", "t"));
    REQUIRE(registry.policies.attach("rule", {Target::Kind::thing_group, "g"}));
    REQUIRE(registry.groups.erase("g", std::nullopt));
    CHECK(registry.groups.groups_of("t").empty());
    CHECK(registry.policies.targets_of("rule").empty());
    CHECK(registry.groups.below("p", ThingGroups::Depth::all).empty());
    CHECK(registry.groups.erase("g", std::nullopt));
}

TEST_CASE("a thing type is deleted five minutes after its deprecation, when no thing has it",
          "[registry]") {
    World world;
    auto& registry = *world.registry;
    REQUIRE(registry.types.create({.name = "meter", .description = "", .searchable_attributes = {}},
                                  world.now));
    REQUIRE(registry.things.create({.name = "m", .type = "meter", .billing_group = ""}, world.now));
    CHECK(kind_of(registry.types.erase("meter", world.now)) == Kind::bad_request);
    REQUIRE(registry.types.set_deprecated("meter", true, world.now));
    CHECK(kind_of(registry.types.erase("meter", world.now)) == Kind::bad_request);
    CHECK(kind_of(registry.things.create({.name = "n", .type = "meter", .billing_group = ""},
                                         world.now)) == Kind::bad_request);
    world.now += std::chrono::minutes(6);
    CHECK(kind_of(registry.types.erase("meter", world.now)) == Kind::bad_request);
    REQUIRE(registry.things.update("m", {.type = ""}));
    CHECK(registry.types.erase("meter", world.now));
    CHECK(kind_of(registry.things.create({.name = "n", .type = "meter", .billing_group = ""},
                                         world.now)) == Kind::not_found);
}

}  // namespace helio::bridge::registry::test
