// Events of one commit as a row of the event log: a few KB of them share a row, because a commit to
// the disk costs the pages it touches and not the bytes.
//
//   key   | position : 8 | index of the first event : 4 |
//   value | number of events : 4 | then, for each: | size : 4 | bytes |      all big-endian
#pragma once

#include "base/big_endian.h"
#include "base/store/commit_log.h"

#include <cstring>

namespace helio::store::event_row {

inline constexpr std::size_t kHeaderSize = 4;
inline constexpr std::size_t kKeySize = 12;
// A row ends here unless one event is larger.
inline constexpr std::size_t kTargetSize = 16u << 10;

constexpr std::size_t size_with(std::size_t event_size) { return 4 + event_size; }

inline std::array<std::uint8_t, kKeySize> key(Sequence first) {
    std::array<std::uint8_t, kKeySize> out;
    store_big_endian(out.data(), first.position);
    store_big_endian(out.data() + 8, first.index);
    return out;
}
// Absent where it is no key of this table.
inline std::optional<Sequence> parse_key(ByteView key) {
    if (key.size() != kKeySize) return std::nullopt;
    return Sequence{load_big_endian<std::uint64_t>(key.data()),
                    load_big_endian<std::uint32_t>(key.data() + 8)};
}

inline void set_count(std::uint8_t* row, std::uint32_t count) { store_big_endian(row, count); }

// Where the bytes of the new event go.
inline std::uint8_t* append(std::uint8_t* row,
                            std::size_t row_size,
                            std::uint32_t new_count,
                            std::size_t event_size) {
    set_count(row, new_count);
    store_big_endian(row + row_size, static_cast<std::uint32_t>(event_size));
    return row + row_size + 4;
}

// Walks the events of a row; a damaged row ends early.
class Reader {
  public:
    explicit Reader(ByteView row) : left_(row) {
        if (row.size() < kHeaderSize) return;
        count_ = load_big_endian<std::uint32_t>(row.data());
        left_ = row.subspan(kHeaderSize);
    }
    std::uint32_t count() const { return count_; }
    std::optional<ByteView> next() {
        if (left_.size() < 4) return std::nullopt;
        const auto size = load_big_endian<std::uint32_t>(left_.data());
        if (left_.size() - 4 < size) return std::nullopt;
        const ByteView event = left_.subspan(4, size);
        left_ = left_.subspan(4 + size);
        return event;
    }

  private:
    ByteView left_;
    std::uint32_t count_ = 0;
};

}  // namespace helio::store::event_row
