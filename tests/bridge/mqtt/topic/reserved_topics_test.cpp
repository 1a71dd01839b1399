#include "bridge/mqtt/topic/reserved_topics.h"

#include "tests/bridge/mqtt/support/broker_fixture.h"
#include "tests/support/catch.h"

using namespace helio;
using namespace helio::bridge::mqtt;
using namespace helio::bridge::mqtt::testing;

TEST_CASE("clients publish to the request topics of the device protocols and to no other '$' topic",
          "[mqtt][topic]") {
    struct Row {
        const char* topic;
        PublishTo to;
    };
    using enum PublishTo;
    const Row rows[] = {
        {"a/b", allowed},
        {"a/$aws/events", allowed},
        {"$aws/rules/r/a/b", allowed},
        {"$aws/things/t/shadow/update", allowed},
        {"$aws/things/t/shadow/update/accepted", reserved},
        {"$aws/things/t/shadow/update/delta", reserved},
        {"$aws/things/t/shadow/name/s/get", allowed},
        {"$aws/things/t/shadow/name/s/get/rejected", reserved},
        {"$aws/things/t/jobs/$next/get", allowed},
        {"$aws/things/t/jobs/notify", reserved},
        {"$aws/things/t/jobs/1/update", allowed},
        {"$aws/things/t/jobs/1/update/accepted", reserved},
        {"$aws/commands/things/t/executions/e/response/json", allowed},
        {"$aws/commands/things/t/executions/e/response/accepted", reserved},
        {"$aws/commands/things/t/executions/e/request", reserved},
        {"$aws/certificates/create/cbor", allowed},
        {"$aws/certificates/create/json/accepted", reserved},
        {"$aws/provisioning-templates/p/provision/json", allowed},
        {"$aws/things/t/defender/metrics/json", allowed},
        {"$aws/things/t/streams/s/get/cbor", allowed},
        {"$aws/things/t/streams/s/data/cbor", reserved},
        {"$aws/things/t/tunnels/notify", reserved},
        {"$aws/device_location/d/get_position_estimate", allowed},
        {"$aws/events/presence/connected/c", reserved},
        {"$aws/events/thing/t/created", reserved},
        {"$aws/", reserved},
        {"$SYS/broker/uptime", nowhere},
        {"$mine/x", nowhere},
    };
    for (const Row& row : rows) {
        INFO(row.topic);
        CHECK(client_publish_to(row.topic) == row.to);
    }
}

TEST_CASE("a message on somebody else's '$' topic reaches nobody", "[mqtt][topic]") {
    BrokerFixture f;
    Client& sub = f.client("sub").connect().subscribe("$mine/#", 1).subscribe("$SYS/#", 1);
    sub.take();
    Client& v5 = f.client("v5").connect();
    v5.take();
    CHECK(v5.publish("$mine/a", "x", 1, 1).take() == Lines{"PUBACK 1 not authorized"});
    CHECK(v5.publish("$mine/a", "x", 2, 2).take() == Lines{"PUBREC 2 not authorized"});
    CHECK(v5.publish("$mine/a", "x", 0, 0, true).take().empty());
    Client& v3 = f.client("v3").connect({.version = Version::v3_1_1});
    v3.take();
    CHECK(v3.publish("$SYS/broker/uptime", "x", 1, 1).take() == Lines{"PUBACK 1"});
    CHECK(v3.publish("$SYS/broker/uptime", "x", 2, 2).take() == Lines{"PUBREC 2"});
    CHECK(v3.answer(PacketType::pubrel, 2).take() == Lines{"PUBCOMP 2"});
    CHECK_FALSE(v3.ended());
    CHECK(sub.take().empty());
    CHECK(f.broker->retained().size() == 0);
    CHECK(f.broker->stats().not_authorized == 5);
}

TEST_CASE("a publish to a reserved topic of AWS is refused with 135, or the connection ends",
          "[mqtt][topic]") {
    BrokerFixture f;
    const char* const topic = "$aws/events/presence/connected/x";
    Client& v5 = f.client("v5").connect();
    v5.take();
    CHECK(v5.publish(topic, "x", 1, 1).take() == Lines{"PUBACK 1 not authorized"});
    CHECK(v5.publish(topic, "x", 0).take() == Lines{"DISCONNECT not authorized"});
    Client& v3 = f.client("v3").connect({.version = Version::v3_1_1});
    v3.publish(topic, "x", 1, 1);
    CHECK(v3.ended());
}
