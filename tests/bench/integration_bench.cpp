// What an uplink costs on its way into JSON.
#include "bridge/integration/aws_uplink.h"
#include "bridge/integration/chirpstack_event.h"
#include "bridge/integration/event_topic.h"
#include "tests/bridge/integration/events.h"

#include <benchmark/benchmark.h>

namespace {

using namespace helio::bridge::integration;

void chirpstack_up(benchmark::State& state) {
    const auto event = helio::test::uplink_event();
    std::string out;
    for (auto _ : state) {
        out.clear();
        append_chirpstack_event(out, event, helio::test::kSensorDevice);
        benchmark::DoNotOptimize(out.data());
    }
}
BENCHMARK(chirpstack_up);

void aws_up(benchmark::State& state) {
    const auto event = helio::test::uplink_event();
    std::string out;
    for (auto _ : state) {
        out.clear();
        append_aws_uplink(out,
                          event,
                          {.wireless_device_id = "b8a6a1ac-5e34-4c4b-8e3a-2e5b27f8a0c1",
                           .gateway_metadata = true});
        benchmark::DoNotOptimize(out.data());
    }
}
BENCHMARK(aws_up);

void event_topic(benchmark::State& state) {
    const auto event = helio::test::uplink_event();
    std::string out;
    for (auto _ : state) {
        out.clear();
        append_event_topic(out,
                           "meters",
                           helio::Eui64::from_value(event.dev_eui()),
                           event_name(event.kind_case()));
        benchmark::DoNotOptimize(out.data());
    }
}
BENCHMARK(event_topic);

}  // namespace
