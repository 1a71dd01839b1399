#include "lns/core.h"

#include "lns/uplink/events.h"

namespace helio::lns {

Core::Core(Config config_, Registry& registry_, crypto::Random random, Outbox& outbox_)
    : config(std::move(config_)),
      registry(registry_),
      store(registry_.store()),
      outbox(outbox_),
      regions(config.regions, config.rx_delay_1_s),
      policies(registry),
      gateways(registry, regions),
      allocator(config.net_id, std::move(random)),
      flights(config.max_flying_downlinks),
      refusals(config.max_log_events_per_s) {}

std::uint64_t Core::next_downlink_id() {
    if (id_position_ != store.filling()) {
        id_position_ = store.filling();
        id_index_ = 0;
    }
    return id_position_ << 20 | std::uint64_t{id_index_++ & 0xffff} << 4;
}

void Core::publish(store::Transaction& tx, proto::Event event) {
    const std::size_t size = event.ByteSizeLong();
    const auto [sequence, space] = tx.append_event_space(size);
    event.SerializeWithCachedSizesToArray(space.data());
    outbox.publish_event.push_back({sequence.position, {sequence, std::move(event)}});
}

void Core::publish_refusal(Eui64 dev_eui,
                           Instant now,
                           std::string_view code,
                           std::string_view text) {
    if (!refusals.allows(now)) {
        ++stats.log_events_withheld;
        return;
    }
    auto tx = store.begin(slot_of(dev_eui));
    publish(tx, log_event(dev_eui, now, proto::LogEvent::ERROR, code, text));
    tx.commit();
}

}  // namespace helio::lns
