// Message integrity codes of all frames: the first four bytes of a CMAC (TS001 §4.4, §6.2).
//
// The full 32-bit counter goes in, so that a replayed or missed epoch of the 16 bits on the air
// gives another MIC.  Compare with mics_equal(), never with ==: it takes the same time for every
// wrong MIC.
#pragma once

#include "crypto/cmac.h"
#include "lns/frame/data_frame.h"

namespace helio::lns {

// What block B0 says of a data frame beside its bytes.
struct MicInput {
    Direction direction = Direction::up;
    DevAddr dev_addr;
    FCnt32 fcnt;
    // 1.1 only, and only in a frame whose ACK bit is set: the counter, modulo 2^16, of the
    // confirmed frame that is acknowledged.  0 otherwise.
    std::uint16_t conf_fcnt = 0;
};

// 1.0 up and down under NwkSKey; 1.1 down under SNwkSIntKey, with conf_fcnt.
Mic data_mic(const crypto::Key128& key, const MicInput& input, ByteView signed_bytes);

// The MIC that a received 1.0 frame must carry if `fcnt` is its counter and `nwk_s_key` its key.
inline Mic data_mic_1_0(const DataFrame& frame, FCnt32 fcnt, const crypto::Key128& nwk_s_key) {
    return data_mic(nwk_s_key, {frame.direction, frame.dev_addr, fcnt}, frame.signed_bytes);
}

// A 1.1 uplink carries two halves under two keys: bytes 0..1 are made with SNwkSIntKey over B1, and
// bytes 2..3 with FNwkSIntKey over B0.  A server that does not know the channel for certain tests
// the second half first: it is bytes 0..1 of data_mic() with conf_fcnt 0.
struct UplinkMicKeys {
    const crypto::Key128& f_nwk_s_int_key;
    const crypto::Key128& s_nwk_s_int_key;
};
Mic uplink_mic_1_1(const UplinkMicKeys& keys,
                   const MicInput& input,
                   std::uint8_t tx_data_rate,
                   std::uint8_t tx_channel,
                   ByteView signed_bytes);

// Join-requests and 1.0 join-accepts under AppKey, rejoin-requests under their own keys: the CMAC
// of the plain bytes before the MIC.
Mic plain_mic(const crypto::Key128& key, ByteView signed_bytes);

bool mics_equal(const Mic& a, const Mic& b);

// Signs what encode_unsigned() wrote: appends the MIC.
void append_mic(const Mic& mic, Bytes& phy);

}  // namespace helio::lns
