#include "base/metrics.h"

#include "tests/support/catch.h"

using namespace helio::metrics;

namespace {

bool has_line(const std::string& page, const std::string& line) {
    return ("\n" + page).find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE("a counter is written with its help, type and labels", "[base][metrics]") {
    Registry registry;
    Counter& up = registry.counter("helio_uplinks_total", "Uplinks heard.", {{"region", "EU868"}});
    up.add();
    up.add(4);
    CHECK(registry.to_prometheus() ==
          "# HELP helio_uplinks_total Uplinks heard.\n"
          "# TYPE helio_uplinks_total counter\n"
          "helio_uplinks_total{region=\"EU868\"} 5\n");
}

TEST_CASE("the same name and labels give the same counter", "[base][metrics]") {
    Registry registry;
    Counter& a = registry.counter("a_total", "A.", {{"x", "1"}});
    Counter& b = registry.counter("a_total", "A.", {{"x", "1"}});
    Counter& other = registry.counter("a_total", "A.", {{"x", "2"}});
    CHECK(&a == &b);
    CHECK(&a != &other);
}

TEST_CASE("the buckets of a histogram are cumulative and end with +Inf", "[base][metrics]") {
    Registry registry;
    const double bounds[] = {0.1, 1};
    Histogram& h = registry.histogram("wait_seconds", "Wait.", bounds);
    h.observe(0.1);  // a bound belongs to its bucket
    h.observe(0.5);
    h.observe(7);
    const std::string page = registry.to_prometheus();
    CHECK(has_line(page, "wait_seconds_bucket{le=\"0.1\"} 1"));
    CHECK(has_line(page, "wait_seconds_bucket{le=\"1\"} 2"));
    CHECK(has_line(page, "wait_seconds_bucket{le=\"+Inf\"} 3"));
    CHECK(has_line(page, "wait_seconds_sum 7.6"));
    CHECK(has_line(page, "wait_seconds_count 3"));
}

TEST_CASE("label values are escaped, so that input cannot forge a line", "[base][metrics]") {
    Registry registry;
    registry.counter("a_total", "A.", {{"client", "x\"} 9\nb_total 1\\"}}).add();
    CHECK(has_line(registry.to_prometheus(), R"(a_total{client="x\"} 9\nb_total 1\\"} 1)"));
}

TEST_CASE("label sets beyond the limit share one series", "[base][metrics]") {
    Registry registry;
    for (std::size_t i = 0; i < Registry::kMaxSeries + 50; ++i) {
        registry.counter("a_total", "A.", {{"client", std::to_string(i)}}).add();
    }
    CHECK(has_line(registry.to_prometheus(), "a_total{client=\"other\"} 50"));
    registry.counter("a_total", "A.", {{"client", "3"}}).add();
    CHECK(has_line(registry.to_prometheus(), "a_total{client=\"3\"} 2"));
}

TEST_CASE("plain figures of a core are read when the page is written", "[base][metrics]") {
    Registry registry;
    std::uint64_t refused = 0;
    double depth = 0;
    registry.counter_of("refused_total", "Refused.", refused);
    registry.gauge_of("queue_depth", "Queue.", [&] { return depth; });
    refused = 3;
    depth = 1.5;
    const std::string page = registry.to_prometheus();
    CHECK(has_line(page, "refused_total 3"));
    CHECK(has_line(page, "queue_depth 1.5"));
}
