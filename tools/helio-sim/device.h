// A class A device of LoRaWAN 1.0.4 as the specification describes it (TS001-1.0.4): joins, frames
// with counters, MAC commands, ADR, receive windows.  Pure: it says what to transmit and when it
// will listen; who transmits and listens for it is the simulation.
//
//   join_request() / uplink() / repeat()  ->  Transmission with its two windows
//   on_downlink(bytes heard in a window)  ->  what the device makes of them
#pragma once

#include "crypto/lorawan_keys.h"
#include "lns/frame/data_frame.h"
#include "lns/frame/join_accept.h"
#include "tools/helio-sim/identity.h"
#include "tools/helio-sim/mac_commands.h"
#include "tools/helio-sim/radio_settings.h"

#include <functional>

namespace helio::sim {

struct DeviceSettings {
    const lns::Region* region;
    Activation activation = Activation::otaa;
    unsigned sub_band = 0;
    std::uint8_t data_rate = 0;
    bool adr = true;
    std::uint16_t first_dev_nonce = 0;
    std::uint32_t first_fcnt = 0;
};

struct Window {
    Duration delay;  // from the end of the transmission
    std::uint32_t frequency_hz;
    lns::Modulation modulation;
};

struct Transmission {
    Bytes phy;
    std::uint32_t frequency_hz;
    lns::Modulation modulation;
    std::int8_t eirp_dbm;
    std::array<Window, 2> windows;
};

enum class Hearing : std::uint8_t {
    join_accepted,
    data,
    repeated,  // a counter that has been used
    bad_mic,
    not_mine,  // another device's address, or no frame for a device
    malformed,
};

struct HeardDownlink {
    Hearing hearing;
    std::optional<std::uint8_t> fport;
    Bytes payload;
    bool ack = false;
    bool fpending = false;
};

class Device {
  public:
    // Transmissions of a frame that nobody acknowledges (TS001 §17.3 asks for no more than 8).
    static constexpr unsigned kMaxConfirmedAttempts = 8;

    // `random(n)` gives an index below n.
    using RandomIndex = std::function<std::size_t(std::size_t)>;

    Device(const Identity& identity, const DeviceSettings& settings, RandomIndex random);

    bool joined() const { return session_.has_value(); }
    Transmission join_request();

    // A new frame.  Where waiting MAC answers leave no room for the payload they go alone, on FPort
    // 0; carried_payload() tells.
    Transmission uplink(std::uint8_t fport, ByteView payload, bool confirmed);
    bool carried_payload() const { return carried_payload_; }

    // After the windows have passed: whether the same frame has to be sent again, because it was
    // not acknowledged or NbTrans asks for it.
    bool wants_repeat() const;
    Transmission repeat();
    // Of a confirmed uplink: whether its acknowledgement was heard.
    bool acknowledged() const { return acknowledged_; }

    HeardDownlink on_downlink(ByteView phy);

    // Of the session; only while joined().
    lns::DevAddr dev_addr() const { return session_->dev_addr; }
    const Identity& identity() const { return identity_; }
    const RadioSettings& radio() const { return radio_; }
    const MacCounts& mac_counts() const { return mac_counts_; }
    std::uint16_t next_dev_nonce() const { return dev_nonce_; }
    std::uint32_t next_fcnt() const { return fcnt_up_; }

  private:
    struct Session {
        lns::DevAddr dev_addr;
        crypto::SessionKeys keys;
        std::uint32_t next_fcnt_down = 0;
    };

    Transmission transmit(Bytes phy, Duration rx_delay_1, std::uint8_t rx1_dr_offset);
    void count_for_adr();
    HeardDownlink on_join_accept(ByteView phy);
    HeardDownlink on_data(ByteView phy);
    void apply(const lns::JoinAccept& accept);

    Identity identity_;
    DeviceSettings settings_;
    RandomIndex random_;
    RadioSettings radio_;
    std::optional<Session> session_;
    std::uint16_t dev_nonce_;
    std::uint16_t requested_nonce_ = 0;
    bool joining_ = false;
    std::uint32_t fcnt_up_;
    unsigned adr_ack_count_ = 0;

    // The frame that was last sent.
    Bytes last_phy_;
    bool last_confirmed_ = false;
    bool acknowledged_ = false;
    bool heard_ = false;  // anything in its windows
    unsigned attempts_ = 0;
    bool carried_payload_ = false;

    bool owes_ack_ = false;  // of a confirmed downlink
    MacAnswers answers_;
    MacCounts mac_counts_;
    DeviceStatus status_;
};

}  // namespace helio::sim
