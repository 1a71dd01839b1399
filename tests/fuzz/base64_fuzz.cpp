#include "base/base64.h"
#include "tests/fuzz/property.h"

#include <algorithm>
#include <array>

using namespace helio;

// Bytes survive the way there and back; a text that is read is, without its padding and in the
// standard alphabet, a beginning of what its bytes are written as, but for bits that no byte has.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView bytes(data, size);
    fuzz::require(std::ranges::equal(*from_base64(to_base64(bytes)), bytes));

    const auto read = from_base64(text_of(bytes));
    std::array<std::uint8_t, 64> buffer;
    const auto read_into = from_base64(text_of(bytes), buffer);
    fuzz::require(read_into.has_value() == (read && read->size() <= buffer.size()));
    if (read_into) fuzz::require(std::ranges::equal(std::span(buffer).first(*read_into), *read));
    if (!read) return 0;
    const std::string again = to_base64(*read);
    const std::size_t whole = read->size() / 3 * 4;
    for (std::size_t i = 0; i < whole; ++i) {
        const char c = static_cast<char>(data[i]);
        fuzz::require(again[i] == (c == '-' ? '+' : c == '_' ? '/' : c));
    }
    return 0;
}
