#include "tools/helioctl/csv.h"

#include "tests/support/catch.h"

#include <boost/json.hpp>

using namespace helio::ctl;

namespace {

constexpr const char* kHead =
    "name,dev_eui,join_eui,app_key,nwk_s_key,app_s_key,dev_addr,profile,destination\n";
constexpr const char* kOtaa =
    "meter,0102030405060708,70b3d57ed0000000,000102030405060708090a0b0c0d0e0f,,,,,field\n";

std::vector<std::string> problems_of(const std::string& text) {
    std::vector<std::string> out;
    for (const CsvProblem& problem : read_devices(text).problems) {
        out.push_back(problem_text("d.csv", problem));
    }
    return out;
}

std::string with(const std::string& line) { return kHead + line; }

}  // namespace

TEST_CASE("a line of the CSV file is a device", "[helioctl]") {
    const auto read = read_devices(with(kOtaa));
    REQUIRE(read.problems.empty());
    REQUIRE(read.devices.size() == 1);
    const CsvDevice& device = read.devices[0];
    CHECK(device.line == 2);
    CHECK(device.name == "meter");
    CHECK(device.destination == "field");
    CHECK(boost::json::serialize(device_request(device, "profile-id", device.destination)) ==
          R"({"Type":"LoRaWAN","DestinationName":"field","LoRaWAN":{"DevEui":"0102030405060708",)"
          R"("DeviceProfileId":"profile-id","OtaaV1_0_x":)"
          R"({"AppKey":"000102030405060708090a0b0c0d0e0f","AppEui":"70b3d57ed0000000"}},)"
          R"("Name":"meter"})");
}

TEST_CASE("a line with a DevAddr is an ABP device", "[helioctl]") {
    const auto read = read_devices(
        "dev_eui,dev_addr,nwk_s_key,app_s_key\n"
        "0102030405060708,01020304,00000000000000000000000000000001,"
        "00000000000000000000000000000002\n");
    REQUIRE(read.devices.size() == 1);
    const auto request = device_request(read.devices[0], "p", "d");
    CHECK(boost::json::serialize(request.at("LoRaWAN").at("AbpV1_0_x")) ==
          R"({"DevAddr":"01020304","SessionKeys":{"NwkSKey":"00000000000000000000000000000001",)"
          R"("AppSKey":"00000000000000000000000000000002"}})");
}

TEST_CASE("files are read as spreadsheets write them", "[helioctl]") {
    SECTION("a byte order mark, CRLF, semicolons, quotes, blank lines and grouped digits") {
        const auto read = read_devices(
            "\xef\xbb\xbfName;DEV_EUI;join_eui;app_key\r\n"
            "\r\n"
            "\"a \"\"b\"\"; c\";01-02-03-04-05-06-07-08;70:b3:d5:7e:d0:00:00:00;"
            "000102030405060708090A0B0C0D0E0F\r\n");
        REQUIRE(read.problems.empty());
        REQUIRE(read.devices.size() == 1);
        CHECK(read.devices[0].name == "a \"b\"; c");
        CHECK(read.devices[0].dev_eui == "0102030405060708");
        CHECK(read.devices[0].join_eui == "70b3d57ed0000000");
        CHECK(read.devices[0].line == 3);
    }
    SECTION("no newline at the end") {
        std::string text = with(kOtaa);
        text.pop_back();
        CHECK(read_devices(text).devices.size() == 1);
    }
    SECTION("a cell over two lines moves the count of lines on") {
        const auto read = read_devices(with("\"two\nlines\",0102030405060708,70b3d57ed0000000,"
                                            "000102030405060708090a0b0c0d0e0f,,,,,\n") +
                                       "x,1\n");
        CHECK(read.devices.size() == 1);
        REQUIRE(read.problems.size() == 1);
        CHECK(read.problems[0].line == 4);
    }
}

TEST_CASE("a wrong cell is named by its line and column", "[helioctl]") {
    const std::string good(kOtaa);
    const auto replaced = [&](const std::string& from, const std::string& to) {
        std::string line = good;
        line.replace(line.find(from), from.size(), to);
        return with(good) + line;
    };
    const std::pair<std::string, std::string> rows[] = {
        {replaced("0102030405060708", "01020304050607"),
         "d.csv:3: dev_eui must be 16 hexadecimal digits"},
        {replaced("0102030405060708", "010203040506070x"),
         "d.csv:3: dev_eui must be 16 hexadecimal digits"},
        {replaced("0102030405060708", ""), "d.csv:3: dev_eui is empty: every device has one"},
        {with(good) + good, "d.csv:3: dev_eui is the same as in line 2"},
        {with("a,0102030405060708,70b3d57ed0000000,00,,,,,\n"),
         "d.csv:2: app_key must be 32 hexadecimal digits"},
        {with("a,0102030405060708,70b3d57ed0000000,,,,,,\n"),
         "d.csv:2: app_key is empty: a device without a dev_addr (OTAA) needs it"},
        {with("a,0102030405060708,,000102030405060708090a0b0c0d0e0f,,,,,\n"),
         "d.csv:2: join_eui is empty: a device without a dev_addr (OTAA) needs it"},
        {with("a,0102030405060708,,000102030405060708090a0b0c0d0e0f,"
              "00000000000000000000000000000001,00000000000000000000000000000002,01020304,,\n"),
         "d.csv:2: app_key must be empty where dev_addr (ABP) is given"},
        {with("a,0102030405060708\n"), "d.csv:2: has 2 cells, the first line names 9"},
        {with("\"a,0102030405060708\n"), "d.csv:2: a '\"' is not closed"},
    };
    for (const auto& [text, problem] : rows) {
        CAPTURE(text);
        const auto problems = problems_of(text);
        REQUIRE_FALSE(problems.empty());
        CHECK(problems.front() == problem);
    }
}

TEST_CASE("an ABP line names every key that it lacks", "[helioctl]") {
    CHECK(problems_of("dev_eui,dev_addr\n0102030405060708,01020304\n") ==
          std::vector<std::string>{
              "d.csv:2: nwk_s_key is empty: a device with a dev_addr (ABP) needs it",
              "d.csv:2: app_s_key is empty: a device with a dev_addr (ABP) needs it"});
}

TEST_CASE("a first line that names no columns is told so", "[helioctl]") {
    CHECK(problems_of("") == std::vector<std::string>{"d.csv:1: the file is empty"});
    CHECK(problems_of("name,eui\n")[0].starts_with("d.csv:1: eui is no column: use name, dev_eui"));
    CHECK(problems_of("name,dev_eui,name\n")[0] == "d.csv:1: name stands there twice");
    CHECK(problems_of("name\nx\n")[0] ==
          "d.csv:1: dev_eui is missing from the first line, which names the columns");
}

TEST_CASE("every cut of a file is read to its end without a crash", "[helioctl]") {
    const std::string text = with(kOtaa) + "\"q\",0102030405060709,,,,,,,\n";
    std::size_t most = 0;
    for (std::size_t size = 0; size <= text.size(); ++size) {
        most = std::max(most, read_devices(text.substr(0, size)).devices.size());
    }
    CHECK(most == 1);
}
