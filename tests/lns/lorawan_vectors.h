// The types of lns/frame, read from a test vector.
#pragma once

#include "crypto/aes.h"
#include "lns/frame/data_frame.h"
#include "tests/support/vectors.h"

namespace helio::lns::test {

using helio::test::Vector;
using helio::test::vectors_of;

inline crypto::Key128 key_of(const Vector& v, const char* name) {
    return crypto::Key128::from_bytes(v.hex(name)).value();
}
inline DevAddr dev_addr_of(const Vector& v) {
    return DevAddr::from_value(static_cast<std::uint32_t>(v.big("DevAddr")));
}
inline Direction direction_of(const Vector& v) {
    return v.text("direction") == "uplink" ? Direction::up : Direction::down;
}
inline Mic mic_of(const Vector& v) {
    Mic mic;
    const Bytes bytes = v.hex("MIC");
    std::copy_n(bytes.begin(), kMicSize, mic.begin());
    return mic;
}

}  // namespace helio::lns::test
