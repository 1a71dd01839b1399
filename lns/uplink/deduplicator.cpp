#include "lns/uplink/deduplicator.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace helio::lns {
namespace {

// Slot::entry: empty, the index of an open entry + 1, or kHandled and the number of what is
// remembered of a handled frame.
constexpr std::uint32_t kEmpty = 0;
constexpr std::uint32_t kFirstEntry = 1;
constexpr std::uint32_t kHandled = 0x8000'0000;
constexpr std::size_t kKeptCopies = 8;  // room that an idle buffer keeps

// Between receptions of one transmission by one gateway: its demodulators finish a symbol or two
// apart, and a symbol has at most 33 ms.  No device has sent the next frame so soon.
constexpr std::int64_t kOneTransmissionUs = 66'000;

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t load(const std::uint8_t* at, std::size_t size) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, size);
    return word;
}

std::uint64_t hash_bytes(ByteView bytes, std::uint64_t seed) {
    std::uint64_t h = seed ^ bytes.size();
    std::size_t i = 0;
    for (; i + 8 <= bytes.size(); i += 8) {
        h = mix(h ^ load(&bytes[i], 8), 0x9e37'79b9'7f4a'7c15u);
    }
    if (i < bytes.size()) h = mix(h ^ load(&bytes[i], bytes.size() - i), 0xbf58'476d'1ce4'e5b9u);
    return mix(h, 0x94d0'49bb'1331'11ebu);
}

// The name under which a device's gateways are remembered: of a data frame its DevAddr, of a
// join-request its DevEUI.
std::uint64_t device_of(ByteView payload) {
    const bool join = !payload.empty() && payload[0] >> 5 == 0;
    const std::size_t from = join ? 9 : 1;
    const std::size_t size = join ? 8 : 4;
    if (payload.size() < from + size) return 0;
    return mix(load(&payload[from], size) + 1, 0x9e37'79b9'7f4a'7c15u);
}

// The true frequency of a frame is that of its strongest copy: a mirror is weaker by far.
bool is_better(const Copy& a, const Copy& b) {
    if (a.snr_db != b.snr_db) return a.snr_db > b.snr_db;
    return a.rssi_dbm > b.rssi_dbm;
}

Copy copy_of(const GatewayUplink& uplink, Instant now) {
    Copy copy{.path = uplink.path,
              .uplink_id = uplink.uplink_id,
              .frequency_hz = uplink.frequency_hz,
              .modulation = uplink.modulation,
              .rssi_dbm = uplink.rssi_dbm,
              .snr_db = uplink.snr_db,
              .counter_us = uplink.counter_us,
              .gateway_time = uplink.gateway_time,
              .gps_time = uplink.gps_time,
              .fine_time_ns = uplink.fine_time_ns,
              .channel = uplink.channel,
              .rf_chain = uplink.rf_chain,
              .board = uplink.board,
              .antenna = uplink.antenna,
              .received_at = now};
    if (uplink.metadata != nullptr && !uplink.metadata->empty()) {
        copy.metadata =
            std::make_unique<const std::map<std::string, std::string>>(*uplink.metadata);
    }
    return copy;
}

}  // namespace

struct Deduplicator::Entry {
    UplinkSet set;
    std::uint64_t hash = 0;
    std::uint64_t device = 0;
    std::vector<std::uint16_t> reported;  // gateways, as UsualGateways names them
    std::uint32_t generation = 0;         // moves on when the buffer is used for another frame
    bool ready = false;
};

Deduplicator::Deduplicator(DeduplicatorLimits limits, std::uint64_t seed)
    : limits_(limits),
      seed_(seed),
      usual_(limits.close_early ? limits.max_devices : 1),
      slots_(1024) {}

Deduplicator::~Deduplicator() = default;

Deduplicator::Slot* Deduplicator::find(std::uint64_t hash) {
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t i = hash & mask; slots_[i].entry != kEmpty; i = (i + 1) & mask) {
        if (slots_[i].hash == hash) return &slots_[i];
    }
    return nullptr;
}

void Deduplicator::insert(std::uint64_t hash, std::uint32_t entry) {
    if (2 * (used_ + 1) > slots_.size()) grow();
    const std::size_t mask = slots_.size() - 1;
    std::size_t i = hash & mask;
    while (slots_[i].entry != kEmpty) i = (i + 1) & mask;
    slots_[i] = {hash, entry};
    ++used_;
}

void Deduplicator::grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    used_ = 0;
    for (const Slot& slot : old) {
        if (slot.entry != kEmpty) insert(slot.hash, slot.entry);
    }
}

// Moves later slots of the run forward, so that no probe meets a hole.
void Deduplicator::erase(std::uint64_t hash) {
    Slot* slot = find(hash);
    if (slot == nullptr) return;
    const std::size_t mask = slots_.size() - 1;
    auto hole = static_cast<std::size_t>(slot - slots_.data());
    for (std::size_t i = (hole + 1) & mask; slots_[i].entry != kEmpty; i = (i + 1) & mask) {
        const std::size_t home = slots_[i].hash & mask;
        if (((i - home) & mask) < ((i - hole) & mask)) continue;
        slots_[hole] = slots_[i];
        hole = i;
    }
    slots_[hole] = {};
    --used_;
}

std::uint32_t Deduplicator::new_entry() {
    if (free_.empty()) {
        entries_.push_back(std::make_unique<Entry>());
        return static_cast<std::uint32_t>(entries_.size() - 1);
    }
    const std::uint32_t index = free_.back();
    free_.pop_back();
    return index;
}

void Deduplicator::release(std::uint32_t index) {
    Entry& entry = *entries_[index];
    ++entry.generation;
    entry.ready = false;
    entry.reported.clear();
    entry.set.copies.clear();
    if (entry.set.copies.capacity() > kKeptCopies) entry.set.copies = std::vector<Copy>();
    free_.push_back(index);
}

void Deduplicator::forget_old(Instant now) {
    while (!remembered_.empty() &&
           (remembered_.front().until <= now || remembered_.size() > limits_.max_remembered)) {
        const std::uint64_t hash = remembered_.front().hash;
        const Slot* slot = find(hash);  // another transmission may have taken it over
        if (slot != nullptr && slot->entry == (kHandled | first_remembered_)) erase(hash);
        remembered_.pop_front();
        first_remembered_ = (first_remembered_ + 1) & ~kHandled;
    }
}

Deduplicator::Remembered& Deduplicator::remembered(const Slot& slot) {
    return remembered_[(slot.entry - first_remembered_) & ~kHandled];
}

bool Deduplicator::is_another_transmission(const Remembered& handled,
                                           std::uint16_t gateway,
                                           std::optional<std::uint32_t> counter_us) {
    if (!counter_us) return false;
    const auto end = handled.sightings.begin() + handled.count;
    const auto same = std::find_if(
        handled.sightings.begin(), end, [&](const Sighting& s) { return s.gateway == gateway; });
    if (same == end) return false;
    return std::abs(std::int64_t{static_cast<std::int32_t>(*counter_us - same->counter_us)}) >
           kOneTransmissionUs;
}

void Deduplicator::remember(Entry& entry, Instant now) {
    const auto number =
        (first_remembered_ + static_cast<std::uint32_t>(remembered_.size())) & ~kHandled;
    find(entry.hash)->entry = kHandled | number;
    Remembered& handled = remembered_.emplace_back();
    handled.until = now + limits_.cooldown;
    handled.hash = entry.hash;
    for (const Copy& copy : entry.set.copies) {
        if (!copy.counter_us) continue;
        handled.sightings[handled.count++] = {UsualGateways::tag_of(copy.path.gateway),
                                              *copy.counter_us};
        if (handled.count == handled.sightings.size()) return;
    }
}

void Deduplicator::open(const GatewayUplink& uplink, std::uint64_t hash, Slot* slot, Instant now) {
    const std::uint32_t index = new_entry();
    Entry& entry = *entries_[index];
    entry.hash = hash;
    entry.device = device_of(uplink.phy_payload);
    entry.set.phy_payload.assign(uplink.phy_payload.begin(), uplink.phy_payload.end());
    entry.set.first_at = now;
    if (slot != nullptr) {
        slot->entry = index + kFirstEntry;
    } else {
        insert(hash, index + kFirstEntry);
    }
    deadlines_.push_back({now + limits_.window, index, entry.generation});
    ++open_count_;
}

Deduplicator::Added Deduplicator::add(const GatewayUplink& uplink, Instant now, bool may_open) {
    forget_old(now);
    const ByteView payload = uplink.phy_payload;
    const std::uint64_t hash = hash_bytes(payload, seed_);
    const std::uint16_t tag = UsualGateways::tag_of(uplink.path.gateway);

    Added added = Added::merged;
    Slot* slot = find(hash);
    const bool handled = slot != nullptr && (slot->entry & kHandled) != 0;
    if (handled && !is_another_transmission(remembered(*slot), tag, uplink.counter_us)) {
        if (limits_.close_early) usual_.learn_late(device_of(payload), tag);
        return Added::late;
    }
    if (slot == nullptr || handled) {
        if (!may_open || open_count_ >= limits_.max_open) return Added::shed;
        open(uplink, hash, slot, now);
        slot = find(hash);
        added = Added::opened;
    }
    const std::uint32_t index = slot->entry - kFirstEntry;
    if (entries_[index]->set.copies.size() >= limits_.max_copies) return Added::excess;
    Entry& entry = *entries_[index];
    entry.set.copies.push_back(copy_of(uplink, now));
    if (std::ranges::find(entry.reported, tag) == entry.reported.end()) {
        entry.reported.push_back(tag);
    }
    if (limits_.close_early && !entry.ready && usual_.all_reported(entry.device, entry.reported)) {
        entry.ready = true;
        ready_.push_back(index);
    }
    return added;
}

Deduplicator::Taken Deduplicator::take(Instant now) {
    if (taken_) release(*taken_);
    taken_.reset();
    std::optional<std::uint32_t> index;
    bool early = false;
    if (!ready_.empty()) {
        index = ready_.front();
        ready_.pop_front();
        early = true;
    }
    while (!index && !deadlines_.empty()) {
        const Deadline& next = deadlines_.front();
        if (entries_[next.entry]->generation == next.generation && !entries_[next.entry]->ready) {
            if (next.at > now) break;
            index = next.entry;
        }
        deadlines_.pop_front();
    }
    if (!index) return {};
    Entry& entry = *entries_[*index];
    if (entry.set.copies.size() > 1) std::ranges::stable_sort(entry.set.copies, is_better);
    if (limits_.close_early) usual_.learn(entry.device, entry.reported);
    if (limits_.cooldown > Duration::zero()) {
        remember(entry, now);
    } else {
        erase(entry.hash);
    }
    --open_count_;
    taken_ = index;
    return {&entry.set, early};
}

std::optional<Instant> Deduplicator::next_deadline() const {
    if (!ready_.empty()) return Instant::min();
    for (const Deadline& next : deadlines_) {
        const Entry& entry = *entries_[next.entry];
        if (entry.generation == next.generation && !entry.ready) return next.at;
    }
    return std::nullopt;
}

}  // namespace helio::lns
