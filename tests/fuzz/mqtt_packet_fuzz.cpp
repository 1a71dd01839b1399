#include "bridge/mqtt/packet/packet.h"
#include "bridge/mqtt/packet/stream_decoder.h"
#include "tests/fuzz/property.h"

#include <algorithm>

using namespace helio;
using namespace helio::bridge::mqtt;

// What is read can be written, and what is written is read as the same: the second encoding equals
// the first.  (The first may be shorter than the input: an empty tail may be left out.)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const Version version = data[0] % 2 == 0 ? Version::v3_1_1 : Version::v5;
    const Frame frame{data[1], ByteView(data + 2, size - 2)};
    const auto packet = parse_packet(frame, version);
    if (!packet) {
        fuzz::require(is_error(packet.error()));
        return 0;
    }
    Bytes once;
    encode_packet(*packet, version, once);
    const auto found = next_frame(once, kMaxPacketBytes);
    fuzz::require(found && *found && (*found)->size == once.size());
    const auto again = parse_packet((*found)->frame, version);
    fuzz::require(again.has_value() && again->index() == packet->index());
    Bytes twice;
    encode_packet(*again, version, twice);
    fuzz::require(std::ranges::equal(once, twice));
    return 0;
}
