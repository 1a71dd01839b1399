// The address and port of the other side of a socket, or the one a listener is bound to: 24 bytes,
// comparable and hashable.
//
// IPv4 is kept in its IPv6 form (::ffff:a.b.c.d), so that a client is the same Peer on an IPv4 and
// on a dual-stack socket; text shows it as IPv4.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

struct sockaddr;
struct sockaddr_storage;

namespace helio::io {

struct Peer {
    std::array<std::uint8_t, 16> address{};
    std::uint32_t scope = 0;  // of a link-local IPv6 address: the index of the interface
    std::uint16_t port = 0;

    // "192.0.2.1:1700", "[2001:db8::1]:1700", "localhost:1700" (127.0.0.1).  No other names: a name
    // needs a look-up.
    static std::optional<Peer> from_text(std::string_view text);
    static Peer from_sockaddr(const sockaddr& address);
    static Peer loopback(std::uint16_t port);  // 127.0.0.1

    bool is_ipv4() const;
    bool is_loopback() const;
    bool is_any() const;               // 0.0.0.0 or ::
    std::string address_text() const;  // "192.0.2.1", "2001:db8::1"
    std::string text() const;          // what from_text reads

    // Fills `out` and answers its length; IPv4 as AF_INET unless `as_ipv6`.
    unsigned to_sockaddr(sockaddr_storage& out, bool as_ipv6 = false) const;

    friend auto operator<=>(const Peer&, const Peer&) = default;
};

// The address of a listener, from the setting `key`.  Throws std::runtime_error with one sentence
// that says how to write it.
Peer parse_listen_address(std::string_view text, std::string_view key);

// The sentence for a listener that could not be opened: what is wrong and what to do about it.
// `protocol` is "UDP" or "TCP", `error` an errno value.
std::string listen_error(std::string_view protocol,
                         const Peer& address,
                         std::string_view key,
                         int error);

}  // namespace helio::io

template <>
struct std::hash<helio::io::Peer> {
    std::size_t operator()(const helio::io::Peer& peer) const noexcept;
};
