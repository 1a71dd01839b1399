#include "tools/helio-bench/report.h"

#include "tools/version/version.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace helio::bench {
namespace {

std::string number(double value) {
    char text[40];
    std::snprintf(text, sizeof(text), std::abs(value) >= 100 ? "%.0f" : "%.2f", value);
    return text;
}

std::string target(const Figure& figure) {
    if (figure.at_least) return "at least " + number(*figure.at_least);
    if (figure.at_most) return "at most " + number(*figure.at_most);
    return "";
}

}  // namespace

double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

void Report::add(Figure figure) {
    std::printf("%-62s %12s %-8s %-18s %s\n",
                figure.name.c_str(),
                number(figure.value).c_str(),
                figure.unit.c_str(),
                target(figure).c_str(),
                figure.missed() ? "MISSED" : "");
    std::fflush(stdout);
    figures_.push_back(std::move(figure));
}

std::string Report::to_json() const {
    std::string out = "{\"version\":\"" + std::string(version()) + "\",\"figures\":[";
    for (const Figure& figure : figures_) {
        if (&figure != &figures_.front()) out += ",";
        out += "\n{\"name\":\"" + figure.name + "\",\"value\":" + number(figure.value) +
               ",\"unit\":\"" + figure.unit + "\"";
        if (figure.at_least) out += ",\"at_least\":" + number(*figure.at_least);
        if (figure.at_most) out += ",\"at_most\":" + number(*figure.at_most);
        out += "}";
    }
    return out + "\n]}\n";
}

std::size_t Report::missed() const {
    return static_cast<std::size_t>(std::ranges::count_if(figures_, &Figure::missed));
}

}  // namespace helio::bench
