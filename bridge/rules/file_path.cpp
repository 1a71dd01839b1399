#include "bridge/rules/file_path.h"

#include <algorithm>

namespace helio::bridge::rules {
namespace {

constexpr std::size_t kMaxNames = 16;
constexpr std::size_t kMaxName = 255;

bool is_safe_name(std::string_view name) {
    if (name.empty() || name.size() > kMaxName || name.front() == '.') return false;
    return std::ranges::none_of(name,
                                [](unsigned char c) { return c < 0x20 || c == 0x7f || c == '\\'; });
}

}  // namespace

bool is_safe_relative_path(std::string_view path) {
    for (std::size_t names = 1; names <= kMaxNames; ++names) {
        const std::size_t slash = path.find('/');
        if (!is_safe_name(path.substr(0, slash))) return false;
        if (slash == path.npos) return true;
        path.remove_prefix(slash + 1);
    }
    return false;
}

}  // namespace helio::bridge::rules
