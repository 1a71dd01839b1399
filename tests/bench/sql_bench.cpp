// What a rule costs a message: parse of the payload, WHERE, SELECT, JSON.
#include "bridge/rules/sql/evaluation.h"
#include "bridge/rules/sql/parser.h"

#include <benchmark/benchmark.h>

namespace {

using namespace helio;
using namespace helio::bridge::rules;

constexpr std::string_view kPayload =
    R"({"device":"roof-north","seq":48211,"battery":3.62,"temp":91.5,"humidity":40.25,)"
    R"("position":{"lat":52.37403,"lon":4.88969},"tags":["a","b"],"ok":true})";

struct Bench {
    sql::Machinery machinery{.random = crypto::seeded_random(1), .account = "1"};
    Message message{.topic = "sensors/temp", .payload = bytes_of(kPayload)};

    // False where WHERE said no.
    bool run(const sql::Statement& statement, Bytes& out) {
        sql::MessageScope scope(message, Instant{}, machinery);
        return run_on(statement, scope, out);
    }
    static bool run_on(const sql::Statement& statement, sql::MessageScope& scope, Bytes& out) {
        sql::Evaluation evaluation(statement, scope);
        if (!evaluation.is_selected()) return false;
        out.clear();
        sql::append_output(out, evaluation.select(), statement.version);
        return true;
    }
};

sql::Statement compile(std::string_view text) {
    return std::move(*sql::parse_statement(text, sql::Version::v2016_03_23));
}

void where_false(benchmark::State& state) {
    Bench bench;
    const auto statement = compile("SELECT * FROM 'sensors/temp' WHERE temp > 95");
    Bytes out;
    for (auto _ : state) benchmark::DoNotOptimize(bench.run(statement, out));
}
BENCHMARK(where_false);

void where_true_select_some(benchmark::State& state) {
    Bench bench;
    const auto statement = compile(
        "SELECT device, temp * 9 / 5 + 32 AS fahrenheit, position.lat AS lat, topic(2) AS t "
        "FROM 'sensors/+' WHERE temp > 90 AND startswith(device, 'roof')");
    Bytes out;
    for (auto _ : state) benchmark::DoNotOptimize(bench.run(statement, out));
}
BENCHMARK(where_true_select_some);

void where_true_select_star(benchmark::State& state) {
    Bench bench;
    const auto statement = compile("SELECT * FROM 'sensors/temp' WHERE temp > 90");
    Bytes out;
    for (auto _ : state) benchmark::DoNotOptimize(bench.run(statement, out));
}
BENCHMARK(where_true_select_star);

// A second rule on a message whose payload is parsed.
void where_false_parsed(benchmark::State& state) {
    Bench bench;
    const auto statement = compile("SELECT * FROM 'sensors/temp' WHERE temp > 95");
    sql::MessageScope scope(bench.message, Instant{}, bench.machinery);
    Bytes out;
    for (auto _ : state) benchmark::DoNotOptimize(Bench::run_on(statement, scope, out));
}
BENCHMARK(where_false_parsed);

void parse_payload(benchmark::State& state) {
    Bench bench;
    for (auto _ : state) {
        sql::MessageScope scope(bench.message, Instant{}, bench.machinery);
        benchmark::DoNotOptimize(scope.payload());
    }
}
BENCHMARK(parse_payload);

void compile_statement(benchmark::State& state) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(
            compile("SELECT device, temp * 9 / 5 + 32 AS f FROM 'sensors/+' WHERE temp > 90"));
    }
}
BENCHMARK(compile_statement);

}  // namespace
