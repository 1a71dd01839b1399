#include "lns/frame/join_request.h"

#include "lns/frame/mic.h"

#include <algorithm>

namespace helio::lns {
namespace {

constexpr std::size_t kSize = 23;

}  // namespace

Result<JoinRequest, FrameError> parse_join_request(ByteView phy) {
    const auto mtype = parse_mtype(phy);
    if (!mtype) return fail(mtype.error());
    if (*mtype != MType::join_request) return fail(FrameError::unexpected_mtype);
    if (phy.size() != kSize)
        return fail(phy.size() < kSize ? FrameError::too_short : FrameError::wrong_size);

    JoinRequest request{
        .join_eui = Eui64::from_little_endian(phy.subspan<1, 8>()),
        .dev_eui = Eui64::from_little_endian(phy.subspan<9, 8>()),
        .dev_nonce = {static_cast<std::uint16_t>(phy[17] | phy[18] << 8)},
        .signed_bytes = phy.first(kSize - kMicSize),
    };
    std::ranges::copy(phy.last<kMicSize>(), request.mic.begin());
    return request;
}

Bytes encode_join_request(Eui64 join_eui,
                          Eui64 dev_eui,
                          DevNonce dev_nonce,
                          const crypto::Key128& key) {
    const auto join = join_eui.little_endian();
    const auto dev = dev_eui.little_endian();
    Bytes phy;
    phy.reserve(kSize);
    phy.push_back(mhdr_of(MType::join_request));
    phy.insert(phy.end(), join.begin(), join.end());
    phy.insert(phy.end(), dev.begin(), dev.end());
    phy.push_back(static_cast<std::uint8_t>(dev_nonce.value));
    phy.push_back(static_cast<std::uint8_t>(dev_nonce.value >> 8));
    append_mic(plain_mic(key, phy), phy);
    return phy;
}

}  // namespace helio::lns
