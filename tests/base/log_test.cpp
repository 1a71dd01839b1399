#include "base/log.h"

#include "tests/support/catch.h"

#include <vector>

using namespace helio::log;

namespace {

struct Captured {
    std::vector<std::string> lines;
    Log log{Level::info, [this](std::string_view line) { lines.emplace_back(line); }};
};

}  // namespace

TEST_CASE("a line has a level, a message and its fields in order", "[base][log]") {
    Captured c;
    c.log.info("gateway seen", {{"gateway", "0102"}, {"rssi", -7}, {"ok", true}, {"snr", 5.5}});
    CHECK(c.lines == std::vector<std::string>{
                         R"(level=info msg="gateway seen" gateway=0102 rssi=-7 ok=true snr=5.5)"});
}

TEST_CASE("input inside a field cannot begin a line or a field", "[base][log]") {
    Captured c;
    c.log.warning("refused", {{"client", "a\nlevel=error \"x\"\x1b[2J"}, {"empty", ""}});
    CHECK(c.lines ==
          std::vector<std::string>{
              R"(level=warning msg=refused client="a\nlevel=error \"x\"\x1b[2J" empty="")"});
}

TEST_CASE("lines below the level are not made", "[base][log]") {
    Captured c;
    c.log.debug("hidden");
    CHECK(c.lines.empty());
    c.log.set_level(Level::debug);
    c.log.debug("shown");
    CHECK(c.lines.size() == 1);
}

TEST_CASE("a sampled message is written once however often it is provoked", "[base][log]") {
    Captured c;
    for (int i = 0; i < 10'000; ++i) c.log.sampled(Level::warning, "wrong MIC", {{"i", i}});
    CHECK(c.lines == std::vector<std::string>{R"(level=warning msg="wrong MIC" i=0)"});
    c.log.sampled(Level::warning, "another message");
    CHECK(c.lines.size() == 2);
}

TEST_CASE("a level is read by its name", "[base][log]") {
    CHECK(level_from_text("warning") == Level::warning);
    CHECK_FALSE(level_from_text("loud"));
}
