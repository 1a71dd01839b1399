#include "base/bytes.h"
#include "base/time.h"
#include "tests/fuzz/property.h"

using namespace helio;

// A time that is read is written in the one spelling, and that is read as the same time.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto at = from_rfc3339(text_of(ByteView(data, size)));
    constexpr Instant kEnd = from_unix_us(253'402'300'800'000'000);
    if (!at || *at < Instant{} || *at >= kEnd) return 0;  // an offset led out of what is read
    fuzz::require(from_rfc3339(to_rfc3339(*at)) == at);
    return 0;
}
