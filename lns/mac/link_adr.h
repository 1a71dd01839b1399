// LinkADRReq / LinkADRAns: data rate, power, repetitions and the channels that are on (TS001 §5.3).
//
//   Req:  | 4 bits: data rate | 4 bits: TXPower | 2 bytes: ChMask |
//         | 1 bit: RFU | 3 bits: ChMaskCntl | 4 bits: NbTrans |
//   Ans:  | 5 bits: RFU | PowerACK | DataRateACK | ChannelMaskACK |
//
// Several requests in a row are one block: a device applies all of it or nothing (from 1.0.2 on),
// and data rate, power and repetitions of the last one count.  Before, each stood alone.
#pragma once

#include "lns/mac/family.h"

#include <array>

namespace helio::lns::mac {

inline constexpr std::uint8_t kKeep = 0x0f;  // data rate or power stay (1.0.4 on; reserved before)

struct LinkAdrReq {
    std::uint8_t data_rate = 0;
    std::uint8_t tx_power_index = 0;
    std::uint16_t ch_mask = 0;
    std::uint8_t ch_mask_control = 0;
    std::uint8_t nb_trans = 1;
    friend bool operator==(const LinkAdrReq&, const LinkAdrReq&) = default;
};
std::array<std::uint8_t, 4> encode(const LinkAdrReq& req);
LinkAdrReq parse_link_adr_req(std::span<const std::uint8_t, 4> payload);

struct LinkAdrAns {
    bool channel_mask_ack = false;
    bool data_rate_ack = false;
    bool power_ack = false;
    bool accepted() const { return channel_mask_ack && data_rate_ack && power_ack; }
    friend bool operator==(const LinkAdrAns&, const LinkAdrAns&) = default;
};
std::array<std::uint8_t, 1> encode(const LinkAdrAns& ans);
LinkAdrAns parse_link_adr_ans(std::span<const std::uint8_t, 1> payload);

// The shortest block of masks that takes a device from one set of channels to another; never empty.
struct ChMask {
    std::uint8_t control = 0;
    std::uint16_t mask = 0;
    friend bool operator==(const ChMask&, const ChMask&) = default;
};
std::vector<ChMask> plan_ch_masks(const Region& region,
                                  const ChannelSet& from,
                                  const ChannelSet& to,
                                  const ChannelSet& defined);

void plan_link_adr(const PlanInput& in, RequestWriter& out);
void apply_link_adr(AnswerContext& context, const Answered& answered);

}  // namespace helio::lns::mac
