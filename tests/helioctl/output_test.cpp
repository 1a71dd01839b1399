#include "tools/helioctl/output.h"

#include "tests/support/catch.h"
#include "tools/helioctl/completion.h"

#include <boost/json.hpp>

using namespace helio::ctl;

namespace {

std::string line_of(const char* json) { return event_line(boost::json::parse(json).as_object()); }

}  // namespace

TEST_CASE("columns are as wide as their widest cell", "[helioctl]") {
    Table table({"A", "NAME"});
    CHECK(table.text("nothing") == "nothing\n");
    table.add({"long cell", "x"});
    table.add({"s", ""});
    CHECK(table.text("nothing") == "A          NAME\nlong cell  x\ns\n");
}

TEST_CASE("times of AWS's iot are shown as times, other numbers as they are", "[helioctl]") {
    const auto body = boost::json::parse(
        R"({"creationDate":1.79529029164E9,"version":3,"validity":{"notAfter":2.524607999E9}})");
    CHECK(lines_of(body.as_object()) ==
          "creationDate: 2026-11-21T19:44:51Z\nversion: 3\nvalidity:\n"
          "  notAfter: 2049-12-31T23:59:59Z\n");
}

TEST_CASE("an event is one readable line", "[helioctl]") {
    CHECK(line_of(R"({"Kind":"up","Time":"2026-11-21T09:30:00.123Z","DevEui":"0102030405060708",
        "FCnt":7,"FPort":2,"Modulation":"SF7BW125","Frequency":868100000,"PayloadData":"AaI=",
        "Gateways":[{"Rssi":-90,"Snr":-3.0},{"Rssi":-60,"Snr":9.5}]})") ==
          "09:30:00.123  up      0102030405060708  FCnt 7  FPort 2  SF7BW125 868.1 MHz  "
          "-60 dBm 9.5 dB  2 gateways  01a2");
    CHECK(line_of(R"({"Kind":"log","Time":"2026-11-21T09:30:00.123Z","DevEui":"0102030405060708",
        "Level":"ERROR","Code":"UPLINK_CODEC","Description":"no such field"})") ==
          "09:30:00.123  log     0102030405060708  ERROR UPLINK_CODEC: no such field");
    CHECK(line_of(R"({"Kind":"ack","Time":"2026-11-21T09:30:00.123Z","DevEui":"0102030405060708",
        "Acknowledged":false,"MessageId":"m"})") ==
          "09:30:00.123  ack     0102030405060708  not acknowledged  m");
}

TEST_CASE("an event without its radio members is a line all the same", "[helioctl]") {
    CHECK(line_of(R"({"Kind":"up"})") == "-  up      -  FCnt -  FPort -");
}

TEST_CASE("a completion script knows every verb", "[helioctl]") {
    const std::vector<CompletionRow> rows = {{"", {"device", "--json"}}, {"device", {"add"}}};
    for (const char* shell : {"bash", "zsh", "fish"}) {
        CAPTURE(shell);
        const std::string script = completion_script(shell, rows);
        CHECK(script.find("device") != std::string::npos);
        CHECK(script.find("add") != std::string::npos);
        CHECK(script.find("json") != std::string::npos);
    }
}
