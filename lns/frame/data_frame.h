// A LoRaWAN data frame, as it is on the air.
//
//   +------+---------+-------+------+---------+---------+------------+-----+
//   |  1   |    4    |   1   |  2   |  0..15  |  0..1   |   0..N     |  4  |  bytes, little-endian
//   +------+---------+-------+------+---------+---------+------------+-----+
//   | MHDR | DevAddr | FCtrl | FCnt |  FOpts  |  FPort  | FRMPayload | MIC |   (TS001 §4)
//   +------+---------+-------+------+---------+---------+------------+-----+
//
// parse_data_frame() checks every bound once; after it no accessor can fail.  The frame borrows the
// buffer it was parsed from.  FRMPayload, and FOpts of a 1.1 session, are still encrypted here: see
// payload_crypto.h.
#pragma once

#include "lns/frame/dev_addr.h"
#include "lns/frame/fcnt.h"
#include "lns/frame/phy.h"

#include <optional>

namespace helio::lns {

// Bytes that mean nothing without a key.
struct EncryptedPayload {
    ByteView bytes;
};

// FCtrl is read by direction: bit 6 is ADRACKReq up and RFU down, bit 4 is ClassB up and FPending
// down.
struct DataFrame {
    Direction direction = Direction::up;
    bool confirmed = false;
    DevAddr dev_addr;
    bool adr = false;
    bool adr_ack_req = false;  // up
    bool ack = false;
    bool class_b = false;   // up
    bool fpending = false;  // down
    FCnt16 fcnt;
    ByteView fopts;
    std::optional<std::uint8_t> fport;
    EncryptedPayload frm_payload;
    Mic mic{};
    ByteView signed_bytes;  // everything before the MIC: what the MIC covers
};

inline constexpr std::size_t kMaxFOpts = 15;
// MHDR, DevAddr, FCtrl, FCnt and MIC: the frame that carries nothing.
inline constexpr std::size_t kEmptyDataFrame = 12;

Result<DataFrame, FrameError> parse_data_frame(ByteView phy);

// The frame without its MIC, which is made over exactly these bytes; `mic` and `signed_bytes` are
// not looked at.  FOpts fit 15 bytes and are empty where FPort is 0; a payload needs an FPort.
void encode_unsigned(const DataFrame& frame, Bytes& out);

}  // namespace helio::lns
