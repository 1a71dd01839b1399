// What the program counts, and the text in which Prometheus reads it.
//
// main owns the Registry and hands it on by reference; everything here belongs to the loop thread,
// so that an increment is a plain addition.  References stay valid as long as the Registry.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace helio::metrics {

class Counter {
  public:
    void add(std::uint64_t n = 1) { value_ += n; }
    std::uint64_t value() const { return value_; }

  private:
    std::uint64_t value_ = 0;
};

class Gauge {
  public:
    void set(double value) { value_ = value; }
    void add(double n) { value_ += n; }
    double value() const { return value_; }

  private:
    double value_ = 0;
};

class Histogram {
  public:
    explicit Histogram(std::span<const double> upper_bounds)
        : bounds_(upper_bounds.begin(), upper_bounds.end()), counts_(bounds_.size() + 1) {}

    void observe(double value) {
        std::size_t i = 0;
        while (i < bounds_.size() && value > bounds_[i]) ++i;
        ++counts_[i];
        sum_ += value;
    }
    std::span<const double> bounds() const { return bounds_; }
    std::span<const std::uint64_t> counts() const { return counts_; }  // the last one: above all
    double sum() const { return sum_; }

  private:
    std::vector<double> bounds_;
    std::vector<std::uint64_t> counts_;
    double sum_ = 0;
};

// Upper bounds from 100 µs to 10 s for latencies in seconds.
std::span<const double> latency_bounds();

using Label = std::pair<std::string_view, std::string_view>;
using Labels = std::initializer_list<Label>;

class Registry {
  public:
    // A family takes this many label sets; later ones share one set whose values are all "other",
    // so that no input can make the page grow without end.
    static constexpr std::size_t kMaxSeries = 1000;

    Registry();
    ~Registry();
    Registry(const Registry&) = delete;
    Registry& operator=(const Registry&) = delete;

    // The same name and labels give the same object.  Names follow Prometheus: counters end in
    // _total, units stand in the name (_seconds, _bytes).
    Counter& counter(std::string_view name, std::string_view help, Labels labels = {});
    Gauge& gauge(std::string_view name, std::string_view help, Labels labels = {});
    Histogram& histogram(std::string_view name,
                         std::string_view help,
                         std::span<const double> upper_bounds,
                         Labels labels = {});

    // For the plain Stats of pure cores: the source is read when the page is written and must live
    // as long as the Registry is asked.
    void counter_of(std::string_view name,
                    std::string_view help,
                    const std::uint64_t& source,
                    Labels labels = {});
    void gauge_of(std::string_view name,
                  std::string_view help,
                  std::function<double()> source,
                  Labels labels = {});

    // Text exposition format 0.0.4 (Content-Type: text/plain; version=0.0.4).
    std::string to_prometheus() const;

  private:
    struct Family;
    struct Series;
    Family& family(std::string_view name, std::string_view help, int kind);
    Series& series(Family& family, Labels labels);
    std::vector<std::unique_ptr<Family>> families_;
};

}  // namespace helio::metrics
