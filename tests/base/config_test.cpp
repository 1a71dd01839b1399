#include "base/config.h"

#include "tests/support/catch.h"

#include <cstdio>
#include <fstream>
#include <unistd.h>

using namespace helio;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

namespace {

using Type = ConfigType;

constexpr ConfigKey kKnown[] = {
    {"gateways.semtech_udp", Type::address, "0.0.0.0:1700", "Packet forwarders."},
    {"mqtt.tcp", Type::address, "127.0.0.1:1883", "MQTT."},
    {"mqtt.tls", Type::address, "0.0.0.0:8883", "MQTT over TLS."},
    {"mqtt.anonymous", Type::flag, "false", "Clients without credentials on loopback."},
    {"edge443.mux", Type::address, "", "One port for all."},
    {"aws.account", Type::text, "123456789012", "The account in ARNs."},
    {"lns.deduplication_window", Type::duration, "200ms", "How long copies are collected."},
    {"lns.regions", Type::text_list, "EU868,US915", "Frequency plans."},
    {"store.cache", Type::size, "64MB", "Memory."},
    {"store.threads", Type::integer, "2", "Threads."},
    {"store.ratio", Type::number, "0.5", "Ratio."},
    {"actions.aws.endpoint", Type::text, "", "Where AWS-shaped actions go."},
    {"authorizer.*.type", Type::text, "jwt", "jwt, http or javascript."},
    {"authorizer.*.url", Type::text, "", "Of type http."},
};

std::string refusal(const std::function<void(Config&)>& read) {
    Config config(kKnown);
    try {
        read(config);
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return "";
}

}  // namespace

TEST_CASE("without a file the initial values hold", "[base][config]") {
    const Config config(kKnown);
    CHECK(config.text("gateways.semtech_udp") == "0.0.0.0:1700");
    CHECK(config.text("edge443.mux").empty());
    CHECK_FALSE(config.flag("mqtt.anonymous"));
    CHECK(config.duration("lns.deduplication_window") == 200ms);
    CHECK(config.list("lns.regions") == std::vector<std::string>{"EU868", "US915"});
    CHECK(config.size("store.cache") == 64u << 20);
    CHECK(config.integer("store.threads") == 2);
    CHECK(config.number("store.ratio") == 0.5);
    CHECK_FALSE(config.is_set("mqtt.tcp"));
}

TEST_CASE("a TOML file sets values of every type", "[base][config]") {
    Config config(kKnown);
    config.read_toml(R"(
        [gateways]
        semtech_udp = "[::]:1701"
        [mqtt]
        tls = ""
        anonymous = true
        [lns]
        deduplication_window = "1s500ms"
        regions = ["EU868"]
        [store]
        cache = 4096
        threads = 8
        ratio = 1
        [actions.aws]
        endpoint = "http://localhost:4566"
    )",
                     "a.toml");
    CHECK(config.text("gateways.semtech_udp") == "[::]:1701");
    CHECK(config.text("mqtt.tls").empty());
    CHECK(config.flag("mqtt.anonymous"));
    CHECK(config.duration("lns.deduplication_window") == 1500ms);
    CHECK(config.list("lns.regions") == std::vector<std::string>{"EU868"});
    CHECK(config.size("store.cache") == 4096);
    CHECK(config.integer("store.threads") == 8);
    CHECK(config.number("store.ratio") == 1.0);
    CHECK(config.text("actions.aws.endpoint") == "http://localhost:4566");
    CHECK(config.is_set("mqtt.tls"));
    CHECK(config.text("mqtt.tcp") == "127.0.0.1:1883");
}

TEST_CASE("--set needs no quotes and replaces the file", "[base][config]") {
    Config config(kKnown);
    config.read_toml("[aws]\naccount = \"1\"\n", "a.toml");
    config.set("aws.account=000000000042");
    config.set("lns.regions=EU868,US915,AS923");
    config.set("lns.deduplication_window=50ms");
    config.set("mqtt.anonymous=true");
    config.set("mqtt.tcp=");
    config.set("actions.aws.endpoint=http://h/?a=b");
    CHECK(config.text("aws.account") == "000000000042");
    CHECK(config.list("lns.regions") == std::vector<std::string>{"EU868", "US915", "AS923"});
    CHECK(config.duration("lns.deduplication_window") == 50ms);
    CHECK(config.flag("mqtt.anonymous"));
    CHECK(config.text("mqtt.tcp").empty());
    CHECK(config.text("actions.aws.endpoint") == "http://h/?a=b");
}

TEST_CASE("sections that the user names are found by their names", "[base][config]") {
    Config config(kKnown);
    config.read_toml(
        "[authorizer.web]\ntype = \"http\"\nurl = \"http://a\"\n[authorizer.app]\n"
        "url = \"http://b\"\n",
        "a.toml");
    config.set("authorizer.third-one.type=javascript");
    CHECK(config.names_in("authorizer") == std::vector<std::string>{"app", "third-one", "web"});
    CHECK(config.text("authorizer.web.type") == "http");
    CHECK(config.text("authorizer.app.type") == "jwt");
    CHECK(config.text("authorizer.app.url") == "http://b");
}

TEST_CASE("an unknown key names its place and the nearest key", "[base][config]") {
    CHECK(refusal([](Config& c) { c.read_toml("\n[mqtt]\ntpc = \"\"\n", "a.toml"); }) ==
          "a.toml:3: there is no setting mqtt.tpc; did you mean mqtt.tcp?");
    CHECK(refusal([](Config& c) { c.set("lns.region=EU868"); }) ==
          "--set lns.region=EU868: there is no setting lns.region; did you mean lns.regions?");
    CHECK_THAT(refusal([](Config& c) { c.set("authorizer.mine.typ=jwt"); }),
               ContainsSubstring("did you mean authorizer.mine.type?"));
    CHECK_THAT(refusal([](Config& c) { c.read_toml("mqtt = 5", "a.toml"); }),
               StartsWith("a.toml:1: there is no setting mqtt;"));
}

TEST_CASE("a value of a wrong type names its place and what would be right", "[base][config]") {
    struct Row {
        const char* toml;
        const char* sentence;
    };
    const auto row = GENERATE(values<Row>({
        {"mqtt.anonymous = \"yes\"", "a.toml:1: mqtt.anonymous must be true or false, not \"yes\""},
        {"mqtt.tcp = 1883", "a.toml:1: mqtt.tcp must be an address like"},
        {"mqtt.tcp = \"1883\"", "for off, not \"1883\""},
        {"store.threads = \"2\"", "store.threads must be a whole number, not \"2\""},
        {"store.threads = 2.5", "store.threads must be a whole number"},
        {"lns.deduplication_window = 200", "must be a duration like \"200ms\""},
        {"lns.deduplication_window = \"200\"", "not \"200\""},
        {"lns.regions = \"EU868\"",
         "must be a list of texts like [\"EU868\", \"US915\"], not \"EU"},
        {"lns.regions = [1]", "not a list"},
        {"store.cache = -1", "store.cache must be a size like \"64MB\", not -1"},
        {"aws.account = 123456789012", "aws.account must be a text, not 123456789012"},
    }));
    CAPTURE(row.toml);
    CHECK_THAT(refusal([&](Config& c) { c.read_toml(row.toml, "a.toml"); }),
               ContainsSubstring(row.sentence));
}

TEST_CASE("a file that is no TOML names the line", "[base][config]") {
    CHECK_THAT(refusal([](Config& c) { c.read_toml("[mqtt]\ntcp = \n", "a.toml"); }),
               StartsWith("a.toml:2: "));
}

TEST_CASE("a file that is not there is one sentence", "[base][config]") {
    CHECK_THAT(refusal([](Config& c) { c.read_file("/no/such.toml"); }),
               StartsWith("the configuration file /no/such.toml cannot be read"));
}

TEST_CASE("a setting without a value says how it is written", "[base][config]") {
    CHECK(refusal([](Config& c) { c.set("mqtt.tcp"); }) ==
          "--set mqtt.tcp: a setting is written section.key=value");
}

TEST_CASE("a configuration file is read from the disk", "[base][config]") {
    const std::string path = "config_test_" + std::to_string(getpid()) + ".toml";
    std::ofstream(path) << "[aws]\naccount = \"7\"\n";
    Config config(kKnown);
    config.read_file(path);
    std::remove(path.c_str());
    CHECK(config.text("aws.account") == "7");
}

TEST_CASE("durations and sizes are read with their units only", "[base][config]") {
    CHECK(parse_duration("1h30min") == 90min);
    CHECK(parse_duration("2d") == 48h);
    CHECK(parse_duration("0s") == 0s);
    for (const char* text : {"", "5", "s", "5x", "5 s", "-5s", "5s5", "9223372036854775807d"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_duration(text));
    }
    CHECK(parse_size("1GB") == 1u << 30);
    CHECK(parse_size("10KiB") == 10'240u);
    for (const char* text : {"", "MB", "5X", "-1", "99999999999999GB"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_size(text));
    }
}
