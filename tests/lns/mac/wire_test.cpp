#include "lns/mac/command_table.h"
#include "lns/mac/dev_status.h"
#include "lns/mac/device_time.h"
#include "lns/mac/dl_channel.h"
#include "lns/mac/duty_cycle.h"
#include "lns/mac/link_adr.h"
#include "lns/mac/link_check.h"
#include "lns/mac/new_channel.h"
#include "lns/mac/rx_param_setup.h"
#include "lns/mac/rx_timing_setup.h"
#include "lns/mac/tx_param_setup.h"
#include "tests/lns/lorawan_vectors.h"

#include <map>

using namespace helio;
using namespace helio::lns;
using namespace helio::lns::mac;
using namespace helio::lns::test;

namespace {

constexpr std::uint32_t kStep = 100;
constexpr std::uint32_t kStepAt2_4GHz = 200;

template <std::size_t N>
std::string hex(const std::array<std::uint8_t, N>& bytes) {
    return to_hex(bytes);
}

std::uint8_t byte(const Vector& fields, const char* name) {
    return fields.number<std::uint8_t>(name);
}
std::uint32_t step_of(const Vector& fields) {
    return fields.number("Frequency_hz") > 2'000'000'000 ? kStepAt2_4GHz : kStep;
}

// From the fields of a vector to the payload after the CID; and that payload read and written
// again.
struct Coded {
    std::string payload;
    std::string again;
};
template <std::size_t N, class T, class Parse>
Coded code(const T& value, const Vector& v, Parse parse) {
    const Bytes bytes = v.hex("bytes");
    REQUIRE(bytes.size() == 1 + N);
    const T parsed = parse(std::span(bytes).subspan(1).template first<N>());
    CHECK(parsed == value);
    return {hex(encode(value)), hex(encode(parsed))};
}
template <std::size_t N, class T, class Parse>
Coded code_frequency(const T& value, const Vector& v, std::uint32_t step, Parse parse) {
    const Bytes bytes = v.hex("bytes");
    REQUIRE(bytes.size() == 1 + N);
    const T parsed = parse(std::span(bytes).subspan(1).template first<N>(), step);
    CHECK(parsed == value);
    return {hex(encode(value, step)), hex(encode(parsed, step))};
}

using Coder = Coded (*)(const Vector& v, const Vector& f);
const std::map<std::string, Coder> kCoders = {
    {"LinkCheckAns",
     [](const Vector& v, const Vector& f) {
         return code<2>(LinkCheckAns{byte(f, "Margin"), byte(f, "GwCnt")}, v, parse_link_check_ans);
     }},
    {"LinkADRReq",
     [](const Vector& v, const Vector& f) {
         return code<4>(LinkAdrReq{byte(f, "DataRate"),
                                   byte(f, "TXPower"),
                                   f.number<std::uint16_t>("ChMask"),
                                   byte(f, "ChMaskCntl"),
                                   byte(f, "NbTrans")},
                        v,
                        parse_link_adr_req);
     }},
    {"LinkADRAns",
     [](const Vector& v, const Vector& f) {
         return code<1>(
             LinkAdrAns{f.flag("ChannelMaskACK"), f.flag("DataRateACK"), f.flag("PowerACK")},
             v,
             parse_link_adr_ans);
     }},
    {"DutyCycleReq",
     [](const Vector& v, const Vector& f) {
         return code<1>(DutyCycleReq{byte(f, "MaxDutyCycle")}, v, parse_duty_cycle_req);
     }},
    {"RXParamSetupReq",
     [](const Vector& v, const Vector& f) {
         return code_frequency<4>(
             RxParamSetupReq{
                 byte(f, "RX1DROffset"), byte(f, "RX2DataRate"), f.number("Frequency_hz")},
             v,
             kStep,
             parse_rx_param_setup_req);
     }},
    {"RXParamSetupAns",
     [](const Vector& v, const Vector& f) {
         return code<1>(
             RxParamSetupAns{
                 f.flag("ChannelACK"), f.flag("RX2DataRateACK"), f.flag("RX1DROffsetACK")},
             v,
             parse_rx_param_setup_ans);
     }},
    {"DevStatusAns",
     [](const Vector& v, const Vector& f) {
         return code<2>(DeviceStatus{byte(f, "Battery"), f.number<std::int8_t>("Margin")},
                        v,
                        parse_dev_status_ans);
     }},
    {"NewChannelReq",
     [](const Vector& v, const Vector& f) {
         return code_frequency<5>(
             NewChannelReq{
                 byte(f, "ChIndex"), f.number("Frequency_hz"), byte(f, "MinDR"), byte(f, "MaxDR")},
             v,
             step_of(f),
             parse_new_channel_req);
     }},
    {"NewChannelAns",
     [](const Vector& v, const Vector& f) {
         return code<1>(NewChannelAns{f.flag("ChannelFrequencyOK"), f.flag("DataRateRangeOK")},
                        v,
                        parse_new_channel_ans);
     }},
    {"RXTimingSetupReq",
     [](const Vector& v, const Vector& f) {
         return code<1>(RxTimingSetupReq{byte(f, "Del")}, v, parse_rx_timing_setup_req);
     }},
    {"TxParamSetupReq",
     [](const Vector& v, const Vector& f) {
         return code<1>(
             TxParamSetupReq{
                 f.flag("DownlinkDwellTime"), f.flag("UplinkDwellTime"), byte(f, "MaxEIRP_code")},
             v,
             parse_tx_param_setup_req);
     }},
    {"DlChannelReq",
     [](const Vector& v, const Vector& f) {
         return code_frequency<4>(DlChannelReq{byte(f, "ChIndex"), f.number("Frequency_hz")},
                                  v,
                                  kStep,
                                  parse_dl_channel_req);
     }},
    {"DlChannelAns",
     [](const Vector& v, const Vector& f) {
         return code<1>(DlChannelAns{f.flag("ChannelFrequencyOK"), f.flag("UplinkFrequencyExists")},
                        v,
                        parse_dl_channel_ans);
     }},
    {"DeviceTimeAns",
     [](const Vector& v, const Vector& f) {
         return code<5>(DeviceTimeAns{f.number("GPSSeconds"), byte(f, "FractionalSecond_256th")},
                        v,
                        parse_device_time_ans);
     }},
};

bool is_relay(const Vector& v) { return v.hex("bytes")[0] >= 0x40; }

}  // namespace

TEST_CASE("MAC commands of 1.0.x are written and read as other servers do", "[lns][mac]") {
    std::map<std::string, int> seen;
    for (const auto& v : vectors_of("mac_command")) {
        const auto coder = kCoders.find(v.text("name"));
        if (coder == kCoders.end()) continue;
        CAPTURE(v.describe());
        ++seen[v.text("name")];
        const Coded coded = coder->second(v, v.object("fields"));
        CHECK(coded.payload == v.text("bytes").substr(2));
        CHECK(coded.again == coded.payload);
    }
    CHECK(seen.size() == kCoders.size());
}

TEST_CASE("the command table knows every command's size", "[lns][mac]") {
    for (const auto& v : vectors_of("mac_command")) {
        if (is_relay(v)) continue;
        CAPTURE(v.describe());
        const Bytes bytes = v.hex("bytes");
        ByteView rest = bytes;
        const auto command = next_command(direction_of(v), rest);
        REQUIRE(command);
        CHECK(rest.empty());
        CHECK(v.text("name").rfind(std::string(command->row->name), 0) == 0);
        // Cut anywhere it is not read at all.
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            ByteView cut = ByteView(bytes).first(size);
            CHECK_FALSE(next_command(direction_of(v), cut));
            CHECK(cut.size() == size);
        }
    }
}

TEST_CASE("MAC commands are read up to the first unknown one", "[lns][mac]") {
    const Bytes fopts = *from_hex("0206ff07ee00");  // LinkCheck, DevStatus, ?, ...
    ByteView rest = fopts;
    CHECK(next_command(Direction::up, rest)->row->cid == Cid::link_check);
    const auto second = next_command(Direction::up, rest);
    REQUIRE(second);
    CHECK(second->row->cid == Cid::dev_status);
    CHECK(second->payload.size() == 2);
    CHECK_FALSE(next_command(Direction::up, rest));
    CHECK(rest.size() == 2);
}

TEST_CASE("a command that has no uplink form stops the reading", "[lns][mac]") {
    const Bytes fopts = *from_hex("0e02");
    ByteView rest = fopts;
    CHECK_FALSE(next_command(Direction::up, rest));
    CHECK(rest.size() == 2);
}

TEST_CASE("EIRP codes are rounded down", "[lns][mac]") {
    CHECK(eirp_code(8) == 0);
    CHECK(eirp_code(15) == 4);
    CHECK(eirp_code(16) == 5);
    CHECK(eirp_code(36) == 15);
    CHECK(eirp_code(99) == 15);
    CHECK(eirp_code(0) == 0);
}
