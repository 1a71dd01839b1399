// Makes one frame of the copies that several gateways (or antennas) heard.
//
//   reception --> [ open, until its window ends or all usual gateways have reported ] --> handled
//                                                                  '--> remembered for a cooldown
//
// Copies are copies where the PHYPayload is the same.  The frequency is not compared: a strong
// signal is also heard on a mirror frequency, and that is the same transmission.  A gateway that
// hears the same bytes at another time has heard another transmission: the device's repeat, or
// somebody's replay.
#pragma once

#include "lns/uplink/uplink_set.h"
#include "lns/uplink/usual_gateways.h"

#include <array>
#include <deque>
#include <memory>
#include <vector>

namespace helio::lns {

struct DeduplicatorLimits {
    Duration window = std::chrono::milliseconds(200);
    Duration cooldown = std::chrono::seconds(1);
    bool close_early = true;
    std::size_t max_open = 16'384;
    std::size_t max_remembered = 131'072;  // handled frames in their cooldown; the oldest goes
    std::size_t max_devices = 1'048'576;   // whose usual gateways are known
    std::size_t max_copies = 50;
};

class Deduplicator {
  public:
    // `seed` keeps others from choosing frames that fall on one place of the table.
    Deduplicator(DeduplicatorLimits limits, std::uint64_t seed);
    ~Deduplicator();

    enum class Added : std::uint8_t {
        opened,
        merged,
        late,    // of a transmission that was handled already
        excess,  // more copies than are kept
        shed,    // too many frames are open
    };
    // `may_open` false: overload; copies of open frames are still welcome.  `now` never goes back.
    Added add(const GatewayUplink& uplink, Instant now, bool may_open = true);

    // The next frame that is complete or whose window is over, best copy first; nullptr: none.  It
    // is valid until the next call of take or add.
    struct Taken {
        const UplinkSet* set = nullptr;
        bool early = false;
    };
    Taken take(Instant now);
    // When take() will have something at the latest.
    std::optional<Instant> next_deadline() const;

    std::size_t open_count() const { return open_count_; }

  private:
    struct Entry;
    struct Slot {
        std::uint64_t hash = 0;
        std::uint32_t entry = 0;
    };
    struct Deadline {
        Instant at;
        std::uint32_t entry;
        std::uint32_t generation;
    };
    // When a gateway heard the frame, by its own counter.
    struct Sighting {
        std::uint16_t gateway;  // as UsualGateways names it
        std::uint32_t counter_us;
    };
    struct Remembered {
        Instant until;
        std::uint64_t hash;
        std::uint8_t count = 0;
        std::array<Sighting, 4> sightings;  // of the strongest copies
    };

    static bool is_another_transmission(const Remembered& handled,
                                        std::uint16_t gateway,
                                        std::optional<std::uint32_t> counter_us);
    Remembered& remembered(const Slot& slot);
    void remember(Entry& entry, Instant now);
    void open(const GatewayUplink& uplink, std::uint64_t hash, Slot* slot, Instant now);
    Slot* find(std::uint64_t hash);
    void insert(std::uint64_t hash, std::uint32_t entry);
    void erase(std::uint64_t hash);
    void grow();
    std::uint32_t new_entry();
    void release(std::uint32_t entry);
    void forget_old(Instant now);

    DeduplicatorLimits limits_;
    std::uint64_t seed_;
    UsualGateways usual_;
    std::vector<Slot> slots_;  // open addressing, linear probing
    std::size_t used_ = 0;
    std::vector<std::unique_ptr<Entry>> entries_;
    std::vector<std::uint32_t> free_;
    std::deque<Deadline> deadlines_;
    std::deque<std::uint32_t> ready_;
    std::deque<Remembered> remembered_;
    std::uint32_t first_remembered_ = 0;  // the number of the oldest; a slot holds such a number
    std::optional<std::uint32_t> taken_;
    std::size_t open_count_ = 0;
};

}  // namespace helio::lns
