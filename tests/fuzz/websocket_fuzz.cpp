#include "base/net/websocket.h"
#include "tests/base/net/websocket_client.h"
#include "tests/fuzz/property.h"

#include <algorithm>

using namespace helio;

namespace {

struct Heard {
    Bytes data;
    bool closed = false;
    unsigned code = 0;
    friend bool operator==(const Heard&, const Heard&) = default;
};

Heard run(ByteView input, std::size_t piece) {
    net::WebSocket socket({.message_bytes = 1000, .free_frames = 8});
    Heard out;
    Bytes output;
    while (!input.empty()) {
        const std::size_t size = std::min(piece, input.size());
        socket.feed(input.first(size), out.data, output);
        input = input.subspan(size);
    }
    // All that is said is frames of control, whole and as a server must send them.
    std::size_t said = 0;
    const auto frames = net::frames_of(output);
    for (const net::TestFrame& frame : frames) {
        fuzz::require(frame.fin && !frame.masked && frame.rsv == 0 && frame.payload.size() <= 125);
        fuzz::require(frame.opcode == 10 || (frame.opcode == 8 && &frame == &frames.back()));
        said += frame.bytes().size();
    }
    fuzz::require(said == output.size());
    out.closed = socket.closed();
    if (out.closed) out.code = net::close_code(frames.back());
    return out;
}

}  // namespace

// What the handler gets, and how it ends, does not depend on how the network cuts the bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const ByteView input(data + 1, size - 1);
    const Heard whole = run(input, input.size());
    fuzz::require(run(input, 1) == whole);
    fuzz::require(run(input, data[0] % 32 + 1) == whole);

    // An upgrade whose key and protocols are anything.
    const std::string text(text_of(input));
    const net::HttpRequest request{.method = "GET",
                                   .target = "/mqtt",
                                   .headers = {{"Upgrade", "websocket"},
                                               {"Connection", "upgrade"},
                                               {"Sec-WebSocket-Version", "13"},
                                               {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
                                               {"Sec-WebSocket-Protocol", text}}};
    constexpr std::string_view kOurs[] = {"mqtt"};
    if (const auto answer = net::accept_websocket(request, kOurs)) {
        fuzz::require(answer->find("Sec-WebSocket-Protocol: mqtt\r\n\r\n") != std::string::npos);
    }
    return 0;
}
