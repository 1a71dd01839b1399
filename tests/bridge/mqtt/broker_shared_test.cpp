// Shared subscriptions (§4.8.2).
#include "tests/bridge/mqtt/support/broker_fixture.h"
#include "tests/support/catch.h"

using namespace helio;
using namespace helio::bridge::mqtt;
using namespace helio::bridge::mqtt::testing;

namespace {

const ConnectOptions kLasting{.clean_start = false, .session_expiry_s = 100};

// A connected client whose CONNACK has been read.
Client& in(BrokerFixture& f, const std::string& id, const ConnectOptions& options = {}) {
    Client& client = f.client(id).connect(options);
    client.take();
    return client;
}

}  // namespace

TEST_CASE(
    "a shared subscription gives each message to one member, in turn, and waits for none "
    "that is away",
    "[mqtt][broker]") {
    BrokerFixture f;
    Client& a = in(f, "a", kLasting);
    Client& b = in(f, "b", kLasting);
    Client& plain = in(f, "plain");
    a.subscribe("$share/g/t", 1).take();
    b.subscribe("$share/g/t", 1).take();
    plain.subscribe("t", 0).take();
    Client& pub = in(f, "pub");
    for (int i = 0; i < 4; ++i) pub.publish("t", "x", 1, 1);
    CHECK(a.take().size() == 2);
    CHECK(b.take().size() == 2);
    CHECK(plain.take().size() == 4);
    a.vanish();
    for (int i = 0; i < 4; ++i) pub.publish("t", "x", 1, 1);
    CHECK(b.take().size() == 4);
    // With nobody there, a member with a lasting session keeps them.
    b.vanish();
    pub.publish("t", "kept", 1, 1);
    CHECK(f.log.rows(kQueueTable).size() >= 1);
    CHECK(f.client("c").connect().subscribe("$share/g/t", {.no_local = true}).take().back() ==
          "DISCONNECT protocol error");
}
