#include "tools/helio-sim/device.h"

#include "lns/frame/join_request.h"
#include "lns/frame/mic.h"
#include "lns/frame/payload_crypto.h"

#include <cassert>

namespace helio::sim {
namespace {

// After so many uplinks without a downlink the device asks for one, and after so many more it turns
// its power and then its data rate back, a step each (TS001 §5.3, RP002).
constexpr unsigned kAdrAckLimit = 64;
constexpr unsigned kAdrAckDelay = 32;

crypto::SessionKeys abp_keys(const Identity& identity) {
    return {.f_nwk_s_int_key = identity.nwk_s_key,
            .s_nwk_s_int_key = identity.nwk_s_key,
            .nwk_s_enc_key = identity.nwk_s_key,
            .app_s_key = identity.app_s_key};
}

}  // namespace

Device::Device(const Identity& identity, const DeviceSettings& settings, RandomIndex random)
    : identity_(identity),
      settings_(settings),
      random_(std::move(random)),
      radio_(RadioSettings::defaults(*settings.region, settings.sub_band)),
      dev_nonce_(settings.first_dev_nonce),
      fcnt_up_(settings.first_fcnt) {
    radio_.data_rate = settings.data_rate;
    if (settings.activation == Activation::abp) {
        session_ = Session{.dev_addr = identity.dev_addr, .keys = abp_keys(identity)};
    }
}

// On a random channel that carries the data rate; the windows follow from channel and data rate.
Transmission Device::transmit(Bytes phy, Duration rx_delay_1, std::uint8_t rx1_dr_offset) {
    const auto usable = radio_.usable(radio_.data_rate);
    assert(!usable.empty());
    const std::uint8_t index = usable[random_(usable.size())];
    const DeviceChannel& channel = *radio_.channels[index];
    const lns::Region& region = *radio_.region;
    const auto rx1_rate = region.rx1_data_rate(radio_.data_rate, rx1_dr_offset);
    const std::uint32_t rx1_hz = channel.downlink_frequency_hz != 0
                                     ? channel.downlink_frequency_hz
                                     : region.rx1_frequency_hz(channel.frequency_hz, index);
    const auto downlink = [&](unsigned rate) {
        return region.data_rate(lns::Direction::down, rate)->modulation;
    };
    return {
        .phy = std::move(phy),
        .frequency_hz = channel.frequency_hz,
        .modulation = region.data_rate(lns::Direction::up, radio_.data_rate)->modulation,
        .eirp_dbm = radio_.eirp_dbm(),
        .windows = {Window{rx_delay_1, rx1_hz, downlink(*rx1_rate)},
                    Window{rx_delay_1 + lns::kReceiveDelay2After1,
                           radio_.rx2_frequency_hz,
                           downlink(radio_.rx2_data_rate)}},
    };
}

Transmission Device::join_request() {
    joining_ = true;
    session_.reset();
    radio_ = RadioSettings::defaults(*settings_.region, settings_.sub_band);
    radio_.data_rate = settings_.data_rate;
    requested_nonce_ = dev_nonce_++;
    return transmit(lns::encode_join_request(identity_.join_eui,
                                             identity_.dev_eui,
                                             lns::DevNonce{requested_nonce_},
                                             identity_.app_key),
                    lns::kJoinAcceptDelay1,
                    0);
}

void Device::count_for_adr() {
    if (!settings_.adr) return;
    ++adr_ack_count_;
    if (adr_ack_count_ < kAdrAckLimit + kAdrAckDelay) return;
    adr_ack_count_ -= kAdrAckDelay;
    if (radio_.power_index != 0) {
        radio_.power_index = 0;
    } else if (const auto slower = radio_.slower(radio_.data_rate)) {
        radio_.data_rate = *slower;
    } else {  // the last step: the channels it was made with
        radio_.enabled |= RadioSettings::defaults(*radio_.region, settings_.sub_band).enabled;
        radio_.nb_trans = 1;
    }
}

Transmission Device::uplink(std::uint8_t fport, ByteView payload, bool confirmed) {
    assert(session_);
    count_for_adr();
    const std::size_t room = radio_.region->max_payload(lns::Direction::up, radio_.data_rate);
    const lns::FCnt32 fcnt{fcnt_up_++};
    const bool beside =
        answers_.size() <= lns::kMaxFOpts && answers_.size() + payload.size() <= room;
    carried_payload_ = beside;

    const Bytes commands = answers_.take(room);
    Bytes cipher;
    if (carried_payload_) {
        cipher.assign(payload.begin(), payload.end());
    } else {
        fport = 0;
        cipher = commands;
    }
    lns::crypt_frm_payload(fport == 0 ? session_->keys.nwk_s_enc_key : session_->keys.app_s_key,
                           {lns::Direction::up, session_->dev_addr, fcnt},
                           cipher,
                           cipher);
    Bytes phy;
    lns::encode_unsigned({.direction = lns::Direction::up,
                          .confirmed = confirmed,
                          .dev_addr = session_->dev_addr,
                          .adr = settings_.adr,
                          .adr_ack_req = adr_ack_count_ >= kAdrAckLimit,
                          .ack = owes_ack_,
                          .fcnt = wire_of(fcnt),
                          .fopts = carried_payload_ ? ByteView(commands) : ByteView(),
                          .fport = fport,
                          .frm_payload = {cipher}},
                         phy);
    lns::append_mic(
        lns::data_mic(
            session_->keys.f_nwk_s_int_key, {lns::Direction::up, session_->dev_addr, fcnt}, phy),
        phy);
    owes_ack_ = false;
    last_phy_ = phy;
    last_confirmed_ = confirmed;
    acknowledged_ = heard_ = false;
    attempts_ = 1;
    return transmit(std::move(phy), radio_.rx_delay_1, radio_.rx1_dr_offset);
}

bool Device::wants_repeat() const {
    if (!session_ || last_phy_.empty()) return false;
    if (last_confirmed_) return !acknowledged_ && attempts_ < kMaxConfirmedAttempts;
    return !heard_ && attempts_ < radio_.nb_trans;
}

Transmission Device::repeat() {
    assert(wants_repeat());
    ++attempts_;
    return transmit(last_phy_, radio_.rx_delay_1, radio_.rx1_dr_offset);
}

HeardDownlink Device::on_downlink(ByteView phy) {
    const auto type = lns::parse_mtype(phy);
    if (!type) return {.hearing = Hearing::malformed};
    switch (*type) {
        case lns::MType::join_accept:
            return on_join_accept(phy);
        case lns::MType::unconfirmed_down:
        case lns::MType::confirmed_down:
            return on_data(phy);
        default:
            return {.hearing = Hearing::not_mine};
    }
}

HeardDownlink Device::on_join_accept(ByteView phy) {
    if (!joining_) return {.hearing = Hearing::not_mine};
    const auto opened = lns::open_join_accept(phy, identity_.app_key);
    if (!opened) return {.hearing = Hearing::malformed};
    if (opened->mic != lns::plain_mic(identity_.app_key, opened->plain)) {
        return {.hearing = Hearing::bad_mic};
    }
    apply(opened->accept);
    return {.hearing = Hearing::join_accepted};
}

void Device::apply(const lns::JoinAccept& accept) {
    joining_ = false;
    session_ = Session{
        .dev_addr = accept.dev_addr,
        .keys = crypto::derive_session_keys_1_0(
            identity_.app_key, accept.join_nonce.value(), accept.net_id.value(), requested_nonce_)};
    fcnt_up_ = 0;
    adr_ack_count_ = 0;
    answers_ = {};
    owes_ack_ = false;
    last_phy_.clear();
    radio_.rx_delay_1 = std::chrono::seconds(accept.rx_delay_s == 0 ? 1 : accept.rx_delay_s);
    radio_.rx1_dr_offset = accept.rx1_dr_offset;
    radio_.rx2_data_rate = accept.rx2_data_rate;
    if (!accept.cflist) return;
    if (const auto list = lns::parse_cflist(*accept.cflist, radio_.region->frequency_step_hz)) {
        radio_.apply(*list);
    }
}

HeardDownlink Device::on_data(ByteView phy) {
    const auto frame = lns::parse_data_frame(phy);
    if (!frame) return {.hearing = Hearing::malformed};
    if (!session_ || frame->dev_addr != session_->dev_addr) return {.hearing = Hearing::not_mine};
    const auto fcnt = rebuild(frame->fcnt, lns::FCnt32{session_->next_fcnt_down});
    if (!fcnt) return {.hearing = Hearing::repeated};
    if (frame->mic != lns::data_mic_1_0(*frame, *fcnt, session_->keys.s_nwk_s_int_key)) {
        // Under a counter that is behind us the MIC may be right: then it is a repetition.
        const lns::FCnt32 behind{fcnt->value - 0x1'0000u};
        const bool repeated =
            fcnt->value >= 0x1'0000u &&
            frame->mic == lns::data_mic_1_0(*frame, behind, session_->keys.s_nwk_s_int_key);
        return {.hearing = repeated ? Hearing::repeated : Hearing::bad_mic};
    }
    session_->next_fcnt_down = fcnt->value + 1;
    heard_ = true;
    adr_ack_count_ = 0;
    answers_.until_downlink.clear();
    if (frame->ack && last_confirmed_) acknowledged_ = true;
    if (frame->confirmed) owes_ack_ = true;

    const bool commands_only = frame->fport == std::uint8_t{0};
    HeardDownlink out{
        .hearing = Hearing::data,
        .fport = frame->fport,
        .payload = lns::decrypt_frm_payload(
            *frame, *fcnt, commands_only ? session_->keys.nwk_s_enc_key : session_->keys.app_s_key),
        .ack = frame->ack,
        .fpending = frame->fpending};
    carry_out(commands_only ? ByteView(out.payload) : frame->fopts,
              status_,
              radio_,
              answers_,
              mac_counts_);
    return out;
}

}  // namespace helio::sim
