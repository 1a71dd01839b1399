#include "bridge/mqtt/sys/sys_topics.h"

#include "tests/bridge/mqtt/support/broker_fixture.h"
#include "tests/support/catch.h"

#include <algorithm>

using namespace helio;
using namespace helio::bridge::mqtt;
using namespace helio::bridge::mqtt::testing;

namespace {

struct World {
    World() { f.broker->observe(sys); }
    void pass(Duration time) {
        f.advance(time);
        sys.on_time(f.now);
        f.turn();
    }
    BrokerFixture f;
    SysTopics sys{*f.broker, "9.8.7", f.now};
};

bool has(const Lines& lines, const std::string& line) {
    return std::find(lines.begin(), lines.end(), line) != lines.end();
}

}  // namespace

TEST_CASE("who asks for $SYS gets all of it at once, and again every ten seconds", "[mqtt][sys]") {
    World w;
    Client& c = w.f.client("c").connect().subscribe("$SYS/#", 0);
    c.take();
    w.pass(std::chrono::seconds(0));
    const Lines first = c.take();
    CHECK(has(first, "PUBLISH $SYS/broker/version: heliograph 9.8.7"));
    CHECK(has(first, "PUBLISH $SYS/broker/uptime: 0 seconds"));
    CHECK(has(first, "PUBLISH $SYS/broker/clients/connected: 1"));
    CHECK(has(first, "PUBLISH $SYS/broker/subscriptions/count: 1"));
    CHECK(has(first, "PUBLISH $SYS/broker/messages/received: 2"));
    w.pass(std::chrono::seconds(9));
    CHECK(c.take().empty());
    w.pass(std::chrono::seconds(1));
    CHECK(has(c.take(), "PUBLISH $SYS/broker/uptime: 10 seconds"));
}

TEST_CASE("nobody gets $SYS who has not named it, and only what somebody asked for is published",
          "[mqtt][sys]") {
    World w;
    Client& all = w.f.client("all").connect().subscribe("#", 0);
    Client& one = w.f.client("one").connect().subscribe("$SYS/broker/uptime", 0);
    all.take();
    one.take();
    w.pass(std::chrono::seconds(20));
    CHECK(all.take().empty());
    CHECK(one.take() == Lines{"PUBLISH $SYS/broker/uptime: 20 seconds"});
    CHECK(w.f.broker->stats().messages_published == 1);
}

TEST_CASE("the load is what a minute brought, averaged over one, five and fifteen", "[mqtt][sys]") {
    World w;
    Client& c = w.f.client("c").connect().subscribe("$SYS/broker/load/publish/received/+", 0);
    for (int minute = 0; minute < 60; ++minute) {
        for (int tick = 0; tick < 6; ++tick) {
            for (int i = 0; i < 10; ++i) c.publish("t", "x");
            c.take();
            w.pass(std::chrono::seconds(10));
        }
    }
    const Lines lines = c.take();
    CHECK(has(lines, "PUBLISH $SYS/broker/load/publish/received/1min: 60.00"));
    CHECK(has(lines, "PUBLISH $SYS/broker/load/publish/received/5min: 60.00"));
}
