// JSON of tokens and of people that must not be read in two ways: an object without duplicate
// members (RFC 7515 §4), not nested deeply, not large.
//
// Base64url is read strictly, too: no padding, no foreign character, no bits left over.
#pragma once

#include "base/bytes.h"

#include <boost/json/object.hpp>
#include <optional>
#include <string_view>

namespace helio::crypto::jwt {

struct JsonLimits {
    std::size_t bytes = 64u << 10;
    std::size_t depth = 16;
    std::size_t values = 10'000;  // members and elements together
};

// Absent where `text` is no JSON object or breaks a limit.
std::optional<boost::json::object> parse_strict_object(std::string_view text,
                                                       const JsonLimits& limits = {});

std::optional<Bytes> from_base64url(std::string_view text);

}  // namespace helio::crypto::jwt
