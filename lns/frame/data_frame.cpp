#include "lns/frame/data_frame.h"

#include <algorithm>
#include <cassert>

namespace helio::lns {
namespace {

constexpr std::size_t kMhdrSize = 1;
constexpr std::size_t kFixedFhdrSize = 7;  // DevAddr + FCtrl + FCnt

constexpr std::uint8_t kAdr = 0x80;
constexpr std::uint8_t kAdrAckReq = 0x40;
constexpr std::uint8_t kAck = 0x20;
constexpr std::uint8_t kClassBOrFPending = 0x10;

constexpr MType mtype_of(const DataFrame& frame) {
    if (frame.direction == Direction::up)
        return frame.confirmed ? MType::confirmed_up : MType::unconfirmed_up;
    return frame.confirmed ? MType::confirmed_down : MType::unconfirmed_down;
}

}  // namespace

Result<DataFrame, FrameError> parse_data_frame(ByteView phy) {
    const auto mtype = parse_mtype(phy);
    if (!mtype) return fail(mtype.error());
    if (*mtype < MType::unconfirmed_up || *mtype > MType::confirmed_down)
        return fail(FrameError::unexpected_mtype);
    if (phy.size() < kEmptyDataFrame) return fail(FrameError::too_short);

    const std::uint8_t fctrl = phy[5];
    const std::size_t fopts_size = fctrl & 0x0f;
    const ByteView signed_bytes = phy.first(phy.size() - kMicSize);
    const ByteView after_fixed = signed_bytes.subspan(kMhdrSize + kFixedFhdrSize);
    if (fopts_size > after_fixed.size()) return fail(FrameError::truncated_fopts);

    std::optional<std::uint8_t> fport;
    ByteView frm_payload = after_fixed.subspan(fopts_size);
    if (!frm_payload.empty()) {
        fport = frm_payload.front();
        frm_payload = frm_payload.subspan(1);
    }
    if (fport == 0 && fopts_size > 0) return fail(FrameError::fopts_with_port_zero);

    const bool up = *mtype == MType::unconfirmed_up || *mtype == MType::confirmed_up;
    DataFrame frame{
        .direction = up ? Direction::up : Direction::down,
        .confirmed = *mtype >= MType::confirmed_up,
        .dev_addr = DevAddr::from_wire(phy.subspan<1, 4>()),
        .adr = (fctrl & kAdr) != 0,
        .adr_ack_req = up && (fctrl & kAdrAckReq) != 0,
        .ack = (fctrl & kAck) != 0,
        .class_b = up && (fctrl & kClassBOrFPending) != 0,
        .fpending = !up && (fctrl & kClassBOrFPending) != 0,
        .fcnt = {static_cast<std::uint16_t>(phy[6] | phy[7] << 8)},
        .fopts = after_fixed.first(fopts_size),
        .fport = fport,
        .frm_payload = {frm_payload},
        .signed_bytes = signed_bytes,
    };
    std::ranges::copy(phy.last<kMicSize>(), frame.mic.begin());
    return frame;
}

void encode_unsigned(const DataFrame& frame, Bytes& out) {
    assert(frame.fopts.size() <= kMaxFOpts);
    assert(frame.fopts.empty() || frame.fport != 0);
    assert(frame.frm_payload.bytes.empty() || frame.fport);

    const bool bit4 = frame.direction == Direction::up ? frame.class_b : frame.fpending;
    const auto fctrl = static_cast<std::uint8_t>(
        (frame.adr ? kAdr : 0) | (frame.adr_ack_req ? kAdrAckReq : 0) | (frame.ack ? kAck : 0) |
        (bit4 ? kClassBOrFPending : 0) | static_cast<int>(frame.fopts.size()));
    const auto addr = frame.dev_addr.wire();

    out.clear();
    out.reserve(kEmptyDataFrame + frame.fopts.size() + 1 + frame.frm_payload.bytes.size());
    out.push_back(mhdr_of(mtype_of(frame)));
    out.insert(out.end(), addr.begin(), addr.end());
    out.push_back(fctrl);
    out.push_back(static_cast<std::uint8_t>(frame.fcnt.value));
    out.push_back(static_cast<std::uint8_t>(frame.fcnt.value >> 8));
    out.insert(out.end(), frame.fopts.begin(), frame.fopts.end());
    if (frame.fport) out.push_back(*frame.fport);
    out.insert(out.end(), frame.frm_payload.bytes.begin(), frame.frm_payload.bytes.end());
}

}  // namespace helio::lns
