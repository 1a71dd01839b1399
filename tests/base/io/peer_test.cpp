#include "base/io/peer.h"

#include "tests/support/catch.h"

#include <cerrno>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unordered_set>

using namespace helio::io;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("an address is written as it is read", "[io][peer]") {
    for (const char* text : {"0.0.0.0:1700", "192.0.2.7:65535", "[::]:8883", "[2001:db8::1]:1"}) {
        CAPTURE(text);
        const auto peer = Peer::from_text(text);
        REQUIRE(peer);
        CHECK(peer->text() == text);
    }
    CHECK(Peer::from_text("localhost:80") == Peer::loopback(80));
}

TEST_CASE("a text without address and port is refused", "[io][peer]") {
    for (const char* text : {"",
                             "1700",
                             ":1700",
                             "0.0.0.0",
                             "0.0.0.0:",
                             "0.0.0.0:65536",
                             "0.0.0.0:-1",
                             "256.0.0.1:1",
                             "::1:80",
                             "[::1]",
                             "[]:1",
                             "a:1"}) {
        CAPTURE(text);
        CHECK_FALSE(Peer::from_text(text));
    }
}

TEST_CASE("an IPv4 client is the same peer on an IPv4 and on a dual-stack socket", "[io][peer]") {
    const Peer peer = *Peer::from_text("192.0.2.7:1700");
    sockaddr_storage v4{};
    sockaddr_storage mapped{};
    peer.to_sockaddr(v4);
    peer.to_sockaddr(mapped, true);
    REQUIRE(v4.ss_family == AF_INET);
    REQUIRE(mapped.ss_family == AF_INET6);
    CHECK(Peer::from_sockaddr(reinterpret_cast<sockaddr&>(v4)) == peer);
    CHECK(Peer::from_sockaddr(reinterpret_cast<sockaddr&>(mapped)) == peer);
}

TEST_CASE("peers that differ in the port only have different hashes", "[io][peer]") {
    std::unordered_set<std::size_t> hashes;
    for (std::uint16_t port = 1; port <= 1000; ++port) {
        hashes.insert(std::hash<Peer>()(Peer::loopback(port)));
    }
    CHECK(hashes.size() == 1000);
}

TEST_CASE("a peer knows loopback and any", "[io][peer]") {
    CHECK(Peer::from_text("127.9.9.9:1")->is_loopback());
    CHECK(Peer::from_text("[::1]:1")->is_loopback());
    CHECK_FALSE(Peer::from_text("[::2]:1")->is_loopback());
    CHECK_FALSE(Peer::from_text("0.0.0.0:1")->is_loopback());
    CHECK(Peer::from_text("0.0.0.0:1")->is_any());
    CHECK(Peer::from_text("[::]:1")->is_any());
    CHECK_FALSE(Peer::from_text("[::1]:1")->is_any());
}

TEST_CASE("a wrong listen address says how to write it", "[io][peer]") {
    CHECK_THROWS_WITH(
        parse_listen_address("nowhere", "mqtt.tcp"),
        ContainsSubstring("mqtt.tcp = \"nowhere\"") && ContainsSubstring("0.0.0.0:1700"));
}

TEST_CASE("a listener that cannot be opened says what to do", "[io][peer]") {
    const Peer address = *Peer::from_text("0.0.0.0:443");
    CHECK(listen_error("TCP", address, "http.tls", EADDRINUSE) ==
          "TCP port 443 on 0.0.0.0 is taken by another program; stop it or set http.tls");
    CHECK_THAT(listen_error("TCP", address, "http.tls", EACCES),
               ContainsSubstring("cap_net_bind_service"));
    CHECK_THAT(listen_error("TCP", address, "http.tls", EADDRNOTAVAIL),
               ContainsSubstring("no interface") && ContainsSubstring("http.tls"));
}
