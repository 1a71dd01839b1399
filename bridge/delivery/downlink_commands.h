// Messages on application/{destination}/device/{dev_eui}/command/down become items of the device's
// downlink queue, an `object` by way of the device's codec.
//
// Whoever published the command hears of its failure as a log event of the device.
#pragma once

#include "bridge/delivery/event_delivery.h"
#include "bridge/integration/downlink_command.h"
#include "crypto/random.h"

namespace helio::bridge::delivery {

class DownlinkCommands {
  public:
    struct Stats {
        std::uint64_t accepted = 0;
        std::uint64_t refused = 0;
    };

    DownlinkCommands(lns::NetworkServer& network,
                     EventDelivery& delivery,
                     payload::CodecClient& codecs,
                     crypto::Random random);

    // The position that makes the queue item permanent, for the publisher's acknowledgement; absent
    // where nothing was enqueued, or not yet.
    std::optional<store::Position> on_message(std::string_view topic,
                                              std::string_view payload,
                                              Instant now);

    const Stats& stats() const { return stats_; }

  private:
    std::optional<store::Position> enqueue(const integration::DownlinkCommand& command,
                                           Instant now);
    void encode(integration::DownlinkCommand command, const payload::Codec& codec, Instant now);
    void refuse(Eui64 dev_eui, std::string_view code, std::string_view why, Instant now);

    lns::NetworkServer& network_;
    EventDelivery& delivery_;
    payload::CodecClient& codecs_;
    crypto::Random random_;
    Stats stats_;
};

}  // namespace helio::bridge::delivery
