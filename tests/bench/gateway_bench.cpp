// The gateway bridge's part of an uplink.
#include "gateway-bridge/semtech-udp/backend.h"

#include <benchmark/benchmark.h>

using namespace helio;
using namespace helio::gateway_bridge::semtech_udp;

namespace {

constexpr std::string_view kRxpk =
    R"({"rxpk":[{"tmst":3512348611,"time":"2026-11-21T09:30:00.123456Z","tmms":1479288618123,)"
    R"("chan":2,"rfch":0,"freq":868.1,"mid":8,"stat":1,"modu":"LORA","datr":"SF7BW125",)"
    R"("codr":"4/5","rssi":-35,"rssis":-36,"lsnr":5.1,"foff":-412,"size":23,)"
    R"("data":"QAQDAgGAAQABppRkJhXWw7WCAAECAwQ="}]})";

std::string push_data_datagram() {
    return std::string("\x02\xa1\xb2\x00\x00\x16\xc0\x01\xff\x10\xa2\x35", 12) + std::string(kRxpk);
}

void packet(benchmark::State& state) {
    const std::string datagram = push_data_datagram();
    for (auto _ : state) benchmark::DoNotOptimize(parse_packet(bytes_of(datagram)));
}
BENCHMARK(packet);

void rxpk(benchmark::State& state) {
    PushData data;
    for (auto _ : state) benchmark::DoNotOptimize(parse_push_data(bytes_of(kRxpk), data));
}
BENCHMARK(rxpk);

void datagram_to_uplink(benchmark::State& state) {
    Backend backend({}, [](Eui64) { return GatewayInfo{}; });
    const std::string datagram = push_data_datagram();
    Outbox out;
    for (auto _ : state) {
        out.clear();
        backend.on_datagram(io::Peer::loopback(1), bytes_of(datagram), from_unix_us(1), out);
        benchmark::DoNotOptimize(out.uplinks.size());
    }
}
BENCHMARK(datagram_to_uplink);

}  // namespace
