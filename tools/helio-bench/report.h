// What was measured: a table for people, JSON for programs.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace helio::bench {

struct Figure {
    std::string name;
    double value;
    std::string unit;
    std::optional<double> at_least;  // the target, in one direction or the other
    std::optional<double> at_most;
    bool missed() const { return (at_least && value < *at_least) || (at_most && value > *at_most); }
};

double median(std::vector<double> values);

class Report {
  public:
    // Also prints it at once.
    void add(Figure figure);
    std::string to_json() const;
    std::size_t missed() const;

  private:
    std::vector<Figure> figures_;
};

}  // namespace helio::bench
