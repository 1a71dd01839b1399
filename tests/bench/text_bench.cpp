// Base64 and times, as every rxpk and every event has them.
#include "base/base64.h"
#include "base/time.h"

#include <array>
#include <benchmark/benchmark.h>

using namespace helio;

namespace {

void read_base64_of_a_frame(benchmark::State& state) {
    const std::string text = to_base64(Bytes(29, 0x5a));
    std::array<std::uint8_t, 256> out;
    for (auto _ : state) {
        benchmark::DoNotOptimize(text.data());
        benchmark::DoNotOptimize(from_base64(text, out));
    }
}
BENCHMARK(read_base64_of_a_frame);

void write_base64_of_a_payload(benchmark::State& state) {
    const Bytes payload(16, 0x5a);
    for (auto _ : state) benchmark::DoNotOptimize(to_base64(payload));
}
BENCHMARK(write_base64_of_a_payload);

void write_a_time(benchmark::State& state) {
    std::array<char, kRfc3339Size> out;
    std::int64_t us = 1'795'253'400'123'456;
    for (auto _ : state) benchmark::DoNotOptimize(to_rfc3339(from_unix_us(++us), out));
}
BENCHMARK(write_a_time);

void read_a_time(benchmark::State& state) {
    const std::string text = "2026-11-21T09:30:00.123456Z";
    for (auto _ : state) {
        benchmark::DoNotOptimize(text.data());
        benchmark::DoNotOptimize(from_rfc3339(text));
    }
}
BENCHMARK(read_a_time);

}  // namespace
