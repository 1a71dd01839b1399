#include "lns/frame/mic.h"

#include <algorithm>
#include <cassert>

namespace helio::lns {
namespace {

std::uint8_t byte(std::uint32_t v, int shift) { return static_cast<std::uint8_t>(v >> shift); }

Mic first_four(const crypto::Block& mac) { return {mac[0], mac[1], mac[2], mac[3]}; }

crypto::Block block_0(const MicInput& in, std::size_t size) {
    assert(size <= 0xff);
    const std::uint32_t f = in.fcnt.value;
    const auto a = in.dev_addr.wire();
    // clang-format off
    return {0x49,
            byte(in.conf_fcnt, 0), byte(in.conf_fcnt, 8), 0, 0,
            static_cast<std::uint8_t>(in.direction),
            a[0], a[1], a[2], a[3],
            byte(f, 0), byte(f, 8), byte(f, 16), byte(f, 24),
            0, static_cast<std::uint8_t>(size)};
    // clang-format on
}

}  // namespace

Mic data_mic(const crypto::Key128& key, const MicInput& input, ByteView signed_bytes) {
    const crypto::Block b0 = block_0(input, signed_bytes.size());
    return first_four(crypto::aes_cmac(key, {b0, signed_bytes}));
}

Mic uplink_mic_1_1(const UplinkMicKeys& keys,
                   const MicInput& input,
                   std::uint8_t tx_data_rate,
                   std::uint8_t tx_channel,
                   ByteView signed_bytes) {
    MicInput without_ack = input;
    without_ack.conf_fcnt = 0;
    const Mic f = data_mic(keys.f_nwk_s_int_key, without_ack, signed_bytes);

    crypto::Block b1 = block_0(input, signed_bytes.size());
    b1[3] = tx_data_rate;
    b1[4] = tx_channel;
    const crypto::Block s = crypto::aes_cmac(keys.s_nwk_s_int_key, {b1, signed_bytes});
    return {s[0], s[1], f[0], f[1]};
}

Mic plain_mic(const crypto::Key128& key, ByteView signed_bytes) {
    return first_four(crypto::aes_cmac(key, {signed_bytes}));
}

bool mics_equal(const Mic& a, const Mic& b) { return crypto::equal_in_constant_time(a, b); }

void append_mic(const Mic& mic, Bytes& phy) { phy.insert(phy.end(), mic.begin(), mic.end()); }

}  // namespace helio::lns
