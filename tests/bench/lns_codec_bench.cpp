// What one frame costs in cryptography and parsing.
#include "lns/adr/adr.h"
#include "lns/frame/data_frame.h"
#include "lns/frame/mic.h"
#include "lns/frame/payload_crypto.h"
#include "lns/mac/commands.h"
#include "lns/mac/desired.h"
#include "lns/proto/device.pb.h"
#include "lns/proto/session.pb.h"

#include <benchmark/benchmark.h>

using namespace helio;
using namespace helio::lns;

namespace {

// A 48-byte signed part: 12 of header and port, 36 of payload.
Bytes frame_of(std::size_t payload) {
    const Bytes data(payload, 0x5a);
    Bytes phy;
    encode_unsigned({.dev_addr = DevAddr::from_value(0x2601f00d),
                     .adr = true,
                     .fcnt = {7},
                     .fport = 1,
                     .frm_payload = {data}},
                    phy);
    append_mic({1, 2, 3, 4}, phy);
    return phy;
}

// The server tries a session's key once and then another session's.
void mic_with_a_new_key(benchmark::State& state) {
    const Bytes phy = frame_of(static_cast<std::size_t>(state.range(0)) - 9);
    const auto frame = parse_data_frame(phy);
    crypto::Key128 key;
    for (auto _ : state) {
        ++key.bytes[0];
        ++key.bytes[7];
        benchmark::DoNotOptimize(data_mic_1_0(*frame, {7}, key));
    }
}
BENCHMARK(mic_with_a_new_key)->Arg(20)->Arg(48)->Arg(200);

void parse_frame(benchmark::State& state) {
    const Bytes phy = frame_of(36);
    for (auto _ : state) benchmark::DoNotOptimize(parse_data_frame(phy));
}
BENCHMARK(parse_frame);

void decrypt_payload(benchmark::State& state) {
    const Bytes phy = frame_of(static_cast<std::size_t>(state.range(0)));
    const auto frame = parse_data_frame(phy);
    crypto::Key128 key;
    Bytes out(frame->frm_payload.bytes.size());
    for (auto _ : state) {
        ++key.bytes[0];
        crypt_frm_payload(
            key, {frame->direction, frame->dev_addr, {7}}, frame->frm_payload.bytes, out);
        benchmark::DoNotOptimize(out.data());
    }
}
BENCHMARK(decrypt_payload)->Arg(16)->Arg(36)->Arg(222);

// What the MAC layer costs an uplink that needs nothing: want, have, compare.
void plan_requests_for_a_settled_device(benchmark::State& state) {
    const Region& region = *find_region("EU868");
    const mac::NetworkSettings settings = mac::default_settings(region);
    const proto::DeviceProfile profile;
    proto::Session session;
    mac::to_proto(mac::desired_parameters(region, settings, profile, {}, {}),
                  *session.mutable_current());
    for (auto _ : state) {
        const auto desired = mac::desired_parameters(
            region, settings, profile, mac::from_proto(session.current()), {});
        benchmark::DoNotOptimize(mac::plan_requests(session, desired, region, 15));
    }
}
BENCHMARK(plan_requests_for_a_settled_device);

void decide_adr(benchmark::State& state) {
    std::vector<adr::Observation> history;
    for (std::uint32_t i = 0; i < adr::kWindow; ++i)
        history.push_back({i, static_cast<std::int16_t>(i * 7 % 40), 1, 0});
    const adr::Input input{.region = find_region("EU868"), .history = history, .data_rate = 3};
    for (auto _ : state) benchmark::DoNotOptimize(adr::decide(input));
}
BENCHMARK(decide_adr);

}  // namespace
