#include "lns/network_server.h"

#include "lns/activation/joins.h"
#include "lns/core.h"
#include "lns/downlink/commands.h"
#include "lns/downlink/queue.h"
#include "lns/downlink/sender.h"
#include "lns/frame/data_frame.h"
#include "lns/uplink/data_uplink.h"
#include "lns/uplink/deduplicator.h"

#include <algorithm>

namespace helio::lns {
namespace {

std::uint64_t seed_from(const crypto::Random& random) {
    std::array<std::uint8_t, 8> bytes;
    random(bytes);
    return Eui64::from_big_endian(bytes).value();
}

DeduplicatorLimits limits_of(const Config& config) {
    return {.window = config.deduplication_window,
            .cooldown = config.deduplication_cooldown,
            .close_early = config.close_early,
            .max_open = config.max_open_frames,
            .max_devices = config.max_remembered_devices,
            .max_copies = config.max_receptions};
}

std::optional<Instant> earlier(std::optional<Instant> a, std::optional<Instant> b) {
    if (!a || !b) return a ? a : b;
    return std::min(*a, *b);
}

}  // namespace

struct NetworkServer::Parts {
    Parts(Config config, Registry& registry, crypto::Random random, Outbox& outbox)
        : deduplicator(limits_of(config), seed_from(random)),
          core(std::move(config), registry, std::move(random), outbox),
          sender(core),
          uplinks(core, sender),
          joins(core, sender) {}

    Deduplicator deduplicator;
    Core core;
    Sender sender;
    DataUplinks uplinks;
    Joins joins;

    bool is_welcome(const GatewayUplink& uplink, Instant now);
    void count(Deduplicator::Added added);
    void handle_complete(Instant now);
    void handle(const UplinkSet& set, Instant now);
};

// What costs least is checked first: most of what is refused here is other networks' traffic.
bool NetworkServer::Parts::is_welcome(const GatewayUplink& uplink, Instant now) {
    Stats& stats = core.stats;
    const auto type = parse_mtype(uplink.phy_payload);
    if (!type || uplink.phy_payload.size() > 255) {
        ++stats.malformed;
        return false;
    }
    const bool join = *type == MType::join_request;
    const bool data = *type == MType::unconfirmed_up || *type == MType::confirmed_up;
    if (*type == MType::rejoin_request || *type == MType::proprietary) {
        ++stats.unsupported_type;
        return false;
    }
    if ((!join && !data) || uplink.phy_payload.size() < kEmptyDataFrame) {
        ++stats.malformed;
        return false;
    }
    Gateway* gateway = core.gateways.find(uplink.path.gateway);
    if (gateway == nullptr) {
        ++stats.unknown_gateway;
        return false;
    }
    if (uplink.counter_us) gateway->schedule.observe(*uplink.counter_us, uplink.path.epoch, now);
    return true;
}

void NetworkServer::Parts::count(Deduplicator::Added added) {
    switch (added) {
        case Deduplicator::Added::opened:
            break;
        case Deduplicator::Added::merged:
            ++core.stats.copies;
            break;
        case Deduplicator::Added::late:
            ++core.stats.late_copies;
            break;
        case Deduplicator::Added::excess:
            ++core.stats.excess_copies;
            break;
        case Deduplicator::Added::shed:
            ++core.stats.shed;
            break;
    }
}

void NetworkServer::Parts::handle_complete(Instant now) {
    for (auto taken = deduplicator.take(now); taken.set != nullptr;
         taken = deduplicator.take(now)) {
        ++core.stats.frames;
        core.stats.closed_early += taken.early;
        handle(*taken.set, now);
    }
}

void NetworkServer::Parts::handle(const UplinkSet& set, Instant now) {
    const Gateway* gateway = core.gateways.find(set.best().path.gateway);
    const ConfiguredRegion* region = gateway ? gateway->region : nullptr;
    if (region == nullptr) region = core.regions.find(set.best().frequency_hz);
    if (region == nullptr || !region->region->contains(set.best().frequency_hz)) {
        ++core.stats.wrong_frequency;
        return;
    }
    if (set.phy_payload[0] >> 5 == static_cast<unsigned>(MType::join_request)) {
        joins.handle(set, *region, now);
    } else {
        uplinks.handle(set, *region, now);
    }
}

NetworkServer::NetworkServer(Config config,
                             Registry& registry,
                             crypto::Random random,
                             Outbox& outbox)
    : parts_(std::make_unique<Parts>(std::move(config), registry, std::move(random), outbox)) {}

NetworkServer::~NetworkServer() = default;

void NetworkServer::on_uplink(const GatewayUplink& uplink, Instant now) {
    Parts& p = *parts_;
    ++p.core.stats.receptions;
    if (!p.is_welcome(uplink, now)) return;
    p.count(p.deduplicator.add(uplink, now, !p.core.store.overloaded()));
    p.handle_complete(now);
}

void NetworkServer::on_tx_ack(const GatewayTxAck& ack, Instant now) {
    parts_->sender.on_tx_ack(ack, now);
}

void NetworkServer::on_gateway_status(const GatewayStatus&, Instant) {}

Result<CommandAnswer, CommandError> NetworkServer::on_command(const DeviceCommand& command,
                                                              Instant now) {
    return run_command(parts_->core, command, now);
}

std::optional<Instant> NetworkServer::on_time(Instant now) {
    Parts& p = *parts_;
    p.handle_complete(now);
    p.sender.on_time(now);
    return earlier(p.deduplicator.next_deadline(), p.sender.next_deadline());
}

std::vector<proto::QueueItem> NetworkServer::queue(Eui64 dev_eui) const {
    return queued_items(parts_->core.store, dev_eui);
}

const Stats& NetworkServer::stats() const { return parts_->core.stats; }

}  // namespace helio::lns
