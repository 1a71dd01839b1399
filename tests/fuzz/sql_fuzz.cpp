// A statement and a payload, both from strangers: what parses is evaluated, and what an evaluation
// gives as JSON is JSON.
#include "bridge/rules/sql/evaluation.h"
#include "bridge/rules/sql/parser.h"
#include "bridge/rules/sql/template.h"

using namespace helio;
using namespace helio::bridge::rules;

namespace {

// Statement and payload are divided by the first NUL.
void run(std::string_view sql, std::string_view payload, sql::Version version) {
    static sql::Machinery machinery{.random = crypto::seeded_random(1), .account = "1"};
    const Message message{.topic = "a/b", .payload = bytes_of(payload)};
    sql::MessageScope scope(message, Instant{}, machinery);

    if (const auto text = sql::Template::parse(sql, version)) {
        sql::Evaluation evaluation(version, scope);
        text->render(evaluation);
    }
    const auto statement = sql::parse_statement(sql, version);
    if (!statement) {
        if (statement.error().position > sql.size()) __builtin_trap();
        return;
    }
    sql::Evaluation evaluation(*statement, scope);
    if (!evaluation.is_selected()) return;
    const sql::Value value = evaluation.select();
    if (value.is_undefined() || value.is(sql::Type::binary)) return;
    std::string json;
    sql::append_json(json, value, version);
    sql::Arena arena;
    if (!machinery.reader.read(json, arena) && !arena.exhausted()) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const std::size_t cut = std::min(input.find('\0'), size);
    const std::string_view payload = cut < size ? input.substr(cut + 1) : std::string_view();
    run(input.substr(0, cut), payload, sql::Version::v2016_03_23);
    run(input.substr(0, cut), payload, sql::Version::v2015_10_08);
    return 0;
}
