#include "bridge/edge/topic_map.h"

#include "bridge/edge/io/upstream_connection.h"
#include "tests/support/catch.h"

using namespace helio::bridge::edge;
using helio::bridge::mqtt::Qos;

namespace {

TopicMap map_of(std::string_view text) {
    auto map = parse_topic_map(text);
    REQUIRE(map);
    return *std::move(map);
}

}  // namespace

TEST_CASE("a topic map is written as direction, QoS, filter and two prefixes", "[edge]") {
    CHECK(map_of("out 1 sensors/#") ==
          TopicMap{Direction::out, Qos::at_least_once, "sensors/#", "", ""});
    CHECK(map_of("in 0 + site/ \"\"") ==
          TopicMap{Direction::in, Qos::at_most_once, "+", "site/", ""});
    CHECK(map_of("in  1  a/b \"\" up/") ==
          TopicMap{Direction::in, Qos::at_least_once, "a/b", "", "up/"});
    for (const char* wrong : {"",
                              "out",
                              "out 1",
                              "both 1 #",
                              "out 2 #",
                              "out 1 a/#/b",
                              "out 1 a+",
                              "out 1 $share/g/a",
                              "out 1 # +/ x",
                              "out 1 # \"\" #",
                              "out 1 # a b c"}) {
        CAPTURE(wrong);
        CHECK_FALSE(parse_topic_map(wrong));
    }
}

TEST_CASE("prefixes are taken off on one side and put on at the other", "[edge]") {
    const TopicMap out = map_of("out 1 sensors/# site/ cloud/site-7/");
    CHECK(out.remote_of("site/sensors/a") == "cloud/site-7/sensors/a");
    CHECK(out.remote_of("site/sensors") == "cloud/site-7/sensors");
    CHECK_FALSE(out.remote_of("sensors/a"));
    CHECK_FALSE(out.remote_of("site/other"));
    CHECK_FALSE(out.remote_of("site/"));
    const TopicMap in = map_of("in 1 +/set site/ cloud/site-7/");
    CHECK(in.remote_filter() == "cloud/site-7/+/set");
    CHECK(in.local_of("cloud/site-7/lamp/set") == "site/lamp/set");
    CHECK_FALSE(in.local_of("cloud/site-8/lamp/set"));
    CHECK_FALSE(in.local_of("cloud/site-7/lamp/get"));
}

TEST_CASE("topics of the server itself do not cross with #", "[edge]") {
    CHECK_FALSE(map_of("out 1 #").remote_of("$SYS/broker/uptime"));
    CHECK(map_of("out 1 $SYS/# \"\" site/").remote_of("$SYS/broker/uptime") ==
          "site/$SYS/broker/uptime");
}

TEST_CASE("a name that would be too long up there does not cross", "[edge]") {
    CHECK_FALSE(
        map_of("out 1 # \"\" " + std::string(100, 'p')).remote_of(std::string(65'500, 't')));
}

TEST_CASE("the address of an upstream is a URL of MQTT", "[edge]") {
    CHECK(parse_upstream_url("mqtt://broker")->address.port == 1883);
    CHECK(parse_upstream_url("mqtts://broker")->address.port == 8883);
    CHECK(parse_upstream_url("mqtts://x.example:443")->address.port == 443);
    CHECK(parse_upstream_url("mqtts://x.example:443")->tls);
    CHECK(parse_upstream_url("mqtt://[::1]:1884")->address.host == "::1");
    for (const char* wrong : {"",
                              "broker:1883",
                              "http://x",
                              "mqtt://",
                              "mqtt://:1883",
                              "mqtt://x:0",
                              "mqtt://x:99999",
                              "mqtt://x:12a",
                              "mqtt://x/path",
                              "mqtt://[::1",
                              "mqtt://[::1]1883"}) {
        CAPTURE(wrong);
        CHECK_FALSE(parse_upstream_url(wrong));
    }
}
