#include "base/net/http.h"

namespace {

using namespace helio;

// Everything that a client could see, and everything that a handler would get.
std::string run(ByteView input, std::size_t piece) {
    const Instant now = from_unix_us(0);
    net::HttpConnection connection({.header_bytes = 512, .body_bytes = 512}, now);
    std::string seen;
    while (!input.empty()) {
        const std::size_t size = std::min(piece, input.size());
        connection.feed(input.first(size), now);
        input = input.subspan(size);
        while (const auto request = connection.next_request()) {
            seen += request->method + ' ' + request->target + '\n';
            for (const auto& [name, value] : request->headers) seen += name + ':' + value + '\n';
            seen += request->body;
            if (request->target != "*" && !request->target.starts_with('/')) __builtin_trap();
            connection.respond({.body = "x"}, now);
        }
    }
    if (connection.closing() && !connection.take_rest().empty()) __builtin_trap();
    return seen;
}

}  // namespace

// What the handlers get does not depend on how the network cuts the bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const helio::ByteView input(data, size);
    const std::string whole = run(input, size);
    if (run(input, 1) != whole || run(input, 7) != whole) __builtin_trap();
    return 0;
}
