#include "lns/mac/link_adr.h"

#include <algorithm>

namespace helio::lns::mac {
namespace {

using Kind = ChMaskControl::Kind;

// The groups of sixteen in which `state` and `to` still differ.
std::vector<ChMask> differing_groups(const Region& region,
                                     const ChannelSet& state,
                                     const ChannelSet& to) {
    std::vector<ChMask> out;
    for (std::uint8_t control = 0; control < region.ch_mask_control.size(); ++control) {
        const ChMaskControl rule = region.ch_mask_control[control];
        if (rule.kind != Kind::sixteen) continue;
        const std::uint16_t mask = mask_of(to, rule.first_channel);
        if (mask != mask_of(state, rule.first_channel)) out.push_back({control, mask});
    }
    return out;
}

// A mask that changes nothing, for a request that is about something else.  It names channels that
// are on, because some devices refuse a mask without any.
ChMask unchanged(const Region& region, const ChannelSet& on) {
    for (std::uint8_t control = 0; control < region.ch_mask_control.size(); ++control) {
        const ChMaskControl rule = region.ch_mask_control[control];
        if (rule.kind != Kind::sixteen) continue;
        const std::uint16_t mask = mask_of(on, rule.first_channel);
        if (mask != 0) return {control, mask};
    }
    return {};
}

std::uint16_t digest_of(const ChannelSet& set) { return Refusals::digest(bytes_of(to_bytes(set))); }

std::uint16_t digest_of_block(std::span<const ByteView> requests) {
    Bytes all;
    for (const ByteView payload : requests) all.insert(all.end(), payload.begin(), payload.end());
    return Refusals::digest(all);
}

// What a device makes of a block; absent where the masks are none of this region.
std::optional<ChannelSet> channels_after(const Region& region,
                                         const Parameters& current,
                                         std::span<const ByteView> requests) {
    const ChannelSet defined = defined_channels(region, current);
    ChannelSet on = current.enabled;
    for (const ByteView payload : requests) {
        const LinkAdrReq req = parse_link_adr_req(payload.first<4>());
        const auto after = apply_ch_mask(region, req.ch_mask_control, req.ch_mask, on, defined);
        if (!after) return std::nullopt;
        on = *after;
    }
    return on;
}

void apply_block(AnswerContext& context, std::span<const ByteView> requests, LinkAdrAns ans) {
    Parameters& current = context.current;
    const LinkAdrReq last = parse_link_adr_req(requests.back().first<4>());
    const auto on = channels_after(context.region, current, requests);
    if (ans.accepted()) {
        if (last.data_rate != kKeep) current.data_rate = last.data_rate;
        if (last.tx_power_index != kKeep) current.tx_power_index = last.tx_power_index;
        current.nb_trans = last.nb_trans;
        if (on) current.enabled = *on;
        return;
    }
    const auto changes = [](std::uint8_t asked, std::uint8_t now) {
        return asked != kKeep && asked != now;
    };
    // A data rate refused together with the mask may be refused because of it: blame the mask only.
    if (!ans.channel_mask_ack) {
        if (on && *on != current.enabled) context.refused.add(Refusals::kChannels, digest_of(*on));
    } else if (!ans.data_rate_ack && changes(last.data_rate, current.data_rate)) {
        context.refused.add(Refusals::kDataRate, last.data_rate);
    }
    if (!ans.power_ack && changes(last.tx_power_index, current.tx_power_index))
        context.refused.add(Refusals::kTxPower, last.tx_power_index);
    context.refused.add(static_cast<std::uint16_t>(Cid::link_adr), digest_of_block(requests));
}

}  // namespace

std::array<std::uint8_t, 4> encode(const LinkAdrReq& req) {
    return {static_cast<std::uint8_t>(req.data_rate << 4 | (req.tx_power_index & 0x0f)),
            static_cast<std::uint8_t>(req.ch_mask),
            static_cast<std::uint8_t>(req.ch_mask >> 8),
            static_cast<std::uint8_t>((req.ch_mask_control & 0x07) << 4 | (req.nb_trans & 0x0f))};
}

LinkAdrReq parse_link_adr_req(std::span<const std::uint8_t, 4> p) {
    return {static_cast<std::uint8_t>(p[0] >> 4),
            static_cast<std::uint8_t>(p[0] & 0x0f),
            static_cast<std::uint16_t>(p[1] | p[2] << 8),
            static_cast<std::uint8_t>(p[3] >> 4 & 0x07),
            static_cast<std::uint8_t>(p[3] & 0x0f)};
}

std::array<std::uint8_t, 1> encode(const LinkAdrAns& ans) {
    return {static_cast<std::uint8_t>((ans.channel_mask_ack ? 1 : 0) | (ans.data_rate_ack ? 2 : 0) |
                                      (ans.power_ack ? 4 : 0))};
}

LinkAdrAns parse_link_adr_ans(std::span<const std::uint8_t, 1> p) {
    return {(p[0] & 1) != 0, (p[0] & 2) != 0, (p[0] & 4) != 0};
}

std::vector<ChMask> plan_ch_masks(const Region& region,
                                  const ChannelSet& from,
                                  const ChannelSet& to,
                                  const ChannelSet& defined) {
    if (from == to) return {unchanged(region, to)};
    // Group by group, or after a control value that sets many at once.  Banks are left alone:
    // devices disagree on whether they switch the 500 kHz channel too.
    std::vector<ChMask> best = differing_groups(region, from, to);
    for (std::uint8_t control = 0; control < region.ch_mask_control.size(); ++control) {
        const ChMaskControl rule = region.ch_mask_control[control];
        if (rule.kind == Kind::rfu || rule.kind == Kind::sixteen || rule.kind == Kind::banks)
            continue;
        const std::uint16_t mask =
            rule.kind == Kind::all_on ? std::uint16_t{0} : mask_of(to, rule.first_channel);
        const auto state = apply_ch_mask(region, control, mask, from, defined);
        if (!state) continue;
        std::vector<ChMask> block = {{control, mask}};
        for (const ChMask& group : differing_groups(region, *state, to)) block.push_back(group);
        if (block.size() < best.size()) best = std::move(block);
    }
    return best;
}

void plan_link_adr(const PlanInput& in, RequestWriter& out) {
    const Parameters& current = in.current;
    const ChannelSet defined = defined_channels(in.region, current);
    ChannelSet on = in.desired.enabled & defined;
    if (on.none() || in.refused.contains(Refusals::kChannels, digest_of(on))) on = current.enabled;

    const auto unless_refused = [&](std::uint16_t kind, std::uint8_t wanted, std::uint8_t now) {
        return in.refused.contains(kind, wanted) ? now : wanted;
    };
    LinkAdrReq req{
        .data_rate = unless_refused(Refusals::kDataRate, in.desired.data_rate, current.data_rate),
        .tx_power_index =
            unless_refused(Refusals::kTxPower, in.desired.tx_power_index, current.tx_power_index),
        .nb_trans = in.desired.nb_trans,
    };
    if (req.data_rate == current.data_rate && req.tx_power_index == current.tx_power_index &&
        req.nb_trans == current.nb_trans && on == current.enabled)
        return;
    if (in.version.since_1_0_4()) {
        if (req.data_rate == current.data_rate) req.data_rate = kKeep;
        if (req.tx_power_index == current.tx_power_index) req.tx_power_index = kKeep;
    }

    std::vector<Bytes> payloads;
    for (const ChMask& mask : plan_ch_masks(in.region, current.enabled, on, defined)) {
        req.ch_mask = mask.mask;
        req.ch_mask_control = mask.control;
        const auto wire = encode(req);
        payloads.emplace_back(wire.begin(), wire.end());
    }
    const std::vector<ByteView> views(payloads.begin(), payloads.end());
    if (in.refused.contains(static_cast<std::uint16_t>(Cid::link_adr), digest_of_block(views)))
        return;
    out.add_block(Cid::link_adr, payloads);
}

void apply_link_adr(AnswerContext& context, const Answered& answered) {
    const bool each_alone =
        !context.version.since_1_0_2() && answered.answers.size() == answered.requests.size();
    if (each_alone) {
        answered.each(context, [&](ByteView answer, const ByteView& request) {
            apply_block(context, {&request, 1}, parse_link_adr_ans(answer.first<1>()));
        });
        return;
    }
    // A device says the same in every answer of a block, or answers the block once.
    LinkAdrAns all{true, true, true};
    for (const ByteView answer : answered.answers) {
        const LinkAdrAns one = parse_link_adr_ans(answer.first<1>());
        all.channel_mask_ack &= one.channel_mask_ack;
        all.data_rate_ack &= one.data_rate_ack;
        all.power_ack &= one.power_ack;
    }
    apply_block(context, answered.requests, all);
}

}  // namespace helio::lns::mac
