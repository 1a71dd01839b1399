#include "lns/activation/joins.h"

#include "lns/uplink/events.h"

namespace helio::lns {
namespace {

std::uint64_t Stats::*counter_of(JoinError error) {
    switch (error) {
        case JoinError::unknown_device:
            return &Stats::join_unknown_device;
        case JoinError::not_supported:
            return &Stats::join_not_supported;
        case JoinError::wrong_join_eui:
            return &Stats::join_wrong_join_eui;
        case JoinError::wrong_mic:
            return &Stats::join_wrong_mic;
        case JoinError::nonce_used:
            return &Stats::join_nonce_used;
        case JoinError::nonces_exhausted:
            return &Stats::join_nonces_exhausted;
        case JoinError::corrupt_record:
            return &Stats::corrupt_record;
    }
    return &Stats::corrupt_record;
}

}  // namespace

void Joins::refuse(JoinError error, const JoinRequest& request, Instant now) {
    ++(core_.stats.*counter_of(error));
    if (error == JoinError::unknown_device) return;  // nobody to tell
    std::string text = "join-request refused: ";
    text += describe(error);
    text += " (DevNonce " + std::to_string(request.dev_nonce.value) + ", JoinEUI " +
            request.join_eui.to_text() + ")";
    core_.publish_refusal(request.dev_eui, now, "OTAA", text);
}

void Joins::handle(const UplinkSet& set, const ConfiguredRegion& region, Instant now) {
    const auto request = parse_join_request(set.phy_payload);
    if (!request) {
        ++core_.stats.malformed;
        return;
    }
    const auto data_rate = region.region->find_data_rate(Direction::up, set.best().modulation);
    if (!data_rate) {
        ++core_.stats.wrong_data_rate;
        return;
    }
    mac::NetworkSettings settings = region.settings;
    if (const Gateway* gateway = core_.gateways.find(set.best().path.gateway)) {
        if (gateway->sub_bands != 0) settings.sub_bands = gateway->sub_bands;
    }
    const JoinInput input{.request = *request,
                          .region = *region.region,
                          .settings = settings,
                          .data_rate = *data_rate,
                          .now = now};
    const auto plan = plan_join(input, core_.registry, core_.config.net_id, core_.allocator);
    if (!plan) return refuse(plan.error(), *request, now);

    auto tx = core_.store.begin(slot_of(plan->dev_eui));
    store_join(tx, *plan);
    ++core_.stats.joins_accepted;
    proto::Event event;
    begin_event(plan->dev_eui, time_of(set), salt_of(set), event);
    auto& join = *event.mutable_join();
    join.set_dev_addr(plan->dev_addr.value());
    join.set_join_eui(request->join_eui.value());
    join.set_region(std::string(region.region->name));
    for (const Copy& copy : set.copies) to_proto(copy, *join.add_receptions());
    core_.publish(tx, std::move(event));
    const store::Position position = tx.commit();
    send_accept(set, region, *data_rate, *plan, position, now);
}

void Joins::send_accept(const UplinkSet& set,
                        const ConfiguredRegion& region,
                        std::uint8_t data_rate,
                        const JoinPlan& plan,
                        store::Position position,
                        Instant now) {
    const auto windows = windows_after_join(
        *region.region, mac::region_defaults(*region.region), set.best().frequency_hz, data_rate);
    core_.flights.take_of(plan.dev_eui);
    Flight flight{.dev_eui = plan.dev_eui,
                  .join_accept = true,
                  .position = position,
                  .region = region.region,
                  .phy_payload = plan.accept,
                  .routes = routes_of(set, windows, core_.config.gateway_lead)};
    const auto reserved = core_.flights.full() ? std::nullopt
                                               : sender_.reserve(*region.region,
                                                                 flight.routes,
                                                                 0,
                                                                 plan.accept.size(),
                                                                 core_.next_downlink_id(),
                                                                 now);
    if (!reserved) {
        ++core_.stats.downlinks_failed;
        return;
    }
    ++core_.stats.downlinks_planned;
    sender_.send(std::move(flight), *reserved, now);
}

}  // namespace helio::lns
