// The network's answer to a join-request (or, in 1.1, to a rejoin-request).
//
//   +------+-----------+-------+---------+------------+---------+---------+-----+
//   |  1   |     3     |   3   |    4    |     1      |    1    | 0 or 16 |  4  |  little-endian
//   +------+-----------+-------+---------+------------+---------+---------+-----+
//   | MHDR | JoinNonce | NetID | DevAddr | DLSettings | RxDelay | CFList  | MIC |   (TS001 §6.2.5)
//   +------+-----------+-------+---------+------------+---------+---------+-----+
//          '------------------- encrypted with the device's root key -----------'
//
// DLSettings: OptNeg (1 bit, a 1.1 network), RX1DROffset (3 bits), RX2 data rate (4 bits).
#pragma once

#include "base/eui64.h"
#include "crypto/aes.h"
#include "lns/frame/cflist.h"
#include "lns/frame/dev_addr.h"
#include "lns/frame/net_id.h"
#include "lns/frame/nonces.h"
#include "lns/frame/phy.h"

namespace helio::lns {

struct JoinAccept {
    JoinNonce join_nonce;
    NetId net_id;
    DevAddr dev_addr;
    bool opt_neg = false;
    std::uint8_t rx1_dr_offset = 0;  // 0..7
    std::uint8_t rx2_data_rate = 0;  // 0..15
    std::uint8_t rx_delay_s = 1;     // 0..15; 0 means 1 to the device
    std::optional<std::array<std::uint8_t, kCFListSize>> cflist;
    friend bool operator==(const JoinAccept&, const JoinAccept&) = default;
};

// What a 1.1 join-accept's MIC covers before its own bytes.
struct JoinAcceptRequest {
    std::uint8_t join_req_type = 0xff;  // 0xff join-request; 0, 1, 2 rejoin-requests
    Eui64 join_eui;
    std::uint16_t dev_nonce = 0;  // of the join-request, or the rejoin counter
};

// 1.0: `key` is the AppKey (a 1.1 device's NwkKey), which signs and encrypts.
Bytes encode_join_accept(const JoinAccept& accept, const crypto::Key128& key);

// 1.1: JSIntKey signs; NwkKey encrypts the answer to a join-request, JSEncKey that to a rejoin.
Bytes encode_join_accept_1_1(const JoinAccept& accept,
                             const JoinAcceptRequest& request,
                             const crypto::Key128& js_int_key,
                             const crypto::Key128& enc_key);

// The device's side: decrypts and takes apart.  `plain` is what the MIC is checked over.
struct OpenedJoinAccept {
    JoinAccept accept;
    Mic mic{};
    Bytes plain;  // MHDR and the decrypted body, without the MIC
};
Result<OpenedJoinAccept, FrameError> open_join_accept(ByteView phy, const crypto::Key128& enc_key);

// The MIC that `plain` must have in 1.1; in 1.0 it is plain_mic(AppKey, plain).
Mic join_accept_mic_1_1(const crypto::Key128& js_int_key,
                        const JoinAcceptRequest& request,
                        ByteView plain);

}  // namespace helio::lns
