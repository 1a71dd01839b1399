// Which paths rules may write to: relative ones of plain names, because parts of them come from
// topics and payloads, which strangers write.
#pragma once

#include <string_view>

namespace helio::bridge::rules {

// Up to 16 names joined by '/': no "..", no hidden names, no control characters, no backslash.
bool is_safe_relative_path(std::string_view path);

}  // namespace helio::bridge::rules
