#include "lns/uplink/accepted_uplink.h"

#include "lns/adr/adr_of_device.h"
#include "lns/device/rows.h"
#include "lns/device/tables.h"
#include "lns/downlink/queue.h"
#include "lns/frame/payload_crypto.h"
#include "lns/region/airtime.h"
#include "lns/uplink/events.h"

#include <algorithm>
#include <cmath>

namespace helio::lns {
namespace {

// An ABP device that starts again also expects our counter to start again, unless ours is near
// enough for it to follow (the same rule that we apply to it): then none is used twice.
constexpr std::uint32_t kFollowedByReset = kMaxFCntGap;

std::int8_t quarter_db(float snr_db) {
    return static_cast<std::int8_t>(std::clamp(std::lround(snr_db * 4), -128l, 127l));
}

std::uint8_t gateways_of(const UplinkSet& set) {
    std::size_t count = 0;
    for (auto at = set.copies.begin(); at != set.copies.end(); ++at) {
        count += std::none_of(set.copies.begin(), at, [&](const Copy& c) {
            return c.path.gateway == at->path.gateway;
        });
    }
    return static_cast<std::uint8_t>(std::min<std::size_t>(count, 255));
}

}  // namespace

AcceptedUplink::AcceptedUplink(Core& core,
                               Sender& sender,
                               const UplinkContext& in,
                               FoundSession found)
    : core_(core),
      sender_(sender),
      in_(in),
      found_(std::move(found)),
      state_(found_.state),
      policy_(
          core.policies.of(found_.session.device_profile_id, found_.session.service_profile_id)) {}

void AcceptedUplink::run() {
    decrypt();
    // The gateways have had their answer for what the device was sent last, or lost it.
    if (is_new()) core_.flights.take_of(found_.dev_eui);
    tx_.emplace(core_.store.begin(slot_of(addr())));
    take_in_counters();
    if (is_new()) decide_adr();
    load_session();
    take_in_commands();
    if (is_new()) {
        take_in_ack();
        publish_uplink();
    }
    answer();
    if (session_changed_) put_session(*tx_, *session_);
    put_frame_state(*tx_, addr(), found_.dev_eui, state_);
    const store::Position position = tx_->commit();
    tx_.reset();
    if (flight_) {
        flight_->position = position;
        sender_.send(std::move(*flight_), *reserved_, in_.now);
    }
}

void AcceptedUplink::decrypt() {
    commands_ = in_.frame.fopts;
    if (!in_.frame.fport) return;
    const ByteView in = in_.frame.frm_payload.bytes;
    const auto plain = std::span(plain_).first(in.size());
    const bool ours = *in_.frame.fport == 0;
    const ByteView key = ours ? found_.session.nwk_s_key : found_.session.app_s_key;
    if (const auto k = crypto::Key128::from_bytes(key)) {
        crypt_frm_payload(*k, {Direction::up, addr(), found_.mic_fcnt}, in, plain);
        (ours ? commands_ : data_) = plain;
    }
}

void AcceptedUplink::take_in_counters() {
    state_.last_uplink_at = in_.now;
    if (!is_new()) {
        ++state_.repeats;
        return;
    }
    if (found_.match == Match::reset) {
        if (state_.fcnt_down_next >= kFollowedByReset) state_.fcnt_down_next = 0;
        state_.clear_marks();
    }
    if (state_.data_rate != in_.data_rate) state_.clear_marks();
    state_.heard = true;
    state_.repeats = 0;
    state_.fcnt_up_next = found_.fcnt.value + 1;
    state_.last_mic = number_of(in_.frame.mic);
    state_.data_rate = in_.data_rate;
    state_.adr = in_.frame.adr;
    state_.add_mark(
        found_.fcnt.value,
        {.best_snr_quarter_db = quarter_db(in_.set.best().snr_db),
         .gateways = gateways_of(in_.set),
         .tx_power_index = static_cast<std::uint8_t>(found_.session.current.tx_power_index)});
}

void AcceptedUplink::decide_adr() {
    if (!in_.frame.adr || !policy_.adr_enabled) return;
    AdrObservations observations;
    const auto& current = found_.session.current;
    adr::Input input =
        adr_input(region(),
                  policy_,
                  {.data_rate = in_.data_rate,
                   .tx_power_index = static_cast<std::uint8_t>(current.tx_power_index),
                   .nb_trans = static_cast<std::uint8_t>(current.nb_trans)},
                  observations_of(state_, observations));
    adr_ = adr::decide(input);
    if (!adr_->changes()) return;
    // What the device has refused before is in its session, which most frames need not read.
    const auto row = core_.store.get(kSessions, session_key(addr(), found_.dev_eui));
    session_ = parse_row<proto::Session>(row);
    if (!session_) return;
    const mac::RefusedByDevice refused = mac::refused_by_device(*session_);
    input.unusable_data_rates = refused.data_rates;
    input.unusable_tx_powers = refused.tx_powers;
    adr_ = adr::decide(input);
}

bool AcceptedUplink::status_is_due() const {
    if (policy_.status_requests_per_day == 0 || !is_new()) return false;
    const std::int64_t interval_s = 86'400 / policy_.status_requests_per_day;
    return to_unix_us(in_.now) / 1'000'000 - state_.last_status_request_s >= interval_s;
}

void AcceptedUplink::load_session() {
    const SessionView& view = found_.session;
    const bool settled = view.has_current && !view.awaiting_first_uplink &&
                         view.settled_with == (policy_.digest ^ in_.region.digest) &&
                         view.current.data_rate == in_.data_rate;
    const bool quiet = commands_.empty() && !in_.frame.confirmed && !in_.frame.adr_ack_req &&
                       !state_.queue_waiting && !state_.awaiting_ack && !status_is_due();
    const bool adr_quiet = !adr_ || !adr_->changes();
    if (settled && quiet && adr_quiet) {
        session_.reset();
        return;
    }
    if (!session_) {
        const auto row = core_.store.get(kSessions, session_key(addr(), found_.dev_eui));
        session_ = parse_row<proto::Session>(row);
        if (!session_) return;
    }
    if (view.awaiting_first_uplink) {
        activate_joining_session(*tx_, found_.dev_eui, addr());
        session_->set_awaiting_first_uplink(false);
        session_changed_ = true;
    }
    if (!session_->has_current()) {
        mac::Parameters first = mac::personalised_parameters(region(), policy_.device_profile);
        first.data_rate = in_.data_rate;
        mac::to_proto(first, *session_->mutable_current());
        session_changed_ = true;
    }
    if (mac::observe_uplink_data_rate(*session_, in_.data_rate)) session_changed_ = true;
    settings_ = in_.region.settings;
    const Gateway* gateway = core_.gateways.find(in_.set.best().path.gateway);
    if (session_->sub_bands() == 0 && gateway != nullptr && gateway->sub_bands != 0) {
        session_->set_sub_bands(gateway->sub_bands);
        session_changed_ = true;
    }
    if (session_->sub_bands() != 0) {
        settings_.sub_bands = static_cast<std::uint8_t>(session_->sub_bands());
    }
}

void AcceptedUplink::take_in_commands() {
    if (commands_.empty() || !session_) return;
    const Copy& best = in_.set.best();
    const mac::UplinkFacts facts{
        .ended_at = gps_time_of(in_.set),
        .best_snr_db = best.snr_db,
        .required_snr_db = required_snr_db(best.modulation).value_or(best.snr_db),
        .gateway_count = gateways_of(in_.set)};
    const auto before = mac::from_proto(session_->current());
    outcome_ = mac::handle_uplink_commands(commands_, *session_, region(), facts);
    session_changed_ |= outcome_.session_changed;
    const auto after = mac::from_proto(session_->current());
    // Another data rate or repetition count makes another window; a change of power does not.
    if (before.data_rate != after.data_rate || before.nb_trans != after.nb_trans) {
        state_.clear_marks();
    }
    if (outcome_.status && is_new()) {
        proto::Event event;
        begin_event(found_.dev_eui, time_of(in_.set), salt_of(in_.set) + 1, event);
        event.mutable_status()->set_margin_db(outcome_.status->margin_db);
        event.mutable_status()->set_battery(outcome_.status->battery);
        core_.publish(*tx_, std::move(event));
    }
}

void AcceptedUplink::publish_uplink() {
    const DataFrame& frame = in_.frame;
    proto::Event event;
    begin_event(found_.dev_eui, time_of(in_.set), salt_of(in_.set), event);
    auto& up = *event.mutable_up();
    up.set_dev_addr(addr().value());
    up.set_adr(frame.adr);
    up.set_data_rate(in_.data_rate);
    up.set_fcnt(found_.fcnt.value);
    if (frame.fport) up.set_fport(*frame.fport);
    up.set_confirmed(frame.confirmed);
    up.set_data(data_.data(), data_.size());
    up.set_frequency_hz(in_.set.best().frequency_hz);
    to_proto(in_.set.best().modulation, *up.mutable_modulation());
    up.mutable_receptions()->Reserve(static_cast<int>(in_.set.copies.size()));
    for (const Copy& copy : in_.set.copies) to_proto(copy, *up.add_receptions());
    up.set_mic(number_of(frame.mic));
    up.set_fopts_size(static_cast<std::uint32_t>(frame.fopts.size()));
    up.set_acked_message_id(acked_message_id_);
    up.set_region(std::string(region().name));
    up.set_class_b(frame.class_b);
    core_.publish(*tx_, std::move(event));
}

mac::Parameters AcceptedUplink::desired() const {
    const mac::Parameters current = mac::from_proto(session_->current());
    std::optional<mac::LinkSettings> link;
    if (adr_) link = {adr_->data_rate, adr_->tx_power_index, adr_->nb_trans};
    return mac::desired_parameters(region(), settings_, policy_.device_profile, current, link);
}

mac::Requests AcceptedUplink::plan_requests(std::size_t budget) const {
    return mac::plan_requests(
        *session_, desired(), region(), budget, {.ask_device_status = status_is_due()});
}

}  // namespace helio::lns
