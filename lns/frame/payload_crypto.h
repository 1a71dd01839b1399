// The cipher of FRMPayload (TS001 §4.3.3) and, in 1.1 sessions, of FOpts: AES in a counter mode of
// LoRaWAN's own, so that encryption and decryption are the same operation.
//
// Keys: FPort 0 under NwkSKey (1.1: NwkSEncKey), other ports under AppSKey, FOpts under NwkSEncKey.
#pragma once

#include "crypto/aes.h"
#include "lns/frame/data_frame.h"

namespace helio::lns {

struct CipherInput {
    Direction direction = Direction::up;
    DevAddr dev_addr;
    FCnt32 fcnt;
};

// `in` and `out` have the same size, at most 255, and may be the same memory.
void crypt_frm_payload(const crypto::Key128& key,
                       const CipherInput& input,
                       ByteView in,
                       std::span<std::uint8_t> out);

// The plain FRMPayload of a frame whose session and full counter are known.
Bytes decrypt_frm_payload(const DataFrame& frame, FCnt32 fcnt, const crypto::Key128& key);

// Which counter a 1.1 FOpts block is made with: an uplink or a frame without an application port
// counts in NFCntDown, a downlink with one in AFCntDown.
enum class FOptsCounter : std::uint8_t { fcnt_up_or_nfcnt_down = 1, afcnt_down = 2 };

// At most 15 bytes, changed in place.
void crypt_fopts_1_1(const crypto::Key128& nwk_s_enc_key,
                     const CipherInput& input,
                     FOptsCounter counter,
                     std::span<std::uint8_t> fopts);

}  // namespace helio::lns
