#include "base/metrics.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <cmath>
#include <deque>
#include <unordered_map>
#include <variant>

namespace helio::metrics {
namespace {

enum Kind : int { counter_kind, gauge_kind, histogram_kind };

constexpr std::array<std::string_view, 3> kKindNames = {"counter", "gauge", "histogram"};

void append_escaped(std::string& out, std::string_view text, bool quotes) {
    for (const char c : text) {
        if (c == '\\') {
            out += "\\\\";
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '"' && quotes) {
            out += "\\\"";
        } else {
            out += c;
        }
    }
}

void append_number(std::string& out, double value) {
    if (std::isnan(value)) {
        out += "NaN";
    } else if (std::isinf(value)) {
        out += value > 0 ? "+Inf" : "-Inf";
    } else {
        std::array<char, 32> buffer;
        const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
        out.append(buffer.data(), end);
    }
}

// `a="x",b="y"`, which is both the identity of a series and its text.
std::string labels_text(Labels labels, bool as_other) {
    std::string out;
    for (const auto& [key, value] : labels) {
        if (!out.empty()) out += ',';
        out += key;
        out += "=\"";
        append_escaped(out, as_other ? std::string_view("other") : value, true);
        out += '"';
    }
    return out;
}

void append_name(std::string& out,
                 std::string_view name,
                 std::string_view suffix,
                 std::string_view labels,
                 std::string_view more = {}) {
    out += name;
    out += suffix;
    if (!labels.empty() || !more.empty()) {
        out += '{';
        out += labels;
        if (!labels.empty() && !more.empty()) out += ',';
        out += more;
        out += '}';
    }
    out += ' ';
}

void append_histogram(std::string& out,
                      std::string_view name,
                      std::string_view labels,
                      const Histogram& histogram) {
    std::uint64_t running = 0;
    for (std::size_t i = 0; i < histogram.counts().size(); ++i) {
        running += histogram.counts()[i];
        std::string bound = "le=\"";
        if (i < histogram.bounds().size()) {
            append_number(bound, histogram.bounds()[i]);
        } else {
            bound += "+Inf";
        }
        bound += '"';
        append_name(out, name, "_bucket", labels, bound);
        out += std::to_string(running) + '\n';
    }
    append_name(out, name, "_sum", labels);
    append_number(out, histogram.sum());
    out += '\n';
    append_name(out, name, "_count", labels);
    out += std::to_string(running) + '\n';
}

}  // namespace

struct Registry::Series {
    std::string labels;
    std::variant<std::monostate,
                 Counter,
                 Gauge,
                 std::unique_ptr<Histogram>,
                 const std::uint64_t*,
                 std::function<double()>>
        value;
};

struct Registry::Family {
    std::string name;
    std::string help;
    int kind;
    std::deque<Series> series;  // a deque: references stay
    std::unordered_map<std::string, Series*> by_labels;
};

std::span<const double> latency_bounds() {
    static constexpr std::array kBounds = {
        .0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1., 2.5, 5., 10.};
    return kBounds;
}

Registry::Registry() = default;
Registry::~Registry() = default;

Registry::Family& Registry::family(std::string_view name, std::string_view help, int kind) {
    for (const auto& family : families_) {
        if (family->name == name) {
            assert(family->kind == kind && "one metric name, two kinds");
            return *family;
        }
    }
    families_.push_back(std::make_unique<Family>(
        Family{.name = std::string(name), .help = std::string(help), .kind = kind}));
    return *families_.back();
}

Registry::Series& Registry::series(Family& family, Labels labels) {
    std::string text = labels_text(labels, false);
    if (const auto found = family.by_labels.find(text); found != family.by_labels.end()) {
        return *found->second;
    }
    if (family.series.size() >= kMaxSeries) {
        text = labels_text(labels, true);
        if (const auto found = family.by_labels.find(text); found != family.by_labels.end()) {
            return *found->second;
        }
    }
    Series& made = family.series.emplace_back();
    made.labels = text;
    family.by_labels.emplace(std::move(text), &made);
    return made;
}

Counter& Registry::counter(std::string_view name, std::string_view help, Labels labels) {
    Series& found = series(family(name, help, counter_kind), labels);
    if (found.value.index() == 0) found.value.emplace<Counter>();
    return std::get<Counter>(found.value);
}

Gauge& Registry::gauge(std::string_view name, std::string_view help, Labels labels) {
    Series& found = series(family(name, help, gauge_kind), labels);
    if (found.value.index() == 0) found.value.emplace<Gauge>();
    return std::get<Gauge>(found.value);
}

Histogram& Registry::histogram(std::string_view name,
                               std::string_view help,
                               std::span<const double> upper_bounds,
                               Labels labels) {
    assert(std::ranges::is_sorted(upper_bounds));
    Series& found = series(family(name, help, histogram_kind), labels);
    if (found.value.index() == 0) found.value = std::make_unique<Histogram>(upper_bounds);
    return *std::get<std::unique_ptr<Histogram>>(found.value);
}

void Registry::counter_of(std::string_view name,
                          std::string_view help,
                          const std::uint64_t& source,
                          Labels labels) {
    series(family(name, help, counter_kind), labels).value = &source;
}

void Registry::gauge_of(std::string_view name,
                        std::string_view help,
                        std::function<double()> source,
                        Labels labels) {
    series(family(name, help, gauge_kind), labels).value = std::move(source);
}

std::string Registry::to_prometheus() const {
    std::string out;
    for (const auto& family : families_) {
        out += "# HELP " + family->name + ' ';
        append_escaped(out, family->help, false);
        out += "\n# TYPE " + family->name + ' ';
        out += kKindNames[static_cast<std::size_t>(family->kind)];
        out += '\n';
        for (const Series& series : family->series) {
            if (const auto* histogram = std::get_if<std::unique_ptr<Histogram>>(&series.value)) {
                append_histogram(out, family->name, series.labels, **histogram);
                continue;
            }
            append_name(out, family->name, "", series.labels);
            if (const auto* counter = std::get_if<Counter>(&series.value)) {
                out += std::to_string(counter->value());
            } else if (const auto* gauge = std::get_if<Gauge>(&series.value)) {
                append_number(out, gauge->value());
            } else if (const auto* source = std::get_if<const std::uint64_t*>(&series.value)) {
                out += std::to_string(**source);
            } else {
                append_number(out, std::get<std::function<double()>>(series.value)());
            }
            out += '\n';
        }
    }
    return out;
}

}  // namespace helio::metrics
