#include "base/io/udp_socket.h"

#include "tests/support/catch.h"

#include <vector>

using namespace helio;
using namespace helio::io;
using Catch::Matchers::ContainsSubstring;

namespace {

Bytes numbered(std::uint32_t n, std::size_t size = 4) {
    Bytes bytes(size, 0xa5);
    for (std::size_t i = 0; i < 4; ++i) bytes[i] = static_cast<std::uint8_t>(n >> (8 * i));
    return bytes;
}

// A socket that keeps what it hears.
struct Ear {
    std::vector<Bytes> heard;
    std::vector<Peer> from;
    UdpSocket socket;

    Ear(Loop& loop, const Peer& at, UdpOptions options = {})
        : socket(
              loop,
              at,
              "test.udp",
              [this](std::span<const Datagram> batch) {
                  for (const Datagram& d : batch) {
                      heard.emplace_back(d.bytes.begin(), d.bytes.end());
                      from.push_back(d.from);
                  }
              },
              options) {}
};

}  // namespace

TEST_CASE("a datagram arrives whole, with the address it came from", "[io][udp]") {
    const auto address = GENERATE(as<std::string>(), "127.0.0.1:0", "[::1]:0");
    CAPTURE(address);
    Loop loop;
    Ear a(loop, *Peer::from_text(address));
    Ear b(loop, *Peer::from_text(address));
    a.socket.send(b.socket.local(), numbered(7, 1400));
    REQUIRE(loop.run_until([&] { return !b.heard.empty(); }));
    CHECK(b.heard == std::vector<Bytes>{numbered(7, 1400)});
    CHECK(b.from == std::vector<Peer>{a.socket.local()});
}

TEST_CASE("a socket on [::] serves IPv4 and answers it", "[io][udp]") {
    Loop loop;
    Ear server(loop, *Peer::from_text("[::]:0"));
    Ear client(loop, Peer::loopback(0));
    client.socket.send(Peer::loopback(server.socket.local().port), numbered(1));
    REQUIRE(loop.run_until([&] { return !server.heard.empty(); }));
    CHECK(server.from[0] == client.socket.local());
    server.socket.send(server.from[0], numbered(2));
    REQUIRE(loop.run_until([&] { return !client.heard.empty(); }));
    CHECK(client.heard[0] == numbered(2));
}

TEST_CASE("many datagrams share a system call and none is lost or reordered", "[io][udp]") {
    Loop loop;
    Ear sink(loop, Peer::loopback(0));
    UdpSocket source(loop, Peer::loopback(0), "test.udp", [](auto) {});
    constexpr std::uint32_t kCount = 1000;
    for (std::uint32_t i = 0; i < kCount; ++i) source.send(sink.socket.local(), numbered(i));
    REQUIRE(loop.run_until([&] { return sink.heard.size() == kCount; }));
    for (std::uint32_t i = 0; i < kCount; ++i) REQUIRE(sink.heard[i] == numbered(i));
    CHECK(source.stats().sent == kCount);
    CHECK(sink.socket.stats().received == kCount);
    CHECK(sink.socket.stats().receive_calls <= kCount / 16);
}

TEST_CASE("datagrams of many sizes to several peers arrive each by itself, in order", "[io][udp]") {
    Loop loop;
    Ear sender(loop, Peer::loopback(0));
    Ear first(loop, Peer::loopback(0));
    Ear second(loop, Peer::loopback(0));
    std::vector<Bytes> to_first;
    std::vector<Bytes> to_second;
    for (std::uint32_t i = 0; i < 1'000; ++i) {
        // Runs of one size to one peer, of 1 to 100 datagrams; some sizes are no run's.
        const std::size_t size = 4 + (i / 100) * (i % 7 == 0 ? 200 : 5);
        const bool for_first = (i / 37) % 3 != 0;
        (for_first ? to_first : to_second).push_back(numbered(i, size));
        sender.socket.send((for_first ? first : second).socket.local(), numbered(i, size));
    }
    REQUIRE(loop.run_until([&] {
        return first.heard.size() == to_first.size() && second.heard.size() == to_second.size();
    }));
    CHECK(first.heard == to_first);
    CHECK(second.heard == to_second);
    CHECK(sender.socket.stats().sent == 1'000);
}

TEST_CASE("an empty datagram and one of the greatest size arrive", "[io][udp]") {
    Loop loop;
    Ear a(loop, Peer::loopback(0));
    Ear b(loop, Peer::loopback(0));
    a.socket.send(b.socket.local(), {});
    a.socket.send(b.socket.local(), numbered(9, 65'507));
    REQUIRE(loop.run_until([&] { return b.heard.size() == 2; }));
    CHECK(b.heard[0].empty());
    CHECK(b.heard[1] == numbered(9, 65'507));
}

TEST_CASE("a datagram that cannot be sent is counted and does not hold up the next", "[io][udp]") {
    Loop loop;
    Ear a(loop, Peer::loopback(0));
    Ear b(loop, Peer::loopback(0));
    a.socket.send(b.socket.local(), Bytes(65'508));  // longer than UDP allows
    a.socket.send(b.socket.local(), numbered(2));
    REQUIRE(loop.run_until([&] { return !b.heard.empty(); }));
    CHECK(b.heard[0] == numbered(2));
    CHECK(a.socket.stats().send_errors == 1);
    CHECK(a.socket.stats().sent == 1);
}

TEST_CASE("what exceeds the send queue is dropped and counted", "[io][udp]") {
    Loop loop;
    Ear sink(loop, Peer::loopback(0));
    UdpSocket source(loop, Peer::loopback(0), "test.udp", [](auto) {}, {.max_queued = 10});
    for (std::uint32_t i = 0; i < 15; ++i) source.send(sink.socket.local(), numbered(i));
    REQUIRE(loop.run_until([&] { return sink.heard.size() == 10; }));
    CHECK(source.stats().dropped_queue_full == 5);
    source.send(sink.socket.local(), numbered(99));
    REQUIRE(loop.run_until([&] { return sink.heard.size() == 11; }));
}

TEST_CASE("datagrams that find the receive buffer full are known", "[io][udp]") {
    Loop loop;
    Ear sink(loop, Peer::loopback(0), {.receive_buffer_bytes = 4096});
    UdpSocket source(loop, Peer::loopback(0), "test.udp", [](auto) {});
    for (std::uint32_t i = 0; i < 500; ++i) source.send(sink.socket.local(), numbered(i, 1000));
    source.flush();
    CHECK(sink.socket.kernel_drops() > 0);
    const std::uint64_t lost = sink.socket.kernel_drops();
    CHECK(loop.run_until([&] { return sink.heard.size() == 500 - lost; }));
}

TEST_CASE("the receive buffer is megabytes where the system allows it", "[io][udp]") {
    Loop loop;
    Ear ear(loop, Peer::loopback(0));
    CHECK(ear.socket.receive_buffer_bytes() >= 200'000);  // the default of a Linux system
}

TEST_CASE("a taken UDP port is one sentence that says what to do", "[io][udp]") {
    Loop loop;
    Ear first(loop, Peer::loopback(0));
    const std::string port = std::to_string(first.socket.local().port);
    CHECK_THROWS_WITH(
        Ear(loop, first.socket.local()),
        "UDP port " + port + " on 127.0.0.1 is taken by another program; stop it or set test.udp");
}

TEST_CASE("a UDP address of another machine is one sentence", "[io][udp]") {
    Loop loop;
    CHECK_THROWS_WITH(Ear(loop, *Peer::from_text("192.0.2.1:0")),
                      ContainsSubstring("no interface of this machine has the address 192.0.2.1"));
}
