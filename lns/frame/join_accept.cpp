#include "lns/frame/join_accept.h"

#include "crypto/cmac.h"
#include "crypto/lorawan_keys.h"
#include "lns/frame/mic.h"

#include <algorithm>
#include <cassert>

namespace helio::lns {
namespace {

constexpr std::size_t kShortSize = 17;
constexpr std::size_t kLongSize = kShortSize + kCFListSize;

void put_24(Bytes& out, std::uint32_t v) {
    out.push_back(static_cast<std::uint8_t>(v));
    out.push_back(static_cast<std::uint8_t>(v >> 8));
    out.push_back(static_cast<std::uint8_t>(v >> 16));
}

std::uint32_t get_24(const std::uint8_t* from) {
    return static_cast<std::uint32_t>(from[0] | from[1] << 8 | from[2] << 16);
}

Bytes encode_plain(const JoinAccept& accept) {
    assert(accept.rx1_dr_offset <= 7 && accept.rx2_data_rate <= 15 && accept.rx_delay_s <= 15);
    const auto addr = accept.dev_addr.wire();
    Bytes phy;
    phy.reserve(kLongSize);
    phy.push_back(mhdr_of(MType::join_accept));
    put_24(phy, accept.join_nonce.value());
    put_24(phy, accept.net_id.value());
    phy.insert(phy.end(), addr.begin(), addr.end());
    phy.push_back(static_cast<std::uint8_t>((accept.opt_neg ? 0x80 : 0) |
                                            accept.rx1_dr_offset << 4 | accept.rx2_data_rate));
    phy.push_back(accept.rx_delay_s);
    if (accept.cflist) phy.insert(phy.end(), accept.cflist->begin(), accept.cflist->end());
    return phy;
}

Bytes sign_and_encrypt(Bytes phy, const Mic& mic, const crypto::Key128& enc_key) {
    append_mic(mic, phy);
    crypto::encrypt_join_accept(enc_key, std::span(phy).subspan(1));
    return phy;
}

}  // namespace

Bytes encode_join_accept(const JoinAccept& accept, const crypto::Key128& key) {
    Bytes phy = encode_plain(accept);
    const Mic mic = plain_mic(key, phy);
    return sign_and_encrypt(std::move(phy), mic, key);
}

Bytes encode_join_accept_1_1(const JoinAccept& accept,
                             const JoinAcceptRequest& request,
                             const crypto::Key128& js_int_key,
                             const crypto::Key128& enc_key) {
    Bytes phy = encode_plain(accept);
    const Mic mic = join_accept_mic_1_1(js_int_key, request, phy);
    return sign_and_encrypt(std::move(phy), mic, enc_key);
}

Mic join_accept_mic_1_1(const crypto::Key128& js_int_key,
                        const JoinAcceptRequest& request,
                        ByteView plain) {
    const auto eui = request.join_eui.little_endian();
    std::array<std::uint8_t, 11> head{request.join_req_type};
    std::ranges::copy(eui, head.begin() + 1);
    head[9] = static_cast<std::uint8_t>(request.dev_nonce);
    head[10] = static_cast<std::uint8_t>(request.dev_nonce >> 8);
    const crypto::Block mac = crypto::aes_cmac(js_int_key, {head, plain});
    return {mac[0], mac[1], mac[2], mac[3]};
}

Result<OpenedJoinAccept, FrameError> open_join_accept(ByteView phy, const crypto::Key128& enc_key) {
    const auto mtype = parse_mtype(phy);
    if (!mtype) return fail(mtype.error());
    if (*mtype != MType::join_accept) return fail(FrameError::unexpected_mtype);
    if (phy.size() < kShortSize) return fail(FrameError::too_short);
    if (phy.size() != kShortSize && phy.size() != kLongSize) return fail(FrameError::wrong_size);

    OpenedJoinAccept opened;
    Bytes& plain = opened.plain;
    plain.assign(phy.begin(), phy.end());
    crypto::decrypt_join_accept(enc_key, std::span(plain).subspan(1));

    opened.accept = {
        .join_nonce = JoinNonce::from_value(get_24(&plain[1])),
        .net_id = NetId::from_value(get_24(&plain[4])),
        .dev_addr = DevAddr::from_wire(std::span(plain).subspan<7, 4>()),
        .opt_neg = (plain[11] & 0x80) != 0,
        .rx1_dr_offset = static_cast<std::uint8_t>(plain[11] >> 4 & 0x07),
        .rx2_data_rate = static_cast<std::uint8_t>(plain[11] & 0x0f),
        .rx_delay_s = static_cast<std::uint8_t>(plain[12] & 0x0f),
    };
    if (plain.size() == kLongSize) {
        opened.accept.cflist.emplace();
        std::copy_n(plain.begin() + 13, kCFListSize, opened.accept.cflist->begin());
    }
    std::copy_n(plain.end() - kMicSize, kMicSize, opened.mic.begin());
    plain.resize(plain.size() - kMicSize);
    return opened;
}

}  // namespace helio::lns
