// MQTT 5 §4.12, with a method that asks twice: "who?", then "sure?".
#include "tests/bridge/mqtt/support/broker_fixture.h"
#include "tests/support/catch.h"

using namespace helio;
using namespace helio::bridge::mqtt;
using namespace helio::bridge::mqtt::testing;

namespace {

struct Asking final : AuthExchange {
    explicit Asking(std::vector<Answer>* later) : later_(later) {}
    void next(ByteView data, Instant now, Answer answer) override {
        if (later_ != nullptr) return later_->push_back(std::move(answer));
        const std::string said(text_of(data));
        const auto ask = [&](std::string_view what) {
            const ByteView bytes = bytes_of(what);
            answer({.reason = ReasonCode::continue_authentication,
                    .data = Bytes(bytes.begin(), bytes.end()),
                    .identity = {}},
                   now);
        };
        if (said == "loop") return ask("again");
        if (step_++ == 0) return ask("sure?");
        if (said != "yes")
            return answer({.reason = ReasonCode::not_authorized, .data = {}, .identity = {}}, now);
        answer({.reason = ReasonCode::success,
                .data = Bytes{'o', 'k'},
                .identity = std::make_shared<Identity>("asked")},
               now);
    }
    std::vector<Answer>* later_;
    int step_ = 0;
};

struct Methods final : EnhancedAuthenticator {
    std::unique_ptr<AuthExchange> begin(const Start& start) override {
        started.push_back(std::string(start.client_id) +
                          (start.request != nullptr ? "" : " again"));
        return start.method == "ASK" ? std::make_unique<Asking>(slow ? &later : nullptr) : nullptr;
    }
    std::vector<std::string> started;
    std::vector<AuthExchange::Answer> later;
    bool slow = false;
};

class World {
  public:
    World() { f.broker->use(methods); }
    Client& say_connect(std::string_view method, std::string_view data = "lamp") {
        PropertyList list;
        list.add<PropertyId::authentication_method>(method).add<PropertyId::authentication_data>(
            bytes_of(data));
        return f.client("lamp").send(Connect{.client_id = "lamp", .properties = list.view()});
    }
    Client& auth(Client& client,
                 ReasonCode reason,
                 std::string_view data,
                 std::string_view method = "ASK") {
        PropertyList list;
        list.add<PropertyId::authentication_method>(method).add<PropertyId::authentication_data>(
            bytes_of(data));
        return client.send(Auth{.reason = reason, .properties = list.view()});
    }
    Client& connected() {
        Client& c = say_connect("ASK");
        auth(c, ReasonCode::continue_authentication, "yes").take();
        return c;
    }

    BrokerFixture f;
    Methods methods;
};

constexpr auto kContinue = ReasonCode::continue_authentication;
constexpr auto kAgain = ReasonCode::re_authenticate;

}  // namespace

TEST_CASE("without methods, and for one that is not known, the CONNACK says 0x8C", "[mqtt][auth]") {
    World w;
    CHECK(w.say_connect("NOBODY'S").take() == Lines{"CONNACK 140"});
    BrokerFixture bare;
    PropertyList list;
    list.add<PropertyId::authentication_method>("ASK");
    CHECK(bare.client("a").send(Connect{.client_id = "a", .properties = list.view()}).take() ==
          Lines{"CONNACK 140"});
}

TEST_CASE("the server's AUTH says 0x18 and names the method, as does the CONNACK", "[mqtt][auth]") {
    World w;
    Client& c = w.say_connect("ASK");
    CHECK(c.take() == Lines{"AUTH continue authentication method=ASK data=sure?"});
    CHECK(w.auth(c, kContinue, "yes").take() == Lines{"CONNACK 0 method=ASK data=ok"});
    CHECK(c.publish("t", "x", 1, 1).take() == Lines{"PUBACK 1 no matching subscribers"});
}

TEST_CASE("the server may refuse at any step", "[mqtt][auth]") {
    World w;
    Client& c = w.say_connect("ASK");
    c.take();
    CHECK(w.auth(c, kContinue, "no").take() == Lines{"CONNACK 135"});
    CHECK(c.ended());
}

TEST_CASE("before the CONNACK a client sends only AUTH and DISCONNECT", "[mqtt][auth]") {
    World w;
    Client& c = w.say_connect("ASK");
    c.take();
    CHECK(c.publish("t", "x").take() == Lines{"CONNACK 130"});
    CHECK(c.ended());
    Client& d = w.say_connect("ASK");
    d.take();
    CHECK(d.disconnect().take().empty());
    CHECK(d.ended());
    CHECK(w.f.broker->connection_count() == 0);
}

TEST_CASE("an AUTH with another method, another reason, or unasked for is a protocol error",
          "[mqtt][auth]") {
    World w;
    Client& c = w.say_connect("ASK");
    c.take();
    CHECK(w.auth(c, kContinue, "yes", "OTHER").take() == Lines{"CONNACK 130"});
    Client& d = w.say_connect("ASK");
    d.take();
    CHECK(w.auth(d, kAgain, "yes").take() == Lines{"CONNACK 130"});
    Client& e = w.connected();
    CHECK(w.auth(e, kContinue, "yes").take() == Lines{"DISCONNECT protocol error"});
    Client& g = w.f.client("plain").connect();
    g.take();
    CHECK(w.auth(g, kAgain, "yes").take() == Lines{"DISCONNECT protocol error"});
}

TEST_CASE("re-authentication keeps the method, and everything else goes on meanwhile",
          "[mqtt][auth]") {
    World w;
    Client& c = w.connected();
    CHECK(w.auth(c, kAgain, "hello").take() ==
          Lines{"AUTH continue authentication method=ASK data=sure?"});
    CHECK(c.publish("t", "x", 1, 1).take().size() == 1);
    CHECK(w.auth(c, kContinue, "yes").take() == Lines{"AUTH success method=ASK data=ok"});
    CHECK(w.methods.started == std::vector<std::string>{"lamp", "lamp again"});
    CHECK(w.auth(c, kAgain, "x", "OTHER").take() == Lines{"DISCONNECT protocol error"});
}

TEST_CASE("a re-authentication that fails ends the connection", "[mqtt][auth]") {
    World w;
    Client& c = w.connected();
    w.auth(c, kAgain, "hello").take();
    CHECK(w.auth(c, kContinue, "no").take() == Lines{"DISCONNECT not authorized"});
    CHECK(c.ended());
}

TEST_CASE("a method may answer late, and what came in between waits or is too late",
          "[mqtt][auth]") {
    World w;
    w.methods.slow = true;
    Client& c = w.say_connect("ASK");
    CHECK(c.take().empty());
    c.send_bytes(from_hex("c000").value());  // PINGREQ: not read before the answer
    w.methods.later.at(0)({.reason = ReasonCode::success, .data = {}, .identity = {}}, w.f.now);
    CHECK(c.woken());
    c.connection().resume(w.f.now);
    CHECK(c.take() == Lines{"CONNACK 0 method=ASK", "PINGRESP"});
    Client& d = w.say_connect("ASK");
    d.vanish();
    w.methods.later.at(1)({.reason = ReasonCode::success, .data = {}, .identity = {}}, w.f.now);
    CHECK(w.f.broker->connection_count() == 1);  // the first one; nobody took it over
}

TEST_CASE("a conversation without end is ended", "[mqtt][auth]") {
    World w;
    Client& c = w.say_connect("ASK", "loop");
    int steps = 0;
    for (; !c.ended() && steps < 100; ++steps) w.auth(c, kContinue, "loop");
    CHECK(steps == 32);
    CHECK(c.take().back() == "CONNACK 135");
}
