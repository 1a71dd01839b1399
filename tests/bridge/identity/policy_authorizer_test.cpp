// Policies as a client of the broker feels them.
#include "bridge/identity/policy_authorizer.h"

#include "tests/bridge/mqtt/support/broker_fixture.h"
#include "tests/support/catch.h"

using namespace helio;
using namespace helio::bridge;
using namespace helio::bridge::identity;
using namespace helio::bridge::mqtt::testing;
using mqtt::ReasonCode;
using mqtt::Version;

namespace {

// One policy for everybody who is not an administrator.
class TestSource final : public PolicySource {
  public:
    std::uint64_t generation() const override { return generation_; }
    std::vector<NamedDocument> documents_of(const Principal& who) const override {
        std::vector<NamedDocument> out;
        if (document_ && who.name() != "administrator") out.push_back({"limited", document_});
        for (const auto& document : who.documents) out.push_back({"", document});
        return out;
    }
    std::optional<ThingFacts> thing_of(const Principal&) const override { return thing; }

    // Each line is "allow ACTION RESOURCE" or "deny ACTION RESOURCE", of this region and account.
    void set(const std::vector<std::array<std::string, 3>>& statements) {
        std::string text = R"({"Version":"2012-10-17","Statement":[)";
        for (const auto& [effect, action, resource] : statements) {
            if (text.back() == '}') text += ',';
            text += R"({"Effect":")" + effect + R"(","Action":"iot:)" + action +
                    R"(","Resource":"arn:aws:iot:us-east-1:123456789012:)" + resource + "\"}";
        }
        set_text(text + "]}");
    }
    void set_text(const std::string& text) {
        const auto document = policy::parse_document(text);
        CAPTURE(text, document ? "" : document.error());
        REQUIRE(document);
        document_ = *document;
        ++generation_;
    }

    std::optional<ThingFacts> thing;

  private:
    policy::DocumentPtr document_;
    std::uint64_t generation_ = 1;
};

struct World : BrokerFixture {
    World() {
        access.instead = &authorizer;
        access.receive_checked = true;
        access.identify = [this](const mqtt::ConnectRequest& request) {
            return std::make_shared<Principal>(
                kind, request.user_name.value_or("dev"), credentials_of(request));
        };
        source.set({{"Allow", "Connect", "client/*"},
                    {"Allow", "Publish", "topic/open/*"},
                    {"Allow", "Subscribe", "topicfilter/*"},
                    {"Allow", "Receive", "topic/*"}});
    }
    Client& come(const std::string& client_id, ConnectOptions options = {}) {
        Client& c = client(client_id).connect(options);
        turn();
        c.take();
        return c;
    }
    Lines after_turn(Client& c) {
        turn();
        return c.take();
    }

    PrincipalKind kind = PrincipalKind::certificate;
    TestSource source;
    PolicyAuthorizer authorizer{
        source, policy::Arns("us-east-1", "123456789012"), [this] { return now; }};
};

std::uint64_t refused(const World& world, policy::Action action) {
    return world.authorizer.stats().refused[static_cast<std::size_t>(action)];
}

}  // namespace

TEST_CASE("a client that may not connect is told so", "[identity][policy]") {
    World world;
    world.source.set({{"Allow", "Connect", "client/${iot:Connection.Thing.ThingName}"}});
    auto& c = world.client("dev1").connect();
    CHECK(world.after_turn(c) == Lines{"CONNACK 135"});
    CHECK(refused(world, policy::Action::connect) == 1);
    world.source.thing = ThingFacts{.name = "dev1"};
    CHECK(world.after_turn(world.client("dev1").connect()) == Lines{"CONNACK 0"});
    CHECK(world.after_turn(world.client("dev2").connect({.version = Version::v3_1_1})) ==
          Lines{"CONNACK 5"});
}

TEST_CASE("a publish that is refused: MQTT 5 is told with 135, MQTT 3 is cut off",
          "[identity][policy]") {
    World world;
    auto& five = world.come("five");
    CHECK(world.after_turn(five.publish("shut/a", "x", 1, 7)) == Lines{"PUBACK 7 not authorized"});
    CHECK(world.after_turn(five.publish("shut/a", "x", 2, 8)) == Lines{"PUBREC 8 not authorized"});
    CHECK_FALSE(five.ended());
    CHECK(world.after_turn(five.publish("shut/a", "x", 0)) == Lines{"DISCONNECT not authorized"});
    CHECK(five.ended());

    auto& three = world.come("three", {.version = Version::v3_1_1});
    CHECK(world.after_turn(three.publish("open/a", "x", 1, 7)) == Lines{"PUBACK 7"});
    CHECK(world.after_turn(three.publish("shut/a", "x", 1, 8)).empty());
    CHECK(three.ended());
    CHECK(refused(world, policy::Action::publish) == 4);
}

TEST_CASE("a retained publish takes iot:RetainPublish, too", "[identity][policy]") {
    World world;
    auto& c = world.come("dev1");
    CHECK(world.after_turn(c.publish("open/a", "x", 1, 7, true)) ==
          Lines{"PUBACK 7 not authorized"});
    CHECK(refused(world, policy::Action::retain_publish) == 1);
    world.source.set(
        {{"Allow", "Publish", "topic/open/*"}, {"Allow", "RetainPublish", "topic/open/*"}});
    CHECK(world.after_turn(c.publish("open/a", "x", 1, 8, true)) ==
          Lines{"PUBACK 8 no matching subscribers"});
    world.source.set({{"Allow", "RetainPublish", "topic/open/*"}});
    CHECK(world.after_turn(c.publish("open/a", "x", 1, 9, true)) ==
          Lines{"PUBACK 9 not authorized"});
}

TEST_CASE("a subscription that is refused: 135 in MQTT 5, 0x80 in MQTT 3.1.1",
          "[identity][policy]") {
    World world;
    world.source.set({{"Allow", "Connect", "client/*"}, {"Allow", "Subscribe", "topicfilter/a/+"}});
    auto& five = world.come("five");
    CHECK(world.after_turn(five.subscribe("a/+", 1)) == Lines{"SUBACK 9 0x01"});
    CHECK(world.after_turn(five.subscribe("a/#", 1)) == Lines{"SUBACK 9 0x87"});
    auto& three = world.come("three", {.version = Version::v3_1_1});
    CHECK(world.after_turn(three.subscribe("#", 1)) == Lines{"SUBACK 9 0x80"});
    CHECK_FALSE(three.ended());
}

TEST_CASE(
    "a shared subscription may be allowed by its whole text or by its filter, and denied by both",
    "[identity][policy]") {
    World world;
    const auto subscribes = [&](const std::string& filter) {
        const Principal who(PrincipalKind::certificate, "dev", {});
        return world.authorizer.may_subscribe(&who, "dev1", filter);
    };
    world.source.set({{"Allow", "Subscribe", "topicfilter/$share/workers/jobs/*"}});
    CHECK(subscribes("$share/workers/jobs/a"));
    CHECK_FALSE(subscribes("$share/others/jobs/a"));
    CHECK_FALSE(subscribes("jobs/a"));
    world.source.set({{"Allow", "Subscribe", "topicfilter/jobs/*"}});
    CHECK(subscribes("$share/workers/jobs/a"));
    CHECK(subscribes("jobs/a"));
    world.source.set({{"Allow", "Subscribe", "topicfilter/*"},
                      {"Deny", "Subscribe", "topicfilter/jobs/secret"}});
    CHECK(subscribes("$share/workers/jobs/a"));
    CHECK_FALSE(subscribes("$share/workers/jobs/secret"));
    world.source.set(
        {{"Allow", "Subscribe", "topicfilter/*"}, {"Deny", "Subscribe", "topicfilter/$share/*"}});
    CHECK(subscribes("jobs/a"));
    CHECK_FALSE(subscribes("$share/workers/jobs/a"));
    CHECK(refused(world, policy::Action::subscribe) == 4);
}

TEST_CASE("each delivery is checked against its topic, retained ones, too", "[identity][policy]") {
    World world;
    world.source.set({{"Allow", "*", "*"}});
    auto& sender = world.come("sender");
    sender.publish("a/open", "kept", 0, 0, true).publish("a/shut", "kept", 0, 0, true);
    world.turn();
    world.source.set({{"Allow", "*", "*"}, {"Deny", "Receive", "topic/a/shut"}});
    auto& receiver = world.come("receiver");
    CHECK(world.after_turn(receiver.subscribe("a/+", 0)) ==
          Lines{"SUBACK 9 0x00", "PUBLISH a/open retain: kept"});
    sender.publish("a/open", "1").publish("a/shut", "2");
    world.turn();
    CHECK(receiver.take() == Lines{"PUBLISH a/open: 1"});
    CHECK(refused(world, policy::Action::receive) == 2);
}

TEST_CASE("of a shared subscription's members one is chosen that may receive the message",
          "[identity][policy]") {
    World world;
    world.source.set_text(
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:*","Resource":"*"},)"
        R"({"Effect":"Deny","Action":"iot:Receive","Resource":"*",)"
        R"("Condition":{"StringEquals":{"iot:ClientId":"deaf"}}}]})");
    auto& deaf = world.come("deaf");
    auto& hearing = world.come("hearing");
    world.after_turn(deaf.subscribe("$share/g/a", 0));
    world.after_turn(hearing.subscribe("$share/g/a", 0));
    auto& sender = world.come("sender");
    sender.publish("a", "1").publish("a", "2");
    world.turn();
    CHECK(hearing.take() == Lines{"PUBLISH a: 1", "PUBLISH a: 2"});
    CHECK(deaf.take().empty());
}

TEST_CASE("what came for a client that was away is checked when it is sent", "[identity][policy]") {
    World world;
    world.source.set({{"Allow", "*", "*"}});
    const ConnectOptions lasting{.clean_start = false, .session_expiry_s = 3600};
    auto& receiver = world.come("receiver", lasting);
    world.after_turn(receiver.subscribe("a/+", 1));
    receiver.vanish();
    world.turn();
    auto& sender = world.come("sender");
    sender.publish("a/open", "1", 1, 1).publish("a/shut", "2", 1, 2);
    world.turn();
    world.source.set({{"Allow", "*", "*"}, {"Deny", "Receive", "topic/a/shut"}});
    auto& again = world.client("receiver").connect(lasting);
    CHECK(world.after_turn(again) == Lines{"CONNACK 0 present", "PUBLISH a/open qos1 id1: 1"});
}

TEST_CASE("a change of policies takes effect on a live connection with its next message",
          "[identity][policy]") {
    World world;
    auto& c = world.come("dev1");
    CHECK(world.after_turn(c.publish("open/a", "x", 1, 1)) ==
          Lines{"PUBACK 1 no matching subscribers"});
    world.source.set({{"Deny", "Publish", "topic/open/a"}});
    CHECK(world.after_turn(c.publish("open/a", "x", 1, 2)) == Lines{"PUBACK 2 not authorized"});
    world.source.set({{"Allow", "Publish", "topic/open/a"}});
    CHECK(world.after_turn(c.publish("open/a", "x", 1, 3)) ==
          Lines{"PUBACK 3 no matching subscribers"});
}

TEST_CASE("a will needs iot:Publish when it is given and when it is due", "[identity][policy]") {
    World world;
    auto& refused_one = world.client("dev1").connect(
        {.will = mqtt::WillFields{.topic = "shut/will", .payload = bytes_of("x")}});
    CHECK(world.after_turn(refused_one) == Lines{"CONNACK 135"});

    auto& watcher = world.come("watcher");
    world.after_turn(watcher.subscribe("#", 0));
    const ConnectOptions with_will{
        .will = mqtt::WillFields{.topic = "open/will", .payload = bytes_of("gone")}};
    world.come("dev2", with_will).vanish();
    CHECK(world.after_turn(watcher) == Lines{"PUBLISH open/will: gone"});
    auto& third = world.come("dev3", with_will);
    world.source.set({{"Allow", "Receive", "topic/*"}});
    third.vanish();
    CHECK(world.after_turn(watcher).empty());
}

TEST_CASE("an administrator and loopback may do everything, others nothing without a policy",
          "[identity][policy]") {
    World world;
    const auto may = [&](PrincipalKind kind, const std::string& name) {
        const Principal who(kind, name, {});
        CHECK(world.authorizer.may(who, "iot:Publish", world.authorizer.arns().of("topic/x")) ==
              world.authorizer.may_publish(&who, "c", "x", false));
        return world.authorizer.may_publish(&who, "c", "x", false);
    };
    CHECK(may(PrincipalKind::administrator, "limited"));
    CHECK_FALSE(may(PrincipalKind::access_key, "administrator"));
    CHECK(may(PrincipalKind::anonymous, "anonymous"));
    CHECK_FALSE(may(PrincipalKind::certificate, "administrator"));
    CHECK_FALSE(may(PrincipalKind::user, "administrator"));
    CHECK_FALSE(may(PrincipalKind::custom, "administrator"));
    CHECK_FALSE(world.authorizer.may_publish(nullptr, "c", "x", false));
}

TEST_CASE("documents and claims of a custom authorizer count", "[identity][policy]") {
    World world;
    Principal who(PrincipalKind::custom, "administrator", {});
    who.documents.push_back(
        policy::parse_document(
            R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iot:Publish",)"
            R"("Resource":"arn:aws:iot:*:*:topic/users/${jwt:sub}/*"}})")
            .value());
    who.variables["jwt:sub"] = {.items = {"alice"}};
    CHECK(world.authorizer.may_publish(&who, "c", "users/alice/x", false));
    CHECK_FALSE(world.authorizer.may_publish(&who, "c", "users/bob/x", false));
}

TEST_CASE("a policy that asks for the time is asked each time", "[identity][policy]") {
    World world;
    world.source.set_text(
        R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iot:*","Resource":"*",)"
        R"("Condition":{"DateLessThan":{"aws:CurrentTime":"2023-11-14T22:13:30Z"}}}})");
    auto& c = world.come("dev1");  // ten seconds before
    CHECK(world.after_turn(c.publish("a", "x", 1, 1)) == Lines{"PUBACK 1 no matching subscribers"});
    world.advance(std::chrono::seconds(11));
    CHECK(world.after_turn(c.publish("a", "x", 1, 2)) == Lines{"PUBACK 2 not authorized"});
}

TEST_CASE("what a connection is known by is what its CONNECT showed", "[identity][policy]") {
    World world;
    mqtt::ConnectRequest request{.client_id = "dev1", .session_expiry_s = 60};
    request.address = {.text = "[2001:db8::7]:51234", .tls = true, .server_name = "iot.example"};
    const Principal who(PrincipalKind::certificate, "dev", credentials_of(request));
    const policy::Facts facts = world.authorizer.context_of(who, "dev1").facts();
    CHECK(facts.client_id == "dev1");
    CHECK(facts.source_ip == "2001:db8::7");
    CHECK(facts.domain_name == "iot.example");
    CHECK(facts.connection);
    CHECK(facts.secure);
    CHECK(facts.persistent);
    CHECK_FALSE(facts.last_will);
}
