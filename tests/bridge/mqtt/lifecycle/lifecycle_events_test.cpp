// AWS IoT developer guide, "Lifecycle events".
#include "bridge/mqtt/lifecycle/lifecycle_events.h"

#include "tests/bridge/mqtt/support/broker_fixture.h"
#include "tests/support/catch.h"

#include <boost/json.hpp>

using namespace helio;
using namespace helio::bridge::mqtt;
using namespace helio::bridge::mqtt::testing;

namespace {

namespace json = boost::json;

struct Seen {
    std::string topic;
    json::object body;
};

class World {
  public:
    explicit World(LifecycleEvents::ExclusiveThing thing_of = {})
        : lifecycle_(*f.broker, crypto::seeded_random(3), std::move(thing_of)) {
        f.broker->observe(lifecycle_);
        f.broker->subscribe_internal("$aws/events/#", [this](const PublishedMessage& m, Instant) {
            seen.push_back({std::string(m.topic),
                            json::parse(std::string_view(text_of(m.payload))).as_object()});
        });
    }
    // The one event since the last call.
    Seen event() {
        REQUIRE(seen.size() == 1);
        Seen out = std::move(seen.front());
        seen.clear();
        return out;
    }
    std::string end_of(std::string_view client_id) {
        const Seen seen = event();
        CHECK(seen.topic == "$aws/events/presence/disconnected/" + std::string(client_id));
        const bool by_client = seen.body.at("clientInitiatedDisconnect").as_bool();
        const std::string why(seen.body.at("disconnectReason").as_string());
        CHECK(by_client == (why == "CLIENT_INITIATED_DISCONNECT"));
        return why;
    }
    Client& here(const std::string& id, ConnectOptions options = {}) {
        Client& client = f.client(id).connect(options);
        seen.clear();
        return client;
    }

    BrokerFixture f;
    std::vector<Seen> seen;

  private:
    LifecycleEvents lifecycle_;
};

}  // namespace

TEST_CASE("a client that connects is told on presence/connected", "[mqtt][lifecycle]") {
    World w;
    w.f.client("lamp").connect({.user_name = "someone"});
    const Seen seen = w.event();
    CHECK(seen.topic == "$aws/events/presence/connected/lamp");
    CHECK(seen.body.at("clientId").as_string() == "lamp");
    CHECK(seen.body.at("timestamp").as_int64() == 1'700'000'000'000);
    CHECK(seen.body.at("eventType").as_string() == "connected");
    CHECK(seen.body.at("sessionIdentifier").as_string().size() == 32);
    CHECK(seen.body.at("principalIdentifier").as_string() == "someone");
    CHECK(seen.body.at("ipAddress").as_string() == "192.0.2.7");
    CHECK(seen.body.at("versionNumber").as_int64() == 0);
    CHECK_FALSE(seen.body.contains("thingName"));
}

TEST_CASE("the disconnected event shares session and version with its connected event",
          "[mqtt][lifecycle]") {
    World w;
    w.f.client("lamp").connect();
    const Seen first = w.event();
    w.f.client("lamp").disconnect();
    CHECK(w.seen.empty());  // a new connection that has said nothing: the old one stays
    w.f.client("lamp").connect();
    REQUIRE(w.seen.size() == 2);
    CHECK(w.seen[0].body.at("disconnectReason").as_string() == "DUPLICATE_CLIENTID");
    CHECK(w.seen[0].body.at("sessionIdentifier") == first.body.at("sessionIdentifier"));
    CHECK(w.seen[0].body.at("versionNumber").as_int64() == 0);
    CHECK_FALSE(w.seen[0].body.contains("ipAddress"));
    CHECK(w.seen[1].body.at("eventType").as_string() == "connected");
    CHECK(w.seen[1].body.at("versionNumber").as_int64() == 1);
    CHECK(w.seen[1].body.at("sessionIdentifier") != first.body.at("sessionIdentifier"));
}

TEST_CASE("versionNumber begins again after an hour offline", "[mqtt][lifecycle]") {
    World w;
    w.here("lamp").disconnect();
    w.f.advance(std::chrono::minutes(59));
    w.seen.clear();
    Client& again = w.f.client("lamp").connect();
    CHECK(w.event().body.at("versionNumber").as_int64() == 1);
    again.disconnect();
    w.f.advance(std::chrono::minutes(61));
    w.seen.clear();
    w.f.client("lamp").connect();
    CHECK(w.event().body.at("versionNumber").as_int64() == 0);
}

TEST_CASE("each way to end has its disconnectReason, and all but the client's own send the will",
          "[mqtt][lifecycle]") {
    World w;
    const auto kicked = [&w](EndReason why) {
        return [&w, why](Client&) {
            w.f.broker->kick("c", {.reason = ReasonCode::not_authorized, .why = why}, w.f.now);
        };
    };
    struct Case {
        const char* reason;
        std::function<void(Client&)> end;
        bool will = true;
    };
    const Case cases[] = {
        {"CLIENT_INITIATED_DISCONNECT", [](Client& c) { c.disconnect(); }, false},
        {"CONNECTION_LOST", [](Client& c) { c.vanish(); }},
        {"MQTT_KEEP_ALIVE_TIMEOUT", [&](Client&) { w.f.advance(std::chrono::seconds(16)); }},
        {"CLIENT_ERROR", [](Client& c) { c.send_hex("f000"); }},
        {"CLIENT_ERROR", [](Client& c) { c.connect(); }},  // a second CONNECT
        {"DUPLICATE_CLIENTID",
         [&](Client&) {
             w.f.client("c").connect();
             w.seen.pop_back();
         }},
        {"AUTH_ERROR", [](Client& c) { c.publish("secret", "x"); }},
        {"FORBIDDEN_ACCESS", [](Client& c) { c.publish("$aws/events/presence/connected/c", "x"); }},
        {"SERVER_INITIATED_DISCONNECT", [&](Client& c) { c.connection().shut_down(w.f.now); }},
        {"SERVER_INITIATED_DISCONNECT",
         [&](Client&) { w.f.broker->kick("c", ReasonCode::administrative_action, w.f.now); }},
        {"SERVER_ERROR", kicked(EndReason::server_error)},
        {"API_INITIATED_DISCONNECT", kicked(EndReason::api_initiated)},
        {"API_INITIATED_DISCONNECT",
         [&](Client&) {
             w.f.broker->kick("c", {.why = EndReason::api_initiated, .drop_will = true}, w.f.now);
         },
         false},
        {"THROTTLED", kicked(EndReason::throttled)},
        {"WEBSOCKET_TTL_EXPIRATION", kicked(EndReason::websocket_expired)},
        {"CUSTOMAUTH_TTL_EXPIRATION", kicked(EndReason::authorization_expired)},
    };
    for (const Case& one : cases) {
        INFO(one.reason);
        std::size_t wills = 0;
        const auto id = w.f.broker->subscribe_internal(
            "will", [&](const PublishedMessage&, Instant) { ++wills; });
        Client& c = w.here("c", {.keep_alive_s = 10, .will = WillFields{.topic = "will"}});
        wills = 0;  // the case before left a connection
        w.seen.clear();
        one.end(c);
        CHECK(w.end_of("c") == one.reason);
        CHECK(wills == (one.will ? 1 : 0));
        w.f.broker->unsubscribe_internal(id);
    }
}

TEST_CASE("a client that may not connect is told on presence/connect_failed", "[mqtt][lifecycle]") {
    World w;
    w.f.client("banned").connect();
    Seen seen = w.event();
    CHECK(seen.topic == "$aws/events/presence/connect_failed/banned");
    CHECK(seen.body.at("eventType").as_string() == "connect_failed");
    CHECK(seen.body.at("connectFailureReason").as_string() == "AUTHORIZATION_FAILED");
    CHECK(seen.body.at("ipAddress").as_string() == "192.0.2.7");
    w.f.client("lamp").connect({.user_name = "wrong"});
    CHECK(w.event().topic == "$aws/events/presence/connect_failed/lamp");
}

TEST_CASE("subscriptions are told with the topics that were granted or ended",
          "[mqtt][lifecycle]") {
    World w;
    Client& c = w.here("lamp");
    c.send(Subscribe{.packet_id = 1, .entries = {{"a/b", {}}, {"secret", {}}, {"c/#", {}}}});
    Seen seen = w.event();
    CHECK(seen.topic == "$aws/events/subscriptions/subscribed/lamp");
    CHECK(seen.body.at("eventType").as_string() == "subscribed");
    CHECK(seen.body.at("topics") == json::parse(R"(["a/b","c/#"])"));
    CHECK(seen.body.at("sessionIdentifier").as_string().size() == 32);
    c.send(Unsubscribe{.packet_id = 2, .filters = {"c/#", "never/there"}});
    seen = w.event();
    CHECK(seen.topic == "$aws/events/subscriptions/unsubscribed/lamp");
    CHECK(seen.body.at("topics") == json::parse(R"(["c/#"])"));
    c.subscribe("secret", 0);
    CHECK(w.seen.empty());
}

TEST_CASE("client ids with wildcards have no lifecycle events", "[mqtt][lifecycle]") {
    World w;
    for (const char* id : {"a+b", "#", "x/#"})
        w.f.client(id).connect().subscribe("t", 0).disconnect();
    CHECK(w.seen.empty());
}

TEST_CASE("thingName stands there for who claims a thing for itself alone", "[mqtt][lifecycle]") {
    World w([](const ClientView& client) {
        return client.client_id == "lamp" ? std::string("Lamp1") : std::string();
    });
    w.f.client("lamp").connect();
    CHECK(w.event().body.at("thingName").as_string() == "Lamp1");
    w.f.client("other").connect();
    CHECK_FALSE(w.event().body.contains("thingName"));
}

TEST_CASE("connections are ended by a predicate over identity and client id", "[mqtt][lifecycle]") {
    World w;
    Client& a = w.here("a", {.user_name = "revoked"});
    Client& b = w.here("b", {.user_name = "fine"});
    Client& c = w.here("c", {.user_name = "revoked"});
    a.take();
    const auto ended = w.f.broker->kick_if(
        [](const Identity* who, std::string_view) { return who->name() == "revoked"; },
        ReasonCode::not_authorized,
        w.f.now);
    CHECK(ended == 2);
    CHECK(a.take() == Lines{"DISCONNECT not authorized"});
    CHECK(a.ended());
    CHECK(c.ended());
    CHECK_FALSE(b.ended());
    CHECK(w.seen.size() == 2);
}

TEST_CASE("the API can end a session with its connection", "[mqtt][lifecycle]") {
    World w;
    w.here("a", {.clean_start = false, .session_expiry_s = 1000}).subscribe("t", 1);
    CHECK(w.f.broker->kick("a", {.end_session = true}, w.f.now));
    CHECK(w.f.broker->session_count() == 0);
    CHECK_FALSE(w.f.broker->kick("a", {.end_session = true}, w.f.now));
}
