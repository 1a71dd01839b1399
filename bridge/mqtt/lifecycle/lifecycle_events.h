// Publishes what clients do on `$aws/events/presence/...` and `$aws/events/subscriptions/...`, in
// the JSON of AWS IoT's lifecycle events.
//
// To be handed to Broker::observe, and to live as long as the broker.
#pragma once

#include "bridge/mqtt/broker.h"
#include "bridge/mqtt/session/broker_events.h"

#include <functional>
#include <string>

namespace helio::bridge::mqtt {

class LifecycleEvents final : public BrokerEvents {
  public:
    // The thing that a connection claims for itself alone; empty where it has none.
    using ExclusiveThing = std::function<std::string(const ClientView&)>;

    // `random` makes the session identifiers of this run of the program unlike those of others.
    LifecycleEvents(Broker& broker, const crypto::Random& random, ExclusiveThing thing_of = {});

    void connected(const ClientView& client, Instant now) override;
    void disconnected(const ClientView& client, EndReason reason, Instant now) override;
    void connect_refused(const ClientView& client, ReasonCode reason, Instant now) override;
    void subscribed(const ClientView& client,
                    std::span<const std::string_view> filters,
                    Instant now) override;
    void unsubscribed(const ClientView& client,
                      std::span<const std::string_view> filters,
                      Instant now) override;

  private:
    void begin(std::string_view event, const ClientView& client, Instant now);
    void add_session(const ClientView& client);
    void add_text(std::string_view name, std::string_view text);
    void add_thing(const ClientView& client);
    void subscription(std::string_view event,
                      const ClientView& client,
                      std::span<const std::string_view> filters,
                      Instant now);
    void publish(std::string_view folder,
                 std::string_view event,
                 const ClientView& client,
                 Instant now);

    Broker& broker_;
    ExclusiveThing thing_of_;
    std::uint64_t run_ = 0;
    std::uint64_t mask_ = 0;
    std::string topic_;
    std::string json_;
};

}  // namespace helio::bridge::mqtt
