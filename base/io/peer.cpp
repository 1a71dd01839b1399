#include "base/io/peer.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <net/if.h>
#include <netinet/in.h>
#include <stdexcept>

namespace helio::io {
namespace {

constexpr std::array<std::uint8_t, 12> kIpv4Prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return port;
}

bool parse_ipv4(const std::string& host, Peer& out) {
    std::ranges::copy(kIpv4Prefix, out.address.begin());
    return inet_pton(AF_INET, host.c_str(), out.address.data() + kIpv4Prefix.size()) == 1;
}

bool parse_ipv6(std::string host, Peer& out) {
    if (const auto percent = host.find('%'); percent != std::string::npos) {
        out.scope = if_nametoindex(host.c_str() + percent + 1);
        if (out.scope == 0) return false;
        host.resize(percent);
    }
    return inet_pton(AF_INET6, host.c_str(), out.address.data()) == 1;
}

}  // namespace

std::optional<Peer> Peer::from_text(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0) return std::nullopt;
    const auto port = parse_port(text.substr(colon + 1));
    if (!port) return std::nullopt;

    Peer peer{.port = *port};
    std::string host(text.substr(0, colon));
    if (host == "localhost") host = "127.0.0.1";
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    const bool ok =
        bracketed ? parse_ipv6(host.substr(1, host.size() - 2), peer) : parse_ipv4(host, peer);
    if (!ok) return std::nullopt;
    return peer;
}

Peer Peer::from_sockaddr(const sockaddr& address) {
    Peer peer;
    if (address.sa_family == AF_INET) {
        const auto& in = reinterpret_cast<const sockaddr_in&>(address);
        std::ranges::copy(kIpv4Prefix, peer.address.begin());
        std::memcpy(peer.address.data() + kIpv4Prefix.size(), &in.sin_addr, 4);
        peer.port = ntohs(in.sin_port);
    } else if (address.sa_family == AF_INET6) {
        const auto& in6 = reinterpret_cast<const sockaddr_in6&>(address);
        std::memcpy(peer.address.data(), &in6.sin6_addr, 16);
        peer.port = ntohs(in6.sin6_port);
        peer.scope = in6.sin6_scope_id;
    }
    return peer;
}

Peer Peer::loopback(std::uint16_t port) {
    Peer peer{.port = port};
    std::ranges::copy(kIpv4Prefix, peer.address.begin());
    peer.address[12] = 127;
    peer.address[15] = 1;
    return peer;
}

bool Peer::is_ipv4() const {
    return std::equal(kIpv4Prefix.begin(), kIpv4Prefix.end(), address.begin());
}

bool Peer::is_loopback() const {
    if (is_ipv4()) return address[12] == 127;
    return address[15] == 1 && std::all_of(address.begin(), address.end() - 1, std::logical_not());
}

bool Peer::is_any() const {
    const auto begin = address.begin() + (is_ipv4() ? kIpv4Prefix.size() : 0);
    return std::all_of(begin, address.end(), std::logical_not());
}

std::string Peer::address_text() const {
    std::array<char, INET6_ADDRSTRLEN> buffer{};
    if (is_ipv4()) {
        inet_ntop(AF_INET, address.data() + kIpv4Prefix.size(), buffer.data(), buffer.size());
        return buffer.data();
    }
    inet_ntop(AF_INET6, address.data(), buffer.data(), buffer.size());
    std::string text = buffer.data();
    if (scope != 0) {
        std::array<char, IF_NAMESIZE> name{};
        if (if_indextoname(scope, name.data()) != nullptr) text += std::string("%") + name.data();
    }
    return text;
}

std::string Peer::text() const {
    const std::string host = address_text();
    return (is_ipv4() ? host : '[' + host + ']') + ':' + std::to_string(port);
}

unsigned Peer::to_sockaddr(sockaddr_storage& out, bool as_ipv6) const {
    if (is_ipv4() && !as_ipv6) {
        auto& in = reinterpret_cast<sockaddr_in&>(out);
        in = {};
        in.sin_family = AF_INET;
        in.sin_port = htons(port);
        std::memcpy(&in.sin_addr, address.data() + kIpv4Prefix.size(), 4);
        return sizeof(in);
    }
    auto& in6 = reinterpret_cast<sockaddr_in6&>(out);
    in6 = {};
    in6.sin6_family = AF_INET6;
    in6.sin6_port = htons(port);
    in6.sin6_scope_id = scope;
    std::memcpy(&in6.sin6_addr, address.data(), 16);
    return sizeof(in6);
}

Peer parse_listen_address(std::string_view text, std::string_view key) {
    if (const auto peer = Peer::from_text(text)) return *peer;
    throw std::runtime_error(std::string(key) + " = \"" + std::string(text) +
                             "\" is no address; write it like 0.0.0.0:1700, [::]:1700 or \"\" for "
                             "off");
}

std::string listen_error(std::string_view protocol,
                         const Peer& address,
                         std::string_view key,
                         int error) {
    const std::string what = std::string(protocol) + " port " + std::to_string(address.port) +
                             " on " + address.address_text();
    const std::string setting(key);
    switch (error) {
        case EADDRINUSE:
            return what + " is taken by another program; stop it or set " + setting;
        case EACCES:
        case EPERM:
            return what +
                   " needs a privilege that this program lacks; give it the capability "
                   "cap_net_bind_service or set " +
                   setting + " to a port above 1023";
        case EADDRNOTAVAIL:
            return "no interface of this machine has the address " + address.address_text() +
                   "; correct " + setting;
        case EAFNOSUPPORT:
            return "this machine has no IPv6; set " + setting + " to an IPv4 address";
        default:
            return what + " cannot be opened (" + std::strerror(error) + "); correct " + setting;
    }
}

}  // namespace helio::io

std::size_t std::hash<helio::io::Peer>::operator()(const helio::io::Peer& peer) const noexcept {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    std::memcpy(&high, peer.address.data(), 8);
    std::memcpy(&low, peer.address.data() + 8, 8);
    // Multiply and fold: the port and the last address bytes are what differs.
    std::uint64_t mixed = (low ^ high ^ (std::uint64_t{peer.port} << 17) ^ peer.scope);
    mixed *= 0x9e37'79b9'7f4a'7c15u;
    return static_cast<std::size_t>(mixed ^ mixed >> 32);
}
