#include "lns/downlink/sender.h"

#include "lns/downlink/queue.h"
#include "lns/region/airtime.h"
#include "lns/uplink/events.h"

#include <algorithm>

namespace helio::lns {
namespace {

// MHDR, DevAddr, FCtrl, FCnt, FPort and MIC around what N counts.
constexpr std::size_t kFrameAround = 13;
constexpr std::uint64_t kMaxAttempts = 15;  // what the id has room for

// As events name it: without the attempt.
std::uint32_t public_id(const Flight& flight) {
    return static_cast<std::uint32_t>(flight.downlink_id >> 4);
}

const Modulation& modulation_of(const Region& region, const Window& window) {
    return region.data_rate(Direction::down, window.data_rate)->modulation;
}

}  // namespace

std::optional<Reserved> Sender::reserve(const Region& region,
                                        const std::vector<Route>& routes,
                                        std::size_t from,
                                        std::size_t phy_size,
                                        std::uint64_t downlink_id,
                                        Instant now) {
    for (std::size_t i = from; i < routes.size(); ++i) {
        const Route& route = routes[i];
        if (phy_size > route.window.max_payload + kFrameAround) continue;
        Gateway* gateway = core_.gateways.find(route.path.gateway);
        if (gateway == nullptr) {
            ++core_.stats.schedule_gone;
            continue;
        }
        // A gateway that only knows GPS time keeps its own order.
        ScheduleAnswer answer =
            now > route.send_by ? ScheduleAnswer::too_late : ScheduleAnswer::accepted;
        if (route.counter_us) {
            answer = gateway->schedule.ask(
                {.downlink_id = downlink_id,
                 .path_epoch = route.path.epoch,
                 .start_counter_us = *route.counter_us,
                 .airtime = airtime(modulation_of(region, route.window), phy_size, false),
                 .frequency_hz = route.window.frequency_hz,
                 .send_by = route.send_by},
                now);
        }
        switch (answer) {
            case ScheduleAnswer::accepted:
                return Reserved{downlink_id, i};
            case ScheduleAnswer::collision:
                ++core_.stats.schedule_collision;
                break;
            case ScheduleAnswer::duty_cycle:
                ++core_.stats.schedule_duty_cycle;
                break;
            case ScheduleAnswer::gone:
                ++core_.stats.schedule_gone;
                break;
            case ScheduleAnswer::too_late:
                ++core_.stats.schedule_too_late;
                break;
        }
    }
    return std::nullopt;
}

void Sender::send(Flight flight, const Reserved& reserved, Instant now) {
    const Route& route = flight.routes[reserved.route];
    GatewayDownlink downlink{
        .downlink_id = reserved.downlink_id,
        .path = route.path,
        .timing = SendImmediately{},
        .frequency_hz = route.window.frequency_hz,
        .modulation = modulation_of(*flight.region, route.window),
        .eirp_dbm = flight.region->max_downlink_eirp_dbm(route.window.frequency_hz),
        .board = route.board,
        .antenna = route.antenna,
        .rf_chain = route.rf_chain,
        .send_by = route.send_by};
    if (route.counter_us) {
        downlink.timing = SendAtCounter{*route.counter_us};
    } else {
        downlink.timing = SendAtGpsTime{*route.gps_time};
    }
    flight.downlink_id = reserved.downlink_id;
    flight.next_route = reserved.route + 1;
    flight.offered = downlink;
    flight.answer_by = std::max(now, flight.offered.send_by) + core_.config.tx_ack_timeout;
    if (flight.next_route < flight.routes.size()) {
        flight.answer_by = std::min(flight.answer_by, now + core_.config.tx_ack_timeout);
    }
    downlink.phy_payload = flight.phy_payload;
    core_.outbox.send_downlink.push_back({flight.position, std::move(downlink)});
    ++core_.stats.downlinks_offered;
    core_.flights.put(std::move(flight));
}

void Sender::on_tx_ack(const GatewayTxAck& ack, Instant now) {
    auto flight = core_.flights.take(ack.downlink_id);
    if (!flight) {
        ++core_.stats.unknown_tx_ack;
        return;
    }
    if (flight->offered.path.gateway != ack.gateway) {  // not that gateway's to say
        ++core_.stats.unknown_tx_ack;
        core_.flights.put(std::move(*flight));
        return;
    }
    if (ack.status == TxAckStatus::ok) {
        ++core_.stats.downlinks_sent;
        end_sent(*flight, ack, now);
        return;
    }
    ++core_.stats.downlinks_refused;
    if (Gateway* gateway = core_.gateways.find(ack.gateway)) {
        gateway->schedule.release(flight->downlink_id);
    }
    if (!try_next(*flight, now)) tell_failure(*flight, ack.status, now);
}

// A silent gateway may be sending all the same: its time stays reserved.
void Sender::on_time(Instant now) {
    while (auto flight = core_.flights.take_silent(now)) {
        ++core_.stats.downlinks_silent;
        try_next(*flight, now);
    }
}

// The queue's item stays where it is when no route is left: it goes with the next uplink.
bool Sender::try_next(Flight& flight, Instant now) {
    const bool more = (flight.downlink_id & kMaxAttempts) < kMaxAttempts;
    const auto reserved = more ? reserve(*flight.region,
                                         flight.routes,
                                         flight.next_route,
                                         flight.phy_payload.size(),
                                         Core::next_attempt_id(flight.downlink_id),
                                         now)
                               : std::nullopt;
    if (!reserved) {
        ++core_.stats.downlinks_failed;
        return false;
    }
    send(std::move(flight), *reserved, now);
    return true;
}

void Sender::tell_failure(const Flight& flight, TxAckStatus status, Instant now) {
    const std::string text =
        "the gateway refused and no window or gateway is left: " + std::string(name_of(status));
    proto::Event event =
        log_event(flight.dev_eui, now, proto::LogEvent::ERROR, "DOWNLINK_GATEWAY", text);
    auto& context = *event.mutable_log()->mutable_context();
    context["downlink_id"] = std::to_string(public_id(flight));
    context["gateway_id"] = flight.offered.path.gateway.to_text();
    if (!flight.message_id.empty()) context["queue_item_id"] = flight.message_id;
    auto tx = core_.store.begin(slot_of(flight.dev_eui));
    core_.publish(tx, std::move(event));
    tx.commit();
}

void Sender::end_sent(const Flight& flight, const GatewayTxAck& ack, Instant now) {
    auto tx = core_.store.begin(slot_of(flight.dev_eui));
    if (!flight.message_id.empty()) {
        const auto item = find_item(core_.store, flight.dev_eui, flight.message_id);
        // A confirmed one stays until the device has answered.
        if (item && !item->confirmed() && item->fcnt_down() == flight.fcnt_down) {
            erase_item(tx, flight.dev_eui, *item);
        }
    }
    proto::Event event;
    begin_event(flight.dev_eui, now, flight.downlink_id, event);
    auto& txack = *event.mutable_txack();
    txack.set_message_id(flight.message_id);
    txack.set_fcnt_down(flight.fcnt_down);
    txack.set_gateway_eui(ack.gateway.value());
    txack.set_downlink_id(public_id(flight));
    txack.set_frequency_hz(flight.offered.frequency_hz);
    to_proto(flight.offered.modulation, *txack.mutable_modulation());
    txack.set_power_dbm(ack.used_power_dbm.value_or(flight.offered.eirp_dbm));
    const Route& route = flight.routes[flight.next_route - 1];
    const auto delay_us = static_cast<std::uint32_t>(route.window.delay.count());
    txack.set_delay_us(delay_us);
    if (route.counter_us) {
        txack.set_uplink_counter_us(*route.counter_us - delay_us);
    } else {
        txack.set_gps_time_us(route.gps_time->since_epoch.count());
    }
    core_.publish(tx, std::move(event));
    tx.commit();
}

}  // namespace helio::lns
