// The state of the broker on `$SYS/broker/...`, with the names that Mosquitto gave these topics.
//
// Published every ten seconds and when somebody has just asked, and only what somebody hears.  To
// be handed to Broker::observe; the wiring calls on_time.
#pragma once

#include "bridge/mqtt/broker.h"

#include <array>
#include <string>
#include <vector>

namespace helio::bridge::mqtt {

class SysTopics final : public BrokerEvents {
  public:
    static constexpr std::chrono::seconds kPeriod{10};

    SysTopics(Broker& broker, std::string_view version, Instant started);

    // When to call again, at the latest.
    Instant on_time(Instant now);

    void connected(const ClientView& client, Instant now) override;
    void subscribed(const ClientView& client,
                    std::span<const std::string_view> filters,
                    Instant now) override;

  private:
    // Per minute, over the last 1, 5 and 15 minutes.
    struct Load {
        std::uint64_t counted = 0;
        std::array<double, 3> averages{};
    };
    void measure(Instant now);
    void publish(std::string_view topic, std::string_view value, Instant now);
    void publish_all(Instant now);

    Broker& broker_;
    std::string version_;
    Instant started_;
    Instant measured_at_;
    Instant next_;
    std::size_t most_clients_ = 0;
    std::vector<Load> loads_;
    std::string topic_;
};

}  // namespace helio::bridge::mqtt
