// How the simulated world goes on: devices, gateways and the server's process, event by event.
#pragma once

#include "tests/world/world.h"

#include <algorithm>
#include <cstdlib>

namespace helio::lns::world {

using test::id_of;
using test::Owner;

inline constexpr std::array<float, 6> kFloorDb = {-20, -17.5f, -15, -12.5f, -10, -7.5f};  // by DR

inline unsigned data_rate_of(unsigned spreading_factor) { return 12 - spreading_factor; }

inline std::uint64_t payload_id(std::uint64_t dev_eui, std::uint64_t number) {
    return dev_eui << 32 | number;
}

inline bool is_join_accept(ByteView phy) {
    return phy[0] >> 5 == static_cast<int>(MType::join_accept);
}

inline World::World(Setting setting) : setting_(setting), chance_(setting.seed) {
    for (std::size_t g = 0; g < setting_.gateways; ++g) {
        // Clocks begin anywhere; some wrap in the first minutes.
        const auto offset = g % 2 == 0 ? 0xffff'ffffu -
                                             static_cast<std::uint32_t>(to_unix_us(clock_.now)) -
                                             static_cast<std::uint32_t>(chance_.below(600'000'000))
                                       : static_cast<std::uint32_t>(chance_.below(1ull << 32));
        gateways_.push_back({.eui = Eui64::from_value(0x1000 + g), .clock_offset = offset});
    }
    for (std::size_t d = 0; d < setting_.devices; ++d) {
        devices_.emplace_back(test::DeviceSide::otaa(d + 1));
        devices_.back().period = setting_.period;
        links_.push_back(draw_links());
    }
    transmission_.resize(setting_.devices);
    start_server();
    register_all();
}

// A home gateway, and others near it.
inline std::vector<Link> World::draw_links() {
    const std::size_t home = chance_.below(setting_.gateways);
    std::vector<Link> links;
    for (std::size_t i = 0; i < std::min(setting_.in_reach, setting_.gateways); ++i) {
        const double db = i == 0 ? chance_.between(-8, 14) : chance_.between(-30, 6);
        links.push_back({(home + i) % setting_.gateways, static_cast<float>(db)});
    }
    return links;
}

inline float World::link_db(std::size_t device, std::size_t gateway) const {
    for (const Link& link : links_[device]) {
        if (link.gateway == gateway) return link.snr_db;
    }
    return -99;
}

inline void World::register_all() {
    auto profile = Owner::device_profile();
    profile.set_mac_version(setting_.version);
    profile.set_rx_delay_1_s(setting_.rx_delay_s);
    (void)registry_->create(profile);
    for (const SimGateway& g : gateways_) (void)registry_->create(Owner::gateway(g.eui.value()));
    for (const SimDevice& d : devices_) (void)registry_->create(Owner::otaa(d.dev_eui.value()));
    turn();
}

inline void World::start_server() {
    ++life_;
    outbox_ = {};
    woken_for_.reset();
    step_due_ = false;
    store_ = std::make_unique<store::Store>(kTables, log_);
    store_->on_durable([this](store::Position) { release(); });
    registry_ = std::make_unique<Registry>(*store_);
    server_ = std::make_unique<NetworkServer>(
        Config{}, *registry_, crypto::seeded_random(setting_.seed * 1000 + life_), outbox_);
    // Events that were committed and perhaps not handed on are handed on.
    std::vector<std::pair<store::Sequence, proto::Event>> again;
    store_->read_events(handed_on_, [&](store::Sequence at, ByteView bytes) {
        proto::Event event;
        event.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
        if (at > handed_on_) again.emplace_back(at, std::move(event));
        return true;
    });
    for (const auto& [at, event] : again) {
        deliver(event);
        handed_on_now_ = std::max(handed_on_now_, at);
    }
}

inline void World::crash() {
    ++crashes;
    crashed_at_ = clock_.now;
    log_.crash(chance_.of(0.5) ? store::MemoryLog::Crash::before_commit
                               : store::MemoryLog::Crash::after_commit);
    for (const auto& [at, id] : recent_) {
        Payload& payload = payloads_[id];
        if (clock_.now - at < 500ms && payload.deliveries == 0) payload.owed = false;
    }
    recent_.clear();
    server_.reset();
    registry_.reset();
    store_.reset();
    down_ = true;
    ++life_;
    clock_.in(chance_.between(Duration(100ms), Duration(5s)), [this] {
        down_ = false;
        start_server();
    });
}

inline void World::schedule_crash() {
    if (setting_.crash_every == Duration::zero()) return;
    clock_.in(chance_.between(setting_.crash_every / 2, setting_.crash_every * 3 / 2), [this] {
        if (!down_ && !ending_) crash();
        schedule_crash();
    });
}

inline void World::turn() {
    store_->flush(clock_.now);
    if (!log_.in_flight() || step_due_) return;
    step_due_ = true;
    clock_.in(chance_.between(Duration(1ms), Duration(9ms)), [this, life = life_] {
        if (life != life_ || down_) return;
        step_due_ = false;
        log_.step();
        store_->poll();
        turn();
    });
}

inline void World::wake() {
    const auto due = server_->on_time(clock_.now);
    turn();
    if (!due || (woken_for_ && *woken_for_ > clock_.now && *woken_for_ <= *due)) return;
    woken_for_ = *due;
    clock_.at(*due, [this, life = life_] {
        if (life == life_ && !down_) wake();
    });
}

inline void World::release() {
    const store::Position durable = store_->durable();
    auto& publishes = outbox_.publish_event;
    const auto kept = std::ranges::stable_partition(
        publishes, [&](const auto& p) { return p.position > durable; });
    for (const auto& p : kept) {
        deliver(p.publish.event);
        handed_on_now_ = std::max(handed_on_now_, p.publish.sequence);
    }
    publishes.erase(kept.begin(), kept.end());
    if (chance_.of(0.2)) handed_on_ = handed_on_now_;

    auto& downlinks = outbox_.send_downlink;
    const auto leaving = std::ranges::stable_partition(
        downlinks, [&](const auto& d) { return d.position > durable; });
    for (auto& d : leaving) {
        ++emitted;
        check_nonces(d.downlink);
        clock_.in(chance_.between(Duration(2ms), Duration(40ms)),
                  [this, downlink = std::move(d.downlink)] { gateway_takes(downlink); });
    }
    downlinks.erase(leaving.begin(), leaving.end());
}

inline void World::deliver(const proto::Event& event) {
    if (event.has_join()) ++joins;
    if (!event.has_up() || event.up().data().size() != 12) return;
    const auto* data = reinterpret_cast<const std::uint8_t*>(event.up().data().data());
    std::uint64_t number = 0;
    for (int i = 3; i >= 0; --i) number = number << 8 | data[8 + i];
    const std::uint64_t id = payload_id(event.dev_eui(), number);
    const auto at = payloads_.find(id);
    if (at == payloads_.end()) {  // nobody sent that
        ++broken.delivered_twice;
        return;
    }
    Payload& payload = at->second;
    if (payload.deliveries++ == 0) {
        ++payloads_delivered;
    } else if (payload.crashes_at_delivery == crashes) {
        ++broken.delivered_twice;
    }
    payload.crashes_at_delivery = crashes;
}

inline void World::device_turn(std::size_t index) {
    SimDevice& device = devices_[index];
    if (device.joined && chance_.of(0.005)) device.joined = false;
    if (!device.joined) {
        device.joining = true;
        device.data_rate = static_cast<unsigned>(chance_.below(3));
        joining_.insert(index);
        device.frame = device.join_request();
        return transmit(index, true);
    }
    const std::uint64_t id = payload_id(device.dev_eui.value(), device.next_payload);
    device.frame = device.make_uplink(chance_);
    payloads_[id] = {};
    ++payloads_sent;
    transmit(index, false);
}

inline void World::transmit(std::size_t index, bool join) {
    SimDevice& device = devices_[index];
    const std::uint32_t hz = device.pick_channel(chance_, join);
    const unsigned dr = device.data_rate;
    const LoraModulation modulation{125'000, static_cast<std::uint8_t>(kSpreadingFactor[dr])};
    const Instant end = clock_.now + airtime(modulation, device.frame.size(), true);
    ++device.transmissions;
    const std::uint64_t number = ++transmission_[index];
    auto phy = std::make_shared<Bytes>(device.frame);
    const auto id =
        join ? std::nullopt
             : std::optional(payload_id(device.dev_eui.value(), device.next_payload - 1));
    clock_.at(end, [=, this] {
        devices_[index].open_windows(clock_.now, hz, join);
        for (const auto& [g, link_db] : links_[index]) {
            const double snr =
                link_db - (join ? 0 : 2.0 * devices_[index].tx_power_index) + chance_.noise(1.5);
            if (snr < kFloorDb[dr] || chance_.of(setting_.loss)) continue;
            const GatewayUplink up{.path = {gateways_[g].eui, 0},
                                   .frequency_hz = hz,
                                   .modulation = modulation,
                                   .rssi_dbm = static_cast<std::int16_t>(-110 + snr),
                                   .snr_db = static_cast<float>(snr),
                                   .counter_us = gateways_[g].counter(clock_.now)};
            const int reports = chance_.of(setting_.doubled) ? 2 : 1;
            for (int i = 0; i < reports; ++i) {
                clock_.in(chance_.between(Duration(5ms), Duration(i == 0 ? 80ms : 2s)),
                          [=, this] { on_arrival(up, *phy, id); });
            }
        }
        const auto delay = std::chrono::seconds(join ? 6 : devices_[index].rx1_delay_s + 1);
        clock_.in(delay + 2500ms, [=, this] { after_windows(index, number); });
    });
}

inline void World::after_windows(std::size_t index, std::uint64_t transmission) {
    if (transmission_[index] != transmission) return;
    SimDevice& device = devices_[index];
    if (!device.joined) {
        clock_.in(chance_.between(Duration(10s), Duration(60s)), [=, this] { device_turn(index); });
        return;
    }
    joining_.erase(index);
    const bool again =
        device.transmissions > 0 &&
        ((device.frame_confirmed && !device.acknowledged && device.transmissions < 8) ||
         (!device.frame_confirmed && !device.answered && device.transmissions < device.nb_trans));
    if (again && device.frame[0] >> 5 != 0) {
        clock_.in(chance_.between(Duration(1s), Duration(3s)),
                  [=, this] { transmit(index, false); });
        return;
    }
    clock_.in(chance_.between(device.period * 8 / 10, device.period * 12 / 10),
              [=, this] { device_turn(index); });
}

inline void World::on_arrival(GatewayUplink up,
                              const Bytes& phy,
                              std::optional<std::uint64_t> payload) {
    if (down_) return;
    if (payload) {
        Payload& p = payloads_[*payload];
        p.owed = true;
        recent_.emplace_back(clock_.now, *payload);
        if (recent_.size() > 4096) recent_.erase(recent_.begin(), recent_.begin() + 2048);
    }
    up.phy_payload = phy;
    server_->on_uplink(up, clock_.now);
    wake();
}

// A counter or a nonce stands for one sequence of bytes for ever.
inline void World::check_nonces(const GatewayDownlink& downlink) {
    const Bytes& phy = downlink.phy_payload;
    const auto index = target_of(downlink);
    if (!index) return;
    const SimDevice& device = devices_[*index];
    if (is_join_accept(phy)) {
        const auto nonce = device.opened(phy)->join_nonce.value();
        const auto [at, is_new] =
            join_nonces_.emplace(std::pair(device.dev_eui.value(), nonce), phy);
        broken.nonce_reused += !is_new && at->second != phy;
        return;
    }
    const Bytes key(device.nwk_s_key.bytes.begin(), device.nwk_s_key.bytes.end());
    const std::uint32_t fcnt = parse_data_frame(phy)->fcnt.value;
    const auto [at, is_new] = counters_.emplace(std::pair(key, fcnt), phy);
    broken.counter_reused += !is_new && at->second != phy;
}

inline void World::gateway_takes(GatewayDownlink downlink) {
    const auto g = static_cast<std::size_t>(downlink.path.gateway.value() - 0x1000);
    SimGateway& gateway = gateways_[g];
    const Instant at =
        gateway.instant_of(std::get<SendAtCounter>(downlink.timing).counter_us, clock_.now);
    const Instant end = at + airtime(downlink.modulation, downlink.phy_payload.size(), false);
    std::erase_if(gateway.emissions, [&](const auto& e) { return e.second + 1min < clock_.now; });

    auto status = TxAckStatus::ok;
    if (at < clock_.now + 5ms) {
        ++late_downlinks;
        status = TxAckStatus::too_late;
    } else if (std::ranges::any_of(gateway.emissions,
                                   [&](const auto& e) { return at < e.second && e.first < end; })) {
        if (!crashed_at_ || clock_.now - *crashed_at_ > 15s) ++broken.gateway_overlap;
        status = TxAckStatus::collision_packet;
    } else if (chance_.of(setting_.refused)) {
        status = TxAckStatus::tx_freq;
    } else {
        gateway.emissions.emplace_back(at, end);
        emit(g, downlink);
    }
    if (status == TxAckStatus::ok && chance_.of(setting_.ack_lost)) return;
    const GatewayTxAck ack{gateway.eui, downlink.downlink_id, status, {}};
    clock_.in(chance_.between(Duration(2ms), Duration(60ms)), [this, ack] {
        if (down_) return;
        server_->on_tx_ack(ack, clock_.now);
        wake();
    });
}

inline std::optional<std::size_t> World::target_of(const GatewayDownlink& downlink) const {
    const Bytes& phy = downlink.phy_payload;
    if (is_join_accept(phy)) {
        const auto at = std::ranges::find_if(
            joining_, [&](std::size_t i) { return devices_[i].opened(phy).has_value(); });
        return at == joining_.end() ? std::nullopt : std::optional(*at);
    }
    const auto frame = parse_data_frame(phy);
    if (!frame) return std::nullopt;
    const auto at = at_address_.find(frame->dev_addr.value());
    if (at == at_address_.end()) return std::nullopt;
    for (const std::size_t i : at->second) {
        if (devices_[i].is_signed_for(*frame)) return i;
    }
    return std::nullopt;
}

inline void World::emit(std::size_t g, GatewayDownlink downlink) {
    const Instant at =
        gateways_[g].instant_of(std::get<SendAtCounter>(downlink.timing).counter_us, clock_.now);
    clock_.at(at, [=, this] {
        const auto index = target_of(downlink);
        if (!index) return;  // it has another session by now
        SimDevice& device = devices_[*index];
        const unsigned sf = std::get<LoraModulation>(downlink.modulation).spreading_factor;
        if (!device.listens(clock_.now, downlink.frequency_hz, sf)) {
            ++broken.out_of_window;
            return;
        }
        const bool strong = link_db(*index, g) + chance_.noise(1.5) >= kFloorDb[data_rate_of(sf)];
        if (device.deaf || !strong || chance_.of(setting_.loss)) return;
        ++heard_by_device;
        if (!is_join_accept(downlink.phy_payload))
            return device.take_downlink(downlink.phy_payload);
        device.take_join_accept(downlink.phy_payload);
        at_address_[device.dev_addr.value()].insert(*index);
    });
}

inline double World::share_at_best_rate() const {
    std::uint64_t able = 0;
    std::uint64_t best = 0;
    for (std::size_t d = 0; d < devices_.size(); ++d) {
        const float link = std::ranges::max(links_[d], {}, &Link::snr_db).snr_db;
        if (!devices_[d].joined || link < kFloorDb[5] + 10 + 5) continue;
        ++able;
        best += devices_[d].data_rate == 5;
    }
    return able == 0 ? 1 : static_cast<double>(best) / static_cast<double>(able);
}

inline void World::run() {
    schedule_crash();
    for (std::size_t i = 0; i < devices_.size(); ++i) {
        clock_.in(chance_.between(Duration(0s), setting_.period), [=, this] { device_turn(i); });
    }
    clock_.run_until(clock_.now + setting_.time);
    // What is under way now comes to its end in peace.
    ending_ = true;
    std::vector<std::uint64_t> owed;
    for (const auto& [id, payload] : payloads_) {
        if (payload.owed) owed.push_back(id);
    }
    clock_.run_until(clock_.now + 10s);
    payloads_heard = owed.size();
    for (const std::uint64_t id : owed) broken.undelivered += payloads_[id].deliveries == 0;
}

}  // namespace helio::lns::world
