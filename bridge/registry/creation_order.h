// The rows of a table in the order of their creation, so that a list of them is read page by page:
// in memory by time and name, the rows themselves stay in the store.
//
// A page goes on after a place, not after a row: the row may be gone by then.
#pragma once

#include "bridge/registry/keys.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace helio::bridge::registry {

struct CreationPlace {
    std::int64_t created_at_us = 0;
    std::string name;
    friend auto operator<=>(const CreationPlace&, const CreationPlace&) = default;
};

template <class Row>
struct CreationPage {
    std::vector<Row> rows;
    std::optional<CreationPlace> next;  // where there are more: to go on after
};

class CreationOrder {
  public:
    void add(CreationPlace place) { places_.insert(std::move(place)); }
    void remove(const CreationPlace& place) { places_.erase(place); }
    std::size_t size() const { return places_.size(); }

    // `get(name)` answers an optional row: absent where it is not wanted.
    template <class Get>
    auto page(Direction direction,
              const std::optional<CreationPlace>& after,
              std::size_t count,
              const Get& get) const {
        using Row = typename decltype(get(std::string()))::value_type;
        CreationPage<Row> out;
        std::optional<CreationPlace> last;
        const auto take = [&](const CreationPlace& place) {
            auto row = get(place.name);
            if (!row) return true;
            if (out.rows.size() == count) {
                out.next = last;
                return false;
            }
            out.rows.push_back(*std::move(row));
            last = place;
            return true;
        };
        if (direction == Direction::oldest_first) {
            auto at = after ? places_.upper_bound(*after) : places_.begin();
            while (at != places_.end() && take(*at)) ++at;
        } else {
            auto at = after ? places_.lower_bound(*after) : places_.end();
            while (at != places_.begin() && take(*std::prev(at))) --at;
        }
        return out;
    }

  private:
    std::set<CreationPlace> places_;
};

}  // namespace helio::bridge::registry
