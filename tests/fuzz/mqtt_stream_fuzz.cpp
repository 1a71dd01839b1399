#include "base/store/memory_log.h"
#include "base/store/store.h"
#include "bridge/mqtt/broker.h"
#include "bridge/mqtt/connection.h"
#include "bridge/mqtt/packet/packet.h"
#include "bridge/mqtt/session/tables.h"
#include "tests/fuzz/property.h"

#include <algorithm>

using namespace helio;
using namespace helio::bridge::mqtt;

namespace {

struct Everybody final : Authenticator {
    void authenticate(const ConnectRequest&, Instant now, Answer answer) override {
        answer({.reason = ReasonCode::success}, now);
    }
};

struct Socket final : Wire {
    void write(ByteView bytes) override {
        fuzz::require(!ended);
        written.insert(written.end(), bytes.begin(), bytes.end());
    }
    std::size_t queued_bytes() const override { return 0; }
    void end() override { ended = true; }
    void wake() override {}
    Bytes written;
    bool ended = false;
};

// What a client hears that says `stream`, cut after every `step` bytes.
Bytes heard(ByteView stream, std::size_t step) {
    const Instant now = from_unix_us(1'700'000'000'000'000);
    store::MemoryLog log;
    store::Store store(kTables, log);
    Everybody everybody;
    Broker broker(store, {}, crypto::seeded_random(1), everybody, nullptr, now);
    store.on_durable([&](store::Position p) { broker.on_durable(p, now); });
    Socket socket;
    {
        Connection connection(broker, socket, broker.limits(), broker.stats(), {}, now);
        while (!stream.empty() && !connection.closed()) {
            const ByteView piece = stream.first(std::min(step, stream.size()));
            stream = stream.subspan(piece.size());
            connection.on_bytes(piece, now);
        }
        store.flush(now);
        store.poll();
        connection.on_closed(now);
    }
    fuzz::require(broker.connection_count() == 0);
    return socket.written;
}

}  // namespace

// However the network cuts what a client says, it hears the same, and all of it is MQTT.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    // A CONNECT in front, so that what follows is reached.
    const Version version = data[0] % 2 == 0 ? Version::v3_1_1 : Version::v5;
    Bytes stream;
    if ((data[0] & 2) == 0) {
        encode_connect({.version = version, .client_id = "c", .clean_start = (data[0] & 4) != 0},
                       stream);
    }
    stream.insert(stream.end(), data + 2, data + size);
    const Bytes whole = heard(stream, stream.size() + 1);
    const Bytes cut = heard(stream, data[1] % 16 + 1);
    fuzz::require(std::ranges::equal(whole, cut));

    StreamDecoder decoder(kMaxPacketBytes);
    const auto fed = decoder.feed(whole, [&](const Frame& frame) {
        fuzz::require(parse_packet(frame, Version::v5).has_value() ||
                      parse_packet(frame, Version::v3_1_1).has_value());
        return Next::more;
    });
    fuzz::require(fed.has_value() && decoder.kept_bytes() == 0);
    return 0;
}
