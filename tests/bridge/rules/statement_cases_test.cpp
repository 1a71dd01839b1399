// Runs the statements of cases/*.txt.
//
// A line is a directive that stays in force until it is given again, or a case:
//     payload: TEXT | payload-hex: HEX | topic: T | version: V | client: ID | property: NAME=VALUE
//     expression => JSON | Undefined
//     SELECT ... => JSON | nothing | not selected | error POSITION: what the message says
// A line that begins with '#' says what the following cases show.
#include "bridge/rules/sql/evaluation.h"
#include "bridge/rules/sql/parser.h"
#include "tests/support/catch.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

using namespace helio;
using namespace helio::bridge::rules;

namespace {

constexpr std::string_view kStatements[] = {"SELECT", "select", "SET", "UPDATE"};
const std::string kHead = "SELECT VALUE (";

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

class CaseFile {
  public:
    void run_line(std::string_view line) {
        if (line.empty()) return;
        if (line.front() == '#') {
            about_ = line.substr(1);
            return;
        }
        const std::size_t arrow = line.rfind(" => ");
        if (arrow == line.npos) return directive(line);
        ++cases_;
        const std::string_view source = trimmed(line.substr(0, arrow));
        const std::string_view expected = trimmed(line.substr(arrow + 4));
        CAPTURE(about_, source, payload_);
        CHECK(outcome(source) == expected);
    }
    int cases() const { return cases_; }

  private:
    void directive(std::string_view line) {
        const std::size_t colon = line.find(':');
        INFO(line);
        REQUIRE(colon != line.npos);
        const std::string_view name = line.substr(0, colon);
        const std::string value(trimmed(line.substr(colon + 1)));
        if (name == "payload") {
            payload_ = value;
        } else if (name == "payload-hex") {
            payload_ = text_of(from_hex(value).value());
        } else if (name == "topic") {
            topic_ = value;
        } else if (name == "version") {
            version_ =
                value == "2015-10-08" ? sql::Version::v2015_10_08 : sql::Version::v2016_03_23;
        } else if (name == "client") {
            client_ = value;
        } else if (name == "property") {
            const std::size_t equals = value.find('=');
            REQUIRE(equals != value.npos);
            properties_.emplace_back(value.substr(0, equals), value.substr(equals + 1));
        } else {
            FAIL("unknown directive");
        }
    }

    std::string outcome(std::string_view source) {
        const bool whole = std::ranges::any_of(
            kStatements, [&](std::string_view word) { return source.starts_with(word); });
        const std::string text = whole ? std::string(source) : kHead + std::string(source) + ")";
        const auto statement = sql::parse_statement(text, version_);
        if (!statement) {
            const std::size_t shift = whole ? 0 : kHead.size();
            return "error " + std::to_string(statement.error().position - shift) + ": " +
                   statement.error().message;
        }
        const Message message{.topic = topic_,
                              .payload = bytes_of(payload_),
                              .client_id = client_,
                              .user_properties = properties_};
        sql::MessageScope scope(message, from_unix_us(1'767'225'600'123'456), machinery_);
        sql::Evaluation evaluation(*statement, scope);
        if (!evaluation.is_selected()) return "not selected";
        const sql::Value value = evaluation.select();
        if (value.is_undefined()) return whole ? "nothing" : "Undefined";
        Bytes out;
        sql::append_output(out, value, version_);
        return std::string(text_of(out));
    }

    sql::Machinery machinery_{.random = crypto::seeded_random(1), .account = "123456789012"};
    std::string about_;
    std::string topic_ = "sensors/temp";
    std::string payload_ = "{}";
    std::string client_;
    std::vector<UserProperty> properties_;
    sql::Version version_ = sql::Version::v2016_03_23;
    int cases_ = 0;
};

}  // namespace

TEST_CASE("statements do what their case files say", "[rules][sql]") {
    int cases = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator(HELIO_TEST_DATA "/../bridge/rules/cases")) {
        CAPTURE(entry.path().filename().string());
        std::ifstream file(entry.path());
        CaseFile runner;
        std::string line;
        while (std::getline(file, line)) runner.run_line(line);
        CHECK(runner.cases() > 0);
        cases += runner.cases();
    }
    CHECK(cases > 300);
}

TEST_CASE("loops in loops over a large payload end Undefined instead of keeping the server",
          "[rules][sql]") {
    const auto statement = sql::parse_statement(
        "SET @all = e SELECT VALUE (SELECT VALUE x FROM e AS x WHERE x IN @all) FROM 't'",
        sql::Version::v2016_03_23);
    REQUIRE(statement);
    sql::Machinery machinery{.random = crypto::seeded_random(1), .account = "1"};
    const auto selected = [&](int numbers) {
        std::string payload = R"({"e":[0)";
        for (int i = 1; i < numbers; ++i) payload += "," + std::to_string(i);
        payload += "]}";
        const Message message{.topic = "t", .payload = bytes_of(payload)};
        sql::MessageScope scope(message, Instant{}, machinery);
        return sql::Evaluation(*statement, scope).select().as_array().size();
    };
    CHECK(selected(1'000) == 1'000);
    CHECK(selected(100'000) < 100);
}
