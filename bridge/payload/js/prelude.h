// The JavaScript that stands in every codec's global before the codec: console, Buffer, atob, btoa,
// and the functions by which the engine calls the codec.
#pragma once

#include <string_view>

namespace helio::bridge::payload::js {

// An expression whose value is {decode, encode, check, authorize}.
std::string_view prelude();

}  // namespace helio::bridge::payload::js
