#include "bridge/rules/sql/time_zone.h"

#include "base/big_endian.h"

#include <algorithm>
#include <fstream>

namespace helio::bridge::rules::sql {
namespace {

constexpr std::size_t kMaxKnown = 700;  // more than there are
constexpr std::size_t kMaxFile = 64u << 10;

// Takes what is left of the file piece by piece; empty for more than there is.
ByteView take(ByteView& left, std::size_t size) {
    if (left.size() < size) return {};
    const ByteView piece = left.first(size);
    left = left.subspan(size);
    return piece;
}

// "TZif", version, 15 unused bytes, and how much of everything follows.
struct Header {
    std::uint32_t ut_marks, standard_marks, leaps, changes, periods, characters;
};
std::optional<Header> take_header(ByteView& left) {
    constexpr std::size_t kSize = 44;
    constexpr std::size_t kCounts = 20;
    const ByteView bytes = take(left, kSize);
    if (bytes.empty() || text_of(bytes.first(4)) != "TZif" || bytes[4] < '2') return std::nullopt;
    const auto count = [&](std::size_t i) {
        return load_big_endian<std::uint32_t>(bytes.data() + kCounts + 4 * i);
    };
    const Header header{count(0), count(1), count(2), count(3), count(4), count(5)};
    const std::size_t all = std::size_t{header.ut_marks} + header.standard_marks + header.leaps +
                            header.changes + header.periods + header.characters;
    if (all > kMaxFile || header.periods == 0 || header.periods > 256) return std::nullopt;
    return header;
}

// Of the block of version 1, whose times have four bytes.
std::size_t size_of_old_block(const Header& h) {
    return h.changes * 5 + h.periods * 6 + h.characters + h.leaps * 8 + h.standard_marks +
           h.ut_marks;
}

// Names come from statements and messages, and must stay in the folder.
bool is_name(std::string_view name) {
    if (name.empty() || name.size() > 64 || name.front() == '/') return false;
    return std::ranges::all_of(name, [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               c == '/' || c == '_' || c == '-' || c == '+';
    });
}

}  // namespace

std::optional<TimeZone> TimeZone::parse(ByteView left) {
    const auto old = take_header(left);
    if (!old || left.size() < size_of_old_block(*old)) return std::nullopt;
    left = left.subspan(size_of_old_block(*old));
    const auto header = take_header(left);
    if (!header) return std::nullopt;
    const std::size_t changes = header->changes;
    if (left.size() < changes * 9 + header->periods * 6 + header->characters) return std::nullopt;
    TimeZone zone;
    for (std::size_t i = 0; i < changes; ++i) {
        zone.changes_.push_back(
            static_cast<std::int64_t>(load_big_endian<std::uint64_t>(left.data() + 8 * i)));
    }
    left = left.subspan(changes * 8);
    const ByteView after = left.first(changes);
    zone.period_after_.assign(after.begin(), after.end());
    left = left.subspan(changes);
    const ByteView periods = left.first(header->periods * 6);
    const std::string_view names = text_of(left.subspan(header->periods * 6, header->characters));
    for (std::size_t i = 0; i < header->periods; ++i) {
        const std::uint8_t* const row = periods.data() + 6 * i;
        const std::string_view name = names.substr(std::min<std::size_t>(row[5], names.size()));
        const auto offset = static_cast<std::int32_t>(load_big_endian<std::uint32_t>(row));
        zone.periods_.push_back(
            {std::chrono::seconds(offset), std::string(name.substr(0, name.find('\0')))});
    }
    const bool known = std::ranges::all_of(
        zone.period_after_, [&](std::uint8_t period) { return period < zone.periods_.size(); });
    if (!known || !std::ranges::is_sorted(zone.changes_)) return std::nullopt;
    return zone;
}

const TimeZone::Period& TimeZone::at(Instant at) const {
    const std::int64_t seconds =
        std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
    const auto next = std::ranges::upper_bound(changes_, seconds);
    if (next == changes_.begin()) return periods_.front();
    return periods_[period_after_[static_cast<std::size_t>(next - changes_.begin()) - 1]];
}

std::chrono::seconds TimeZone::offset_of_local(Instant local) const {
    const auto before = at(local - std::chrono::days(1)).offset;
    const auto after = at(local + std::chrono::days(1)).offset;
    const auto fits = [&](std::chrono::seconds offset) {
        return at(local - offset).offset == offset;
    };
    return !fits(before) && fits(after) ? after : before;
}

const TimeZone* TimeZones::find(std::string_view name) {
    if (!is_name(name)) return nullptr;
    if (const auto found = known_.find(name); found != known_.end()) return found->second.get();
    std::ifstream file(folder_ + "/" + std::string(name), std::ios::binary);
    Bytes bytes(kMaxFile);
    file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(file.gcount()));
    auto zone = TimeZone::parse(bytes);
    // What is no zone is forgotten at once: names may come from messages.
    if (!zone || known_.size() >= kMaxKnown) return nullptr;
    return known_.emplace(name, std::make_unique<const TimeZone>(std::move(*zone)))
        .first->second.get();
}

}  // namespace helio::bridge::rules::sql
