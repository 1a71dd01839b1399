// An MQTT subscriber that costs little: one QoS 0 subscription, read on a thread of its own, each
// message's send time taken from its payload.
//
// The load generator writes the microseconds of the moment of sending and a running number into the
// frame's payload (tools/helio-sim/load); they come back in "data" of the JSON event.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace helio::bench {

struct Latencies {
    std::uint64_t count = 0;
    double p50_ms = 0;
    double p99_ms = 0;
    double max_ms = 0;
};

class Subscriber {
  public:
    // Connects without credentials; throws std::runtime_error where that is refused.
    Subscriber(std::uint16_t port, const std::string& filter);
    ~Subscriber();
    Subscriber(const Subscriber&) = delete;
    Subscriber& operator=(const Subscriber&) = delete;

    std::uint64_t received() const { return received_.load(std::memory_order_relaxed); }
    // Of the messages since the last call.
    Latencies take_latencies();

  private:
    void read_all();
    void take_publish(const char* begin, const char* end);

    int socket_ = -1;
    std::atomic<std::uint64_t> received_ = 0;
    std::mutex mutex_;
    std::vector<std::uint32_t> latencies_us_;
    std::vector<std::uint32_t> fresh_us_;  // of the reading thread
    std::thread thread_;
};

}  // namespace helio::bench
