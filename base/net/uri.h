// Percent-encoding and query strings (RFC 3986), in the forms that paths, forms and signatures
// need.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace helio::net {

enum class Plus : std::uint8_t { is_plus, is_space };  // what '+' means: in a path, in a query

// Absent where '%' is not followed by two hexadecimal digits.
std::optional<std::string> percent_decode(std::string_view text, Plus plus = Plus::is_plus);

// All but letters, digits and "-._~" (what AWS calls UriEncode) and the characters of `keep`.
std::string percent_encode(std::string_view text, std::string_view keep = {});

struct QueryParameter {
    std::string name;
    std::string value;  // empty, too, where there is no '='
    friend bool operator==(const QueryParameter&, const QueryParameter&) = default;
};

// In order, decoded; absent where a percent-encoding is broken.  "a=1&&b" has a and b.
std::optional<std::vector<QueryParameter>> parse_query(std::string_view query);

}  // namespace helio::net
