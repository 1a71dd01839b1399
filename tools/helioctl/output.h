// What helioctl prints: aligned columns for people, the server's JSON for programs.
#pragma once

#include <boost/json/fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace helio::ctl {

class Table {
  public:
    explicit Table(std::vector<std::string> head) { rows_.push_back(std::move(head)); }
    void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
    // Nothing but `empty` where there is no row.
    std::string text(std::string_view empty) const;

  private:
    std::vector<std::vector<std::string>> rows_;
};

// A member as people read it: texts bare, "-" where it is missing.  `path` is "LoRaWAN.DevEui".
std::string member(const boost::json::object& object, std::string_view path);

// "name: value" lines, nested objects indented.
std::string lines_of(const boost::json::object& object, int indent = 0);

// One event of GET /events as one line.
std::string event_line(const boost::json::object& event);

}  // namespace helio::ctl
