#include "bridge/payload/io/codec_host_process.h"

#include "base/io/timer.h"

#include "tests/support/catch.h"

using namespace helio;
using namespace helio::bridge::payload;

namespace {

class Fixture {
  public:
    Fixture() {
        loop.on_turn_end([this] { host.client().flush(loop.now()); });
        host_time.start_every(std::chrono::milliseconds(20));
    }
    Result<Decoded, CodecError> decode(const std::string& source) {
        std::optional<Result<Decoded, CodecError>> out;
        host.client().decode({.codec = make_codec(source), .data = {7}, .fport = 1},
                             [&](auto result) { out = std::move(result); },
                             loop.now());
        REQUIRE(loop.run_until([&] { return out.has_value(); }));
        return *out;
    }

    io::Loop loop;
    log::Log log{log::Level::off};
    CodecHostProcess host{loop, HELIO_BIN_DIR "/heliograph-codec-host", {"--run-time-ms=200"}, log};
    io::Timer host_time{loop, [this] { host.client().on_time(loop.now()); }};
};

}  // namespace

TEST_CASE_METHOD(Fixture, "a payload goes to the codec host and comes back as an object", "[payload][host]") {
    CHECK(decode("function decodeUplink(i) { return {data: {b: i.bytes[0]}}; }").value().object_json ==
          R"({"b":7})");
}

TEST_CASE_METHOD(Fixture,
                 "after a codec has brought the host down, the next message decodes in a new one",
                 "[payload][host]") {
    // Memory outside of the engine's heap: ends in an exception or in the end of the process.
    const auto hostile = decode(
        "function decodeUplink(i) { const a = []; for (;;) a.push(new Uint8Array(5e7).fill(1)); }");
    CHECK_FALSE(hostile.has_value());
    const std::string good = "function decodeUplink(i) { return {data: {ok: true}}; }";
    CHECK(decode(good).value().object_json == R"({"ok":true})");
    const auto starts = host.client().stats().host_starts;
    host.kill();  // as a crash does, between two messages
    REQUIRE(loop.run_until([&] { return decode(good).has_value(); }));
    CHECK(host.client().stats().host_starts == starts + 1);
}

TEST_CASE("without a codec host program, a message loses its object and says so", "[payload][host]") {
    io::Loop loop;
    log::Log log(log::Level::off);
    CodecHostProcess host(loop, "/nonexistent/codec-host", {}, log);
    std::optional<CodecError> error;
    host.client().decode({.codec = make_codec("x"), .data = {1}},
                         [&](auto result) { error = result.error(); },
                         loop.now());
    host.client().flush(loop.now());
    REQUIRE(error);
    CHECK(error->kind == CodecFailure::crashed);
}
