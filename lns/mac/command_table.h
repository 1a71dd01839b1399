// Every MAC command of LoRaWAN 1.0.x and 1.1 (TS001 §5), one row each.
//
// The row is the only place that knows a command's size; the parser walks the table and a handler
// never sees bytes of another command.
#pragma once

#include "base/bytes.h"
#include "lns/frame/phy.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace helio::lns::mac {

enum class Cid : std::uint8_t {
    reset = 0x01,
    link_check = 0x02,
    link_adr = 0x03,
    duty_cycle = 0x04,
    rx_param_setup = 0x05,
    dev_status = 0x06,
    new_channel = 0x07,
    rx_timing_setup = 0x08,
    tx_param_setup = 0x09,
    dl_channel = 0x0a,
    rekey = 0x0b,
    adr_param_setup = 0x0c,
    device_time = 0x0d,
    force_rejoin = 0x0e,
    rejoin_param_setup = 0x0f,
    ping_slot_info = 0x10,
    ping_slot_channel = 0x11,
    beacon_timing = 0x12,
    beacon_freq = 0x13,
    device_mode = 0x20,
};

enum class Initiator : std::uint8_t { device, network };

// A direction in which the command does not exist.
inline constexpr std::uint8_t kNoSize = 0xff;

struct CommandRow {
    Cid cid;
    std::string_view name;       // without Req, Ans, Ind and Conf
    std::uint8_t uplink_size;    // payload, without the CID
    std::uint8_t downlink_size;  // payload, without the CID
    Initiator initiator;

    constexpr std::uint8_t size(Direction d) const {
        return d == Direction::up ? uplink_size : downlink_size;
    }
};

// clang-format off
inline constexpr CommandRow kCommands[] = {
    //  cid                       name               up       down  begun by
    {Cid::reset,              "Reset",              1,       1, Initiator::device},
    {Cid::link_check,         "LinkCheck",          0,       2, Initiator::device},
    {Cid::link_adr,           "LinkADR",            1,       4, Initiator::network},
    {Cid::duty_cycle,         "DutyCycle",          0,       1, Initiator::network},
    {Cid::rx_param_setup,     "RXParamSetup",       1,       4, Initiator::network},
    {Cid::dev_status,         "DevStatus",          2,       0, Initiator::network},
    {Cid::new_channel,        "NewChannel",         1,       5, Initiator::network},
    {Cid::rx_timing_setup,    "RXTimingSetup",      0,       1, Initiator::network},
    {Cid::tx_param_setup,     "TxParamSetup",       0,       1, Initiator::network},
    {Cid::dl_channel,         "DlChannel",          1,       4, Initiator::network},
    {Cid::rekey,              "Rekey",              1,       1, Initiator::device},
    {Cid::adr_param_setup,    "ADRParamSetup",      0,       1, Initiator::network},
    {Cid::device_time,        "DeviceTime",         0,       5, Initiator::device},
    {Cid::force_rejoin,       "ForceRejoin",  kNoSize,       2, Initiator::network},
    {Cid::rejoin_param_setup, "RejoinParamSetup",   1,       1, Initiator::network},
    {Cid::ping_slot_info,     "PingSlotInfo",       1,       0, Initiator::device},
    {Cid::ping_slot_channel,  "PingSlotChannel",    1,       4, Initiator::network},
    {Cid::beacon_timing,      "BeaconTiming",       0,       3, Initiator::device},
    {Cid::beacon_freq,        "BeaconFreq",         1,       3, Initiator::network},
    {Cid::device_mode,        "DeviceMode",         1,       1, Initiator::device},
};
// clang-format on

namespace internal {
constexpr auto make_rows_by_cid() {
    std::array<const CommandRow*, 256> rows{};
    for (const CommandRow& row : kCommands) rows[static_cast<std::uint8_t>(row.cid)] = &row;
    return rows;
}
inline constexpr auto kRowsByCid = make_rows_by_cid();

constexpr bool is_sorted_and_sized() {
    for (std::size_t i = 0; i < std::size(kCommands); ++i) {
        const CommandRow& row = kCommands[i];
        if (i > 0 && kCommands[i - 1].cid >= row.cid) return false;
        if (row.uplink_size == kNoSize && row.downlink_size == kNoSize) return false;
        // What a device begins needs an uplink form, what we begin a downlink form.
        const auto begun = row.initiator == Initiator::device ? Direction::up : Direction::down;
        if (row.size(begun) == kNoSize) return false;
    }
    return true;
}
static_assert(is_sorted_and_sized());
}  // namespace internal

constexpr const CommandRow* find_command(std::uint8_t cid) { return internal::kRowsByCid[cid]; }

struct Command {
    const CommandRow* row;
    ByteView payload;
};

// Takes the next command off the front of `rest`; absent at the end, or at a CID that is unknown or
// cut short: the remainder cannot be read then, because its lengths are not known (TS001 §5).  So
// `rest` is empty afterwards exactly where all was understood.
constexpr std::optional<Command> next_command(Direction direction, ByteView& rest) {
    if (rest.empty()) return std::nullopt;
    const CommandRow* row = find_command(rest.front());
    if (row == nullptr || row->size(direction) == kNoSize) return std::nullopt;
    const std::size_t size = row->size(direction);
    if (rest.size() < 1 + size) return std::nullopt;
    const Command command{row, rest.subspan(1, size)};
    rest = rest.subspan(1 + size);
    return command;
}

}  // namespace helio::lns::mac
