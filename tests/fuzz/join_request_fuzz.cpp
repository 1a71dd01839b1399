#include "lns/frame/join_accept.h"
#include "lns/frame/join_request.h"
#include "lns/frame/mic.h"
#include "tests/fuzz/property.h"

#include <algorithm>

using namespace helio;

// A join-request that parses is made again of its fields; a join-accept that opens is made again of
// its fields, but for its reserved bits and a MIC that is not ours.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView phy(data, size);
    const crypto::Key128 key{{1, 2, 3}};
    if (const auto request = lns::parse_join_request(phy)) {
        const Bytes again =
            lns::encode_join_request(request->join_eui, request->dev_eui, request->dev_nonce, key);
        fuzz::require(std::ranges::equal(ByteView(again).subspan(1, 18), phy.subspan(1, 18)));
        fuzz::require(request->signed_bytes.size() + lns::kMicSize == size);
    }
    if (const auto opened = lns::open_join_accept(phy, key)) {
        const Bytes again = lns::encode_join_accept(opened->accept, key);
        const auto reopened = lns::open_join_accept(again, key);
        fuzz::require(reopened && reopened->accept == opened->accept && again.size() == size);
    }
    return 0;
}
