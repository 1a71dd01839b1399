// A class A device of EU868 in the simulated world: it joins, sends, repeats, opens its windows,
// obeys MAC commands and backs off, by the device's side of TS001-1.0.3 and RP001.
//
// Of the server it shares the frame codecs; what it does with them is its own.
#pragma once

#include "tests/lns/device_side.h"
#include "tests/world/air.h"

#include <array>
#include <map>

namespace helio::lns::world {

struct Listening {
    Instant at;
    std::uint32_t frequency_hz;
    unsigned data_rate;
};

inline constexpr std::array<unsigned, 6> kSpreadingFactor = {12, 11, 10, 9, 8, 7};

struct SimDevice : test::DeviceSide {
    bool joined = false;
    bool joining = false;
    Duration period = 5min;
    double confirmed_share = 0.1;

    unsigned data_rate = 0;
    unsigned tx_power_index = 0;
    unsigned nb_trans = 1;
    unsigned rx1_delay_s = 1;
    unsigned rx1_dr_offset = 0;
    unsigned rx2_data_rate = 0;
    std::uint32_t rx2_frequency_hz = 869'525'000;
    std::map<unsigned, std::uint32_t> channels;  // index -> Hz
    std::uint16_t channel_mask = 7;
    unsigned adr_ack_count = 0;

    Bytes answers;                   // with the next uplink
    Bytes sticky_answers;            // with every uplink until a downlink is heard
    std::vector<Listening> windows;  // after the last transmission
    bool deaf = true;                // it heard something in one of them, so that they are over
    Bytes frame;                     // what was sent last
    bool frame_confirmed = false;
    unsigned transmissions = 0;
    bool answered = false;  // a downlink was heard since the frame was first sent
    bool acknowledged = false;
    std::uint64_t next_payload = 1;
    std::uint64_t downlinks_heard = 0;

    explicit SimDevice(DeviceSide side) : DeviceSide(std::move(side)) { reset_radio(); }

    void reset_radio() {
        data_rate = 0;
        tx_power_index = 0;
        nb_trans = 1;
        rx1_delay_s = 1;
        rx1_dr_offset = 0;
        rx2_data_rate = 0;
        rx2_frequency_hz = 869'525'000;
        channels = {{0, 868'100'000}, {1, 868'300'000}, {2, 868'500'000}};
        channel_mask = 7;
        adr_ack_count = 0;
        answers.clear();
        sticky_answers.clear();
    }

    std::uint32_t pick_channel(Chance& chance, bool join) const {
        std::vector<std::uint32_t> usable;
        for (const auto& [index, hz] : channels) {
            if (join ? index < 3 : (channel_mask >> index & 1) != 0) usable.push_back(hz);
        }
        return usable.at(chance.below(usable.size()));
    }

    // The next new frame; its payload names the device and counts.
    Bytes make_uplink(Chance& chance) {
        if (++adr_ack_count >= 96 && adr_ack_count % 32 == 0) back_off();
        frame_confirmed = chance.of(confirmed_share);
        Bytes data(12);
        for (int i = 0; i < 8; ++i) {
            data[static_cast<std::size_t>(i)] =
                static_cast<std::uint8_t>(dev_eui.value() >> (8 * i));
        }
        for (int i = 0; i < 4; ++i) {
            data[static_cast<std::size_t>(8 + i)] =
                static_cast<std::uint8_t>(next_payload >> (8 * i));
        }
        ++next_payload;
        Bytes fopts = sticky_answers;
        fopts.insert(fopts.end(), answers.begin(), answers.end());
        fopts.resize(std::min<std::size_t>(fopts.size(), 15));
        answers.clear();
        transmissions = 0;
        answered = acknowledged = false;
        return uplink({.fport = 1,
                       .data = data,
                       .fopts = fopts,
                       .confirmed = frame_confirmed,
                       .adr = true,
                       .adr_ack_req = adr_ack_count >= 64});
    }

    void back_off() {
        if (tx_power_index > 0) {
            tx_power_index = 0;
        } else if (data_rate > 0) {
            --data_rate;
        } else {
            channel_mask |= 7;
            nb_trans = 1;
        }
    }

    void open_windows(Instant end_of_uplink, std::uint32_t hz, bool join) {
        const auto delay = std::chrono::seconds(join ? 5 : rx1_delay_s);
        const unsigned offset = join ? 0 : rx1_dr_offset;
        deaf = false;
        windows = {{end_of_uplink + delay, hz, data_rate > offset ? data_rate - offset : 0},
                   {end_of_uplink + delay + 1s,
                    join ? 869'525'000 : rx2_frequency_hz,
                    join ? 0 : rx2_data_rate}};
    }
    bool listens(Instant at, std::uint32_t hz, unsigned spreading_factor) const {
        return std::ranges::any_of(windows, [&](const Listening& w) {
            const Duration off = at > w.at ? at - w.at : w.at - at;
            return off <= 1ms && w.frequency_hz == hz &&
                   kSpreadingFactor[w.data_rate] == spreading_factor;
        });
    }

    // The answer to this device's join-requests, opened; absent where it is another's.
    std::optional<JoinAccept> opened(ByteView phy) const {
        const auto o = open_join_accept(phy, app_key);
        if (!o || !mics_equal(plain_mic(app_key, o->plain), o->mic)) return std::nullopt;
        return o->accept;
    }
    // Signed for the session that the device has now.
    bool is_signed_for(const DataFrame& frame) const {
        if (!joined || frame.dev_addr != dev_addr) return false;
        const MicInput input{Direction::down, dev_addr, {frame.fcnt.value}};
        return mics_equal(data_mic(nwk_s_key, input, frame.signed_bytes), frame.mic);
    }

    void take_join_accept(ByteView phy) {
        const auto opened = open_join_accept(phy, app_key);
        if (!opened || !accept(phy)) return;
        reset_radio_keeping_data_rate();
        rx1_dr_offset = opened->accept.rx1_dr_offset;
        rx2_data_rate = opened->accept.rx2_data_rate;
        rx1_delay_s = std::max<unsigned>(1, opened->accept.rx_delay_s);
        if (opened->accept.cflist) {
            const auto list = parse_cflist(*opened->accept.cflist);
            const auto* hz = list ? std::get_if<CFListFrequencies>(&*list) : nullptr;
            for (unsigned i = 0; hz && i < 5; ++i) {
                if (hz->hz[i] != 0) define_channel(3 + i, hz->hz[i]);
            }
        }
        joined = true;
        joining = false;
        deaf = true;
    }
    void reset_radio_keeping_data_rate() {
        const unsigned kept = data_rate;
        reset_radio();
        data_rate = kept;
    }
    void define_channel(unsigned index, std::uint32_t hz) {
        channels[index] = hz;
        channel_mask = static_cast<std::uint16_t>(channel_mask | 1u << index);
    }

    void take_downlink(ByteView phy) {
        const auto received = receive(phy);
        if (!received) return;
        ++downlinks_heard;
        answered = true;
        adr_ack_count = 0;
        if (received->ack) acknowledged = true;
        sticky_answers.clear();
        deaf = true;
        obey(received->commands);
    }

    void obey(ByteView commands) {
        unsigned adr_block = 0;
        for (auto c = mac::next_command(Direction::down, commands); c;
             c = mac::next_command(Direction::down, commands)) {
            const ByteView p = c->payload;
            switch (c->row->cid) {
                using enum mac::Cid;
                case link_adr: {
                    const unsigned control = p[3] >> 4 & 7;
                    const auto mask = static_cast<std::uint16_t>(p[1] | p[2] << 8);
                    std::uint16_t defined = 0;
                    for (const auto& [index, hz] : channels) defined |= 1u << index;
                    const auto wanted = control == 6 ? defined : mask;
                    const bool mask_ok =
                        (control == 0 || control == 6) && wanted != 0 && (wanted & ~defined) == 0;
                    const unsigned dr = p[0] >> 4;
                    const unsigned power = p[0] & 15;
                    const bool dr_ok = dr <= 5 || dr == 15;
                    const bool power_ok = power <= 7 || power == 15;
                    if (mask_ok && dr_ok && power_ok) {
                        channel_mask = wanted;
                        if (dr != 15) data_rate = dr;
                        if (power != 15) tx_power_index = power;
                        if ((p[3] & 15) != 0) nb_trans = p[3] & 15;
                    }
                    answers.insert(
                        answers.end(),
                        {0x03, static_cast<std::uint8_t>(mask_ok | dr_ok << 1 | power_ok << 2)});
                    ++adr_block;
                    break;
                }
                case new_channel: {
                    const std::uint32_t hz = 100u * (p[1] | p[2] << 8 | p[3] << 16);
                    const bool ok = p[0] >= 3 && p[0] < 16;
                    if (ok && hz != 0) define_channel(p[0], hz);
                    if (ok && hz == 0) {
                        channels.erase(p[0]);
                        channel_mask = static_cast<std::uint16_t>(channel_mask & ~(1u << p[0]));
                    }
                    answers.insert(answers.end(), {0x07, static_cast<std::uint8_t>(ok ? 3 : 0)});
                    break;
                }
                case rx_param_setup:
                    rx1_dr_offset = p[0] >> 4 & 7;
                    rx2_data_rate = p[0] & 15;
                    rx2_frequency_hz = 100u * (p[1] | p[2] << 8 | p[3] << 16);
                    sticky_answers.insert(sticky_answers.end(), {0x05, 0x07});
                    break;
                case rx_timing_setup:
                    rx1_delay_s = std::max(1, p[0] & 15);
                    sticky_answers.push_back(0x08);
                    break;
                case dev_status:
                    answers.insert(answers.end(), {0x06, 254, 10});
                    break;
                case duty_cycle:
                    answers.push_back(0x04);
                    break;
                default:
                    break;
            }
        }
    }
};

}  // namespace helio::lns::world
