// One decodeUplink call in the engine, as the codec host makes it.
#include "bridge/payload/js/engine.h"

#include <benchmark/benchmark.h>

namespace {

using namespace helio::bridge::payload;

constexpr const char* kThermometer = R"(
function decodeUplink(input) {
    var data = {};
    for (var i = 0; i + 2 < input.bytes.length; i += 3) {
        var value = input.bytes[i + 1] << 8 | input.bytes[i + 2];
        switch (input.bytes[i]) {
            case 1: data.temperature = (value > 0x7fff ? value - 0x10000 : value) / 10; break;
            case 2: data.humidity = value / 100; break;
            case 3: data.battery = value / 1000; break;
            default: return {errors: ['unknown channel ' + input.bytes[i]]};
        }
    }
    return {data: data, warnings: data.battery < 2.5 ? ['battery low'] : []};
})";

void decode_uplink(benchmark::State& state) {
    js::Engine engine({});
    proto::Job job;
    job.set_codec(1);
    job.set_source(kThermometer);
    job.set_data("\x01\x00\xd7\x02\x12\x34\x03\x0b\xb8", 9);
    job.set_fport(2);
    proto::Answer answer;
    for (auto _ : state) {
        answer.Clear();
        engine.run(job, answer);
    }
    if (answer.object_json() != R"({"temperature":21.5,"humidity":46.6,"battery":3})") {
        state.SkipWithError(answer.error().c_str());
    }
}
BENCHMARK(decode_uplink)->Unit(benchmark::kMicrosecond);

}  // namespace
