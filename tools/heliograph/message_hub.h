// Where messages meet: events go to the broker and to rules, every published message to the rules,
// what rules republish to the broker, and command/down to the downlink queue.
#pragma once

#include "bridge/delivery/downlink_commands.h"
#include "bridge/delivery/event_delivery.h"
#include "bridge/mqtt/broker.h"
#include "bridge/rules/rule_engine.h"

namespace helio::server {

// What rules publish goes into the broker.
class RulePublisher final : public bridge::rules::Publisher {
  public:
    // The broker and the clock come later than the rule engine, which needs a publisher.
    void connect(bridge::mqtt::Broker& broker, std::function<Instant()> clock);
    Result<void, std::string> publish(const bridge::rules::Publication& publication) override;

  private:
    bridge::mqtt::Broker* broker_ = nullptr;
    std::function<Instant()> clock_;
};

class MessageHub final : public bridge::delivery::EventSink {
  public:
    MessageHub(bridge::mqtt::Broker& broker,
               bridge::rules::RuleEngine& rules,
               std::function<Instant()> clock);

    // From now on commands on .../command/down reach the devices.
    void serve_commands(bridge::delivery::DownlinkCommands& commands);

    void publish(std::string_view topic, std::string_view payload) override;
    bool has_rule(std::string_view name) const override;
    void run_rule(std::string_view name, std::string_view topic, std::string_view payload) override;

  private:
    bridge::mqtt::Broker& broker_;
    bridge::rules::RuleEngine& rules_;
    std::function<Instant()> clock_;
};

}  // namespace helio::server
