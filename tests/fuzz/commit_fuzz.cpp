#include "base/store/commit.h"
#include "tests/fuzz/property.h"

#include <algorithm>

using namespace helio;

// Whatever parses is encoded to the same bytes again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto commit = store::parse_commit(ByteView(data, size));
    if (!commit) return 0;
    fuzz::require(std::ranges::equal(store::encode_commit(*commit), ByteView(data, size)));
    return 0;
}
