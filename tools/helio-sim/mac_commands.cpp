#include "tools/helio-sim/mac_commands.h"

#include <algorithm>
#include <array>

namespace helio::sim {
namespace {

enum class Cid : std::uint8_t {
    link_check = 0x02,
    link_adr = 0x03,
    duty_cycle = 0x04,
    rx_param_setup = 0x05,
    dev_status = 0x06,
    new_channel = 0x07,
    rx_timing_setup = 0x08,
    tx_param_setup = 0x09,
    dl_channel = 0x0a,
    device_time = 0x0d,
};

struct Length {
    Cid cid;
    std::size_t payload;  // of the network's command
};
constexpr std::array<Length, 10> kLengths = {{{Cid::link_check, 2},
                                              {Cid::link_adr, 4},
                                              {Cid::duty_cycle, 1},
                                              {Cid::rx_param_setup, 4},
                                              {Cid::dev_status, 0},
                                              {Cid::new_channel, 5},
                                              {Cid::rx_timing_setup, 1},
                                              {Cid::tx_param_setup, 1},
                                              {Cid::dl_channel, 4},
                                              {Cid::device_time, 5}}};

constexpr std::uint8_t kKeep = 0x0f;  // in LinkADRReq: the data rate or power stays

struct Handler {
    const DeviceStatus& status;
    RadioSettings& settings;
    MacAnswers& answers;
    MacCounts& counts;

    void answer(Cid cid, std::initializer_list<std::uint8_t> payload, bool until_downlink = false) {
        Bytes one = {static_cast<std::uint8_t>(cid)};
        one.insert(one.end(), payload);
        (until_downlink ? answers.until_downlink : answers.once).push_back(std::move(one));
    }
    // A status whose low `bits` bits must all be set for the request to be granted.
    void answer_status(Cid cid, unsigned granted, unsigned bits, bool until_downlink = false) {
        if (granted != (1u << bits) - 1) ++counts.refused;
        answer(cid, {static_cast<std::uint8_t>(granted)}, until_downlink);
    }
    bool takes_frequency(std::uint32_t hz) const { return settings.region->contains(hz); }
    bool uplink_rate(unsigned rate) const {
        return settings.region->data_rate(lns::Direction::up, rate) != nullptr;
    }

    std::size_t link_adr_block(ByteView commands);
    void rx_param_setup(ByteView payload);
    void new_channel(ByteView payload);
    void dl_channel(ByteView payload);
    void other(Cid cid, ByteView payload);
};

std::uint32_t frequency_of(ByteView three_bytes) {
    return (three_bytes[0] | three_bytes[1] << 8 | three_bytes[2] << 16) * lns::kFrequencyStepHz;
}

// All LinkADRReq that `commands` begins with; how many bytes they have.
std::size_t Handler::link_adr_block(ByteView commands) {
    constexpr std::size_t kSize = 5;
    std::size_t count = 0;
    std::optional<lns::ChannelSet> mask = settings.enabled;
    while (commands.size() >= (count + 1) * kSize &&
           commands[count * kSize] == static_cast<std::uint8_t>(Cid::link_adr)) {
        const ByteView one = commands.subspan(count * kSize + 1, kSize - 1);
        if (mask) {
            mask = masked(settings,
                          *mask,
                          one[3] >> 4 & 0x07,
                          static_cast<std::uint16_t>(one[1] | one[2] << 8));
        }
        ++count;
    }
    const ByteView last = commands.subspan((count - 1) * kSize + 1, kSize - 1);
    const std::uint8_t rate = last[0] >> 4;
    const std::uint8_t power = last[0] & 0x0f;
    const std::uint8_t nb_trans = last[3] & 0x0f;

    RadioSettings wanted = settings;
    if (rate != kKeep) wanted.data_rate = rate;
    if (power != kKeep) wanted.power_index = power;
    const bool mask_ok = mask && mask->any();
    if (mask_ok) wanted.enabled = *mask;
    const bool power_ok = wanted.power_index < settings.region->tx_power_offset_db.size();
    const bool rate_ok = uplink_rate(wanted.data_rate) && !wanted.usable(wanted.data_rate).empty();
    wanted.nb_trans = nb_trans == 0 ? 1 : nb_trans;
    if (mask_ok && rate_ok && power_ok) settings = wanted;

    counts.requests += count;
    for (std::size_t i = 0; i < count; ++i) {
        answer_status(Cid::link_adr, mask_ok | rate_ok << 1 | power_ok << 2, 3);
    }
    return count * kSize;
}

void Handler::rx_param_setup(ByteView payload) {
    const std::uint8_t offset = payload[0] >> 4 & 0x07;
    const std::uint8_t rate = payload[0] & 0x0f;
    const std::uint32_t hz = frequency_of(payload.subspan(1, 3));
    const bool frequency_ok = takes_frequency(hz);
    const bool rate_ok = settings.region->data_rate(lns::Direction::down, rate) != nullptr;
    const bool offset_ok = offset <= settings.region->max_rx1_dr_offset;
    if (frequency_ok && rate_ok && offset_ok) {
        settings.rx2_frequency_hz = hz;
        settings.rx2_data_rate = rate;
        settings.rx1_dr_offset = offset;
    }
    answer_status(Cid::rx_param_setup, frequency_ok | rate_ok << 1 | offset_ok << 2, 3, true);
}

// Unknown to devices of fixed plans, which say nothing (RP002).
void Handler::new_channel(ByteView payload) {
    if (!settings.region->channels_can_be_added) return;
    const std::size_t index = payload[0];
    const std::uint32_t hz = frequency_of(payload.subspan(1, 3));
    const std::uint8_t max = payload[4] >> 4;
    const std::uint8_t min = payload[4] & 0x0f;
    const bool index_ok =
        index >= settings.region->channels.size() && index < settings.channels.size();
    const bool frequency_ok = index_ok && (hz == 0 || takes_frequency(hz));
    const bool range_ok = index_ok && min <= max && uplink_rate(min) && uplink_rate(max);
    if (frequency_ok && range_ok) {
        settings.enabled.set(index, hz != 0);
        settings.channels[index].reset();
        if (hz != 0) settings.channels[index] = DeviceChannel{hz, min, max};
    }
    answer_status(Cid::new_channel, frequency_ok | range_ok << 1, 2);
}

void Handler::dl_channel(ByteView payload) {
    if (!settings.region->downlink_channels_can_be_moved) return;
    const std::size_t index = payload[0];
    const std::uint32_t hz = frequency_of(payload.subspan(1, 3));
    const bool frequency_ok = takes_frequency(hz);
    const bool channel_ok = index < settings.channels.size() && settings.channels[index];
    if (frequency_ok && channel_ok) settings.channels[index]->downlink_frequency_hz = hz;
    answer_status(Cid::dl_channel, frequency_ok | channel_ok << 1, 2, true);
}

void Handler::other(Cid cid, ByteView payload) {
    constexpr std::array<std::int8_t, 16> kMaxEirp = {
        8, 10, 12, 13, 14, 16, 18, 20, 21, 24, 26, 27, 29, 30, 33, 36};
    switch (cid) {
        case Cid::duty_cycle:
            return answer(cid, {});
        case Cid::dev_status:
            return answer(cid,
                          {status.battery, static_cast<std::uint8_t>(status.margin_db & 0x3f)});
        case Cid::rx_timing_setup: {
            const std::uint8_t delay = payload[0] & 0x0f;
            settings.rx_delay_1 = std::chrono::seconds(delay == 0 ? 1 : delay);
            return answer(cid, {}, true);
        }
        case Cid::tx_param_setup:
            if (!settings.region->tx_param_setup) return;  // unknown there: no answer
            settings.max_eirp_dbm = kMaxEirp[payload[0] & 0x0f];
            return answer(cid, {});
        case Cid::rx_param_setup:
            return rx_param_setup(payload);
        case Cid::new_channel:
            return new_channel(payload);
        case Cid::dl_channel:
            return dl_channel(payload);
        default:
            return;  // LinkCheckAns, DeviceTimeAns: answers to us
    }
}

}  // namespace

std::size_t MacAnswers::size() const {
    std::size_t size = 0;
    for (const Bytes& answer : until_downlink) size += answer.size();
    for (const Bytes& answer : once) size += answer.size();
    return size;
}

Bytes MacAnswers::take(std::size_t room) {
    Bytes out;
    for (const auto* const list : {&until_downlink, &once}) {
        for (const Bytes& answer : *list) {
            if (out.size() + answer.size() <= room) {
                out.insert(out.end(), answer.begin(), answer.end());
            }
        }
    }
    once.clear();
    return out;
}

void carry_out(ByteView commands,
               const DeviceStatus& status,
               RadioSettings& settings,
               MacAnswers& answers,
               MacCounts& counts) {
    Handler handler{status, settings, answers, counts};
    while (!commands.empty()) {
        const auto* const known =
            std::ranges::find(kLengths, static_cast<Cid>(commands[0]), &Length::cid);
        if (known == kLengths.end() || commands.size() < 1 + known->payload) {
            ++counts.malformed;
            return;
        }
        if (known->cid == Cid::link_adr) {
            commands = commands.subspan(handler.link_adr_block(commands));
            continue;
        }
        ++counts.requests;
        handler.other(known->cid, commands.subspan(1, known->payload));
        commands = commands.subspan(1 + known->payload);
    }
}

}  // namespace helio::sim
