// What the API needs of the rest of the server beside the store and the registry; the wiring
// implements it, tests play it.
#pragma once

#include "base/eui64.h"
#include "base/result.h"
#include "base/time.h"
#include "lns/network_server.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace helio::bridge::api {

// Forwards to lns::NetworkServer.
class NetworkServerPort {
  public:
    virtual ~NetworkServerPort() = default;
    virtual Result<lns::CommandAnswer, lns::CommandError> command(const lns::DeviceCommand& command,
                                                                  Instant now) = 0;
    // In the order of sending.
    virtual std::vector<lns::proto::QueueItem> queue(Eui64 dev_eui) const = 0;
    // Why the device sends as it does, in words; absent before it has been heard.
    virtual std::optional<std::string> explain_adr(Eui64 dev_eui) const = 0;
};

// What the gateway bridge knows of a gateway that has sent something since the start.
struct GatewayLive {
    bool connected = false;
    std::string address;  // of its last keep-alive
    std::optional<Instant> last_seen;
    std::optional<Instant> last_uplink;
    std::uint64_t uplinks = 0;
    std::uint64_t downlinks = 0;
    std::uint64_t downlinks_refused = 0;
    std::optional<double> round_trip_ms;
};
struct SeenGateway {
    Eui64 eui;
    std::string address;
    Instant first_seen;
    Instant last_seen;
    std::uint64_t datagrams = 0;
};
class GatewayPort {
  public:
    virtual ~GatewayPort() = default;
    virtual std::optional<GatewayLive> live(Eui64 gateway) const = 0;
    // Gateways that sent something and are not registered; bounded.
    virtual std::vector<SeenGateway> seen() const = 0;
};

// Compiles a payload codec in the codec host.
class CodecPort {
  public:
    struct Problem {
        bool busy = false;  // not the codec's fault
        std::string text;   // for the codec's owner
    };
    using Answer = std::function<void(Result<void, Problem>)>;
    virtual ~CodecPort() = default;
    // Answers once, at once or later on the loop thread.
    virtual void check(std::string source, Answer answer) = 0;
};

enum class BackupState : std::uint8_t { none, running, done, failed };
struct BackupStatus {
    BackupState state = BackupState::none;
    std::string directory;
    std::string reason;  // for a person, where failed
};
class BackupPort {
  public:
    virtual ~BackupPort() = default;
    // Starts a copy into a folder of the server's machine; the error is a sentence for the caller.
    virtual Result<void, std::string> start(std::string_view directory) = 0;
    virtual BackupStatus status() const = 0;
};

}  // namespace helio::bridge::api
