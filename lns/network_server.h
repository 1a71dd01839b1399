// The whole network server behind five verbs.  Pure: inputs with the time go in, effects come out
// in the Outbox; no socket, no thread, no clock.  State is changed through the Store only, and an
// effect may leave the server when the commit at its position is durable.
#pragma once

#include "base/result.h"
#include "base/store/store.h"
#include "base/time.h"
#include "crypto/random.h"
#include "lns/device/registry.h"
#include "lns/frame/net_id.h"
#include "lns/proto/downlink.pb.h"
#include "lns/proto/event.pb.h"
#include "lns/proto/gateway_messages.h"
#include "lns/stats.h"

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace helio::lns {

struct PublishEvent {
    store::Sequence sequence;
    proto::Event event;
};

// Effects of one or more calls, each with the position that must be durable before it leaves.  The
// caller owns it, takes what is in it and clears it.
struct Outbox {
    struct Downlink {
        store::Position position;
        GatewayDownlink downlink;
    };
    struct Publish {
        store::Position position;
        PublishEvent publish;
    };
    std::vector<Downlink> send_downlink;
    std::vector<Publish> publish_event;
};

struct RegionConfig {
    std::string name;                     // "EU868"
    std::vector<std::uint8_t> sub_bands;  // where a gateway names none; empty: all
    // Channels beside those that every device has; absent: the usual ones of the region.
    std::optional<std::vector<std::uint32_t>> extra_frequencies_hz;
    std::optional<std::uint32_t> rx2_frequency_hz;  // absent: the region's
    std::optional<std::uint32_t> rx2_data_rate;
};

struct Config {
    NetId net_id;
    std::vector<RegionConfig> regions = {{.name = "EU868"}, {.name = "US915"}};
    std::uint32_t rx_delay_1_s = 1;  // where the device profile says nothing

    Duration deduplication_window = std::chrono::milliseconds(200);
    Duration deduplication_cooldown = std::chrono::seconds(1);  // late copies are known for so long
    bool close_early = true;  // when every gateway that usually hears the device has reported
    std::size_t max_open_frames = 16'384;
    std::size_t max_remembered_devices = 1'048'576;  // whose usual gateways are known
    std::size_t max_receptions = 50;                 // of one frame

    std::size_t max_candidates = 256;    // sessions looked at for one DevAddr
    std::size_t max_mic_attempts = 512;  // a frame: as the next one, and as the last one again

    std::size_t max_queue_per_device = 100;
    std::uint32_t max_attempts_unconfirmed = 3;  // when gateways refuse or stay silent
    std::uint32_t max_attempts_confirmed = 4;    // when the device does not acknowledge
    std::size_t max_flying_downlinks = 16'384;
    // How long before its window a gateway needs a downlink, the way there included, and how long
    // its TX_ACK is waited for before the next window or gateway is tried.
    Duration gateway_lead = std::chrono::milliseconds(100);
    Duration tx_ack_timeout = std::chrono::milliseconds(400);

    std::uint32_t max_log_events_per_s = 50;  // about refused frames, which anybody can send
};

// Puts a message into a device's downlink queue.
struct EnqueueDownlink {
    Eui64 dev_eui;
    std::string message_id;  // unique for the device; the caller makes it (crypto::uuid4)
    std::uint8_t fport = 1;  // 1..223
    Bytes data;
    bool confirmed = false;
    std::optional<Instant> expires_at;
};
struct DeleteDownlink {
    Eui64 dev_eui;
    std::string message_id;
};
struct FlushQueue {
    Eui64 dev_eui;
};
// The device may begin its DevNonces anew (its memory was erased).
struct ForgetDevNonces {
    Eui64 dev_eui;
};
// The sessions of an OTAA device end: it has to join again.
struct EndSession {
    Eui64 dev_eui;
};
using DeviceCommand =
    std::variant<EnqueueDownlink, DeleteDownlink, FlushQueue, ForgetDevNonces, EndSession>;

enum class CommandError : std::uint8_t {
    unknown_device,
    unknown_message,
    queue_full,
    bad_fport,
    payload_too_large,  // for every data rate of every region: 242 bytes
    duplicate_message_id,
    bad_message_id,  // empty, or longer than 128 characters
    not_otaa,
};
std::string_view describe(CommandError error);

struct CommandAnswer {
    store::Position position;  // tell nobody before it is durable
    std::size_t removed = 0;   // queue items
};

class NetworkServer {
  public:
    // `store`, `registry` and `outbox` outlive the server; `random` feeds DevAddr and the like.
    NetworkServer(Config config, Registry& registry, crypto::Random random, Outbox& outbox);
    ~NetworkServer();

    // One reception, by one gateway.
    void on_uplink(const GatewayUplink& uplink, Instant now);
    void on_tx_ack(const GatewayTxAck& ack, Instant now);
    void on_gateway_status(const GatewayStatus& status, Instant now);
    Result<CommandAnswer, CommandError> on_command(const DeviceCommand& command, Instant now);
    // Runs what is due; says when to call again.
    std::optional<Instant> on_time(Instant now);

    // What waits for a device, in the order in which it will be sent.
    std::vector<proto::QueueItem> queue(Eui64 dev_eui) const;
    const Stats& stats() const;

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace helio::lns
