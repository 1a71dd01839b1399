// A device's request to join.
//
//   +------+---------+--------+----------+-----+
//   |  1   |    8    |   8    |    2     |  4  |  bytes, little-endian
//   +------+---------+--------+----------+-----+
//   | MHDR | JoinEUI | DevEUI | DevNonce | MIC |   (TS001 §6.2.4; JoinEUI was AppEUI before 1.1)
//   +------+---------+--------+----------+-----+
//
// Nothing in it can be believed before its MIC has been checked: plain_mic(AppKey, signed_bytes).
#pragma once

#include "base/eui64.h"
#include "crypto/aes.h"
#include "lns/frame/nonces.h"
#include "lns/frame/phy.h"

namespace helio::lns {

struct JoinRequest {
    Eui64 join_eui;
    Eui64 dev_eui;
    DevNonce dev_nonce;
    Mic mic{};
    ByteView signed_bytes;  // borrowed from the buffer that was parsed
};

Result<JoinRequest, FrameError> parse_join_request(ByteView phy);

// Signed with the device's AppKey (1.1: NwkKey); what a device sends.
Bytes encode_join_request(Eui64 join_eui,
                          Eui64 dev_eui,
                          DevNonce dev_nonce,
                          const crypto::Key128& key);

}  // namespace helio::lns
