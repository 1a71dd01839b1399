// A network in which everything that can go wrong does, from a seed: frames are lost, doubled and
// overtaken, gateways' clocks wrap and gateways refuse, the server's process ends between commits.
//
// The world remembers what was sent, heard, emitted and delivered, and says at the end which
// promise was broken.
#pragma once

#include "base/store/memory_log.h"
#include "lns/network_server.h"
#include "lns/region/airtime.h"
#include "tests/lns/owner.h"
#include "tests/world/sim_device.h"

#include <set>
#include <unordered_map>

namespace helio::lns::world {

struct Setting {
    std::uint64_t seed = 1;
    std::size_t devices = 1000;
    std::size_t gateways = 4;
    std::size_t in_reach = 4;  // gateways that may hear one device
    Duration time = 2h;
    Duration period = 5min;
    double loss = 0.05;     // of a reception
    double doubled = 0.02;  // a gateway reports a frame twice
    double refused = 0.03;  // a gateway refuses a downlink
    double ack_lost = 0.02;
    Duration crash_every{};  // zero: never
    proto::MacVersion version = proto::MAC_1_0_3;
    std::uint32_t rx_delay_s = 1;
};

struct SimGateway {
    Eui64 eui;
    std::uint32_t clock_offset = 0;
    std::vector<std::pair<Instant, Instant>> emissions;  // accepted, begin and end

    std::uint32_t counter(Instant at) const {
        return static_cast<std::uint32_t>(to_unix_us(at)) + clock_offset;
    }
    Instant instant_of(std::uint32_t counter_us, Instant now) const {
        return now + Duration(static_cast<std::int32_t>(counter_us - counter(now)));
    }
};

struct Link {
    std::size_t gateway;
    float snr_db;  // at full power
};

class World {
  public:
    explicit World(Setting setting);

    void run();

    struct Broken {  // how often a promise was
        std::uint64_t counter_reused = 0;
        std::uint64_t nonce_reused = 0;
        std::uint64_t undelivered = 0;
        std::uint64_t delivered_twice = 0;
        std::uint64_t out_of_window = 0;
        std::uint64_t gateway_overlap =
            0;  // two downlinks at one time, without a crash to forget one
        friend bool operator==(const Broken&, const Broken&) = default;
    };
    Broken broken;

    std::uint64_t payloads_sent = 0, payloads_heard = 0, payloads_delivered = 0;
    std::uint64_t emitted = 0, heard_by_device = 0, joins = 0, crashes = 0, late_downlinks = 0;
    double share_at_best_rate() const;  // of devices whose link allows it
    const Stats& stats() const { return server_->stats(); }
    const std::vector<SimDevice>& devices() const { return devices_; }

  private:
    struct Payload {
        bool owed = false;  // a gateway has reported it, and not just before a crash
        std::uint32_t deliveries = 0;
        std::uint64_t crashes_at_delivery = 0;
    };

    void start_server();
    void crash();
    void turn();
    void wake();
    void schedule_crash();
    void release();
    void deliver(const proto::Event& event);
    void register_all();

    void device_turn(std::size_t index);
    void transmit(std::size_t index, bool join);
    void after_windows(std::size_t index, std::uint64_t transmission);
    void on_arrival(GatewayUplink up, const Bytes& phy, std::optional<std::uint64_t> payload);
    std::optional<std::size_t> target_of(const GatewayDownlink& downlink) const;
    void gateway_takes(GatewayDownlink downlink);
    void emit(std::size_t gateway, GatewayDownlink downlink);
    void check_nonces(const GatewayDownlink& downlink);
    std::vector<Link> draw_links();
    float link_db(std::size_t device, std::size_t gateway) const;

    Setting setting_;
    Clock clock_;
    Chance chance_;
    store::MemoryLog log_{store::MemoryLog::Answers::when_stepped};
    std::unique_ptr<store::Store> store_;
    std::unique_ptr<Registry> registry_;
    Outbox outbox_;
    std::unique_ptr<NetworkServer> server_;
    std::uint64_t life_ = 0;  // of the server's process; timers of an older one are void
    bool down_ = false;
    bool ending_ = false;
    bool step_due_ = false;
    std::optional<Instant> woken_for_;
    store::Sequence handed_on_{};  // as it is on the disk: a little behind
    store::Sequence handed_on_now_{};
    std::vector<std::pair<Instant, std::uint64_t>> recent_;  // payloads that arrived
    std::optional<Instant> crashed_at_;

    std::vector<SimGateway> gateways_;
    std::vector<SimDevice> devices_;
    std::vector<std::vector<Link>> links_;                                 // by device
    std::unordered_map<std::uint32_t, std::set<std::size_t>> at_address_;  // devices, also earlier
    std::vector<std::uint64_t> transmission_;  // by device: to know a stale timer
    std::unordered_map<std::uint64_t, Payload> payloads_;
    std::map<std::pair<Bytes, std::uint32_t>, Bytes> counters_;  // key, wire counter -> bytes
    std::map<std::pair<std::uint64_t, std::uint32_t>, Bytes> join_nonces_;
    std::set<std::size_t> joining_;
};

}  // namespace helio::lns::world
