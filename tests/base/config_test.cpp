#include "base/config.h"

#include "tests/support/catch.h"

#include <unistd.h>
#include <fstream>

using namespace helio;

namespace {

constexpr ConfigKey kKeys[] = {
    {"gateways.semtech_udp",
     ConfigType::address,
     "0.0.0.0:1700",
     "where packet forwarders send to"},
    {"mqtt.anonymous", ConfigType::flag, "false", "let clients on loopback in without credentials"},
    {"mqtt.max_connections", ConfigType::integer, "1000", "at most so many"},
    {"lns.deduplication_window", ConfigType::duration, "200ms", "how long copies are waited for"},
    {"lns.regions", ConfigType::text_list, "EU868,US915", "regional parameters"},
    {"store.map_size", ConfigType::size, "1G", "of the database"},
    {"authorizer.*.type", ConfigType::text, "", "jwt, http or javascript"},
    {"authorizer.*.issuer", ConfigType::text, "", "of the tokens"},
};

// A file that goes with the test.
class File {
  public:
    explicit File(const std::string& text) { std::ofstream(path) << text; }
    ~File() { std::filesystem::remove(path); }
    std::filesystem::path path = std::filesystem::temp_directory_path() /
                                 ("helio_config_" + std::to_string(getpid()) + ".toml");
};

std::string refusal(const std::string& toml) {
    const File file(toml);
    try {
        Config(kKeys).load(file.path);
    } catch (const std::runtime_error& error) {
        std::string text = error.what();
        return text.substr(text.find(".toml") + 5);
    }
    return "accepted";
}

std::string refusal_of_set(const std::string& assignment) {
    try {
        Config(kKeys).set(assignment);
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return "accepted";
}

}  // namespace

TEST_CASE("without a file the defaults stand", "[config]") {
    const Config config(kKeys);
    CHECK(config.text("gateways.semtech_udp") == "0.0.0.0:1700");
    CHECK_FALSE(config.flag("mqtt.anonymous"));
    CHECK(config.integer("mqtt.max_connections") == 1000);
    CHECK(config.duration("lns.deduplication_window") == std::chrono::milliseconds(200));
    CHECK(config.list("lns.regions") == std::vector<std::string>{"EU868", "US915"});
    CHECK(config.size("store.map_size") == 1u << 30);
    CHECK(config.names("authorizer").empty());
}

TEST_CASE("a file changes what it names, and --set changes that", "[config]") {
    const File file(
        "[gateways]\nsemtech_udp = \"\"\n[mqtt]\nanonymous = true\n[lns]\nregions = [\"EU868\"]\n"
        "deduplication_window = \"1s\"\n[store]\nmap_size = 65536\n[authorizer.door]\ntype = "
        "\"jwt\"\n");
    Config config(kKeys);
    config.load(file.path);
    CHECK(config.text("gateways.semtech_udp").empty());
    CHECK(config.flag("mqtt.anonymous"));
    CHECK(config.list("lns.regions") == std::vector<std::string>{"EU868"});
    CHECK(config.duration("lns.deduplication_window") == std::chrono::seconds(1));
    CHECK(config.size("store.map_size") == 65536);
    CHECK(config.names("authorizer") == std::vector<std::string>{"door"});
    CHECK(config.text("authorizer.door.type") == "jwt");
    config.set("lns.regions=US915,EU868");
    config.set("authorizer.gate.issuer=https://id.example/?a=b");
    CHECK(config.list("lns.regions") == std::vector<std::string>{"US915", "EU868"});
    CHECK(config.text("authorizer.gate.issuer") == "https://id.example/?a=b");
}

TEST_CASE("what is wrong is named with its line and what is expected", "[config]") {
    CHECK(refusal("[lns]\n\nregion = [\"EU868\"]\n") ==
          ":3: there is no setting \"lns.region\"; did you mean \"lns.regions\"?");
    CHECK(refusal("[mqtt]\nanonymous = \"yes\"\n") == ":2: mqtt.anonymous must be true or false");
    CHECK(refusal("[lns]\nderegions\n").starts_with(":2: "));
    CHECK(
        refusal("[gateways]\nsemtech_udp = \"1700\"\n") ==
        ":2: gateways.semtech_udp is \"1700\", and must be an address like \"0.0.0.0:1700\", or an "
        "empty text for off");
    CHECK(refusal_of_set("lns.deduplication_window=200") ==
          "--set lns.deduplication_window=200: lns.deduplication_window is \"200\", and must be a "
          "duration like 200ms, 5s, 10m, 1h or 7d");
    CHECK(refusal_of_set("mqtt.max_connections=-1").find("must be a whole number") !=
          std::string::npos);
    CHECK(refusal_of_set("mqtt.max_connections=99999999999999999999") != "accepted");
    CHECK(refusal_of_set("store.map_size=99999999999G") != "accepted");
    CHECK(refusal_of_set("gateways.semtech_udp=0.0.0.0:70000") != "accepted");
    CHECK(refusal_of_set("mqtt.anonymous").find("section.key=value") != std::string::npos);
    Config config(kKeys);
    CHECK_THROWS_AS(config.load("/nonexistent/heliograph.toml"), std::runtime_error);
}

TEST_CASE("the defaults as a file are a file that is accepted and changes nothing", "[config]") {
    const std::string text = Config(kKeys).defaults_as_toml();
    CAPTURE(text);
    const File file(text);
    Config config(kKeys);
    config.load(file.path);
    CHECK(config.defaults_as_toml() == text);
    CHECK(config.list("lns.regions") == std::vector<std::string>{"EU868", "US915"});
    CHECK(config.text("gateways.semtech_udp") == "0.0.0.0:1700");
}
