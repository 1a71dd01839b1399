#include "lns/frame/data_frame.h"
#include "lns/frame/mic.h"
#include "tests/fuzz/property.h"

#include <algorithm>

using namespace helio;

// Whatever parses is encoded to the same bytes again: nothing is lost and nothing read twice.  (RFU
// bits are lost on purpose: of the MHDR, and bit 6 of a downlink's FCtrl.)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto frame = lns::parse_data_frame(ByteView(data, size));
    if (!frame) return 0;
    Bytes again;
    lns::encode_unsigned(*frame, again);
    lns::append_mic(frame->mic, again);
    again[0] |= data[0] & 0x1c;
    if (frame->direction == lns::Direction::down) again[5] |= data[5] & 0x40;
    fuzz::require(std::ranges::equal(again, ByteView(data, size)));
    return 0;
}
