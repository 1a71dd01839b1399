#include "base/io/resolver.h"

#include <memory>
#include <netdb.h>
#include <sys/socket.h>

namespace helio::io {
namespace {

std::optional<Peer> look_up(const std::string& host, std::uint16_t port) {
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    wanted.ai_flags = AI_ADDRCONFIG;
    addrinfo* found = nullptr;
    if (getaddrinfo(host.c_str(), nullptr, &wanted, &found) != 0) return std::nullopt;
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, freeaddrinfo);
    Peer peer = Peer::from_sockaddr(*found->ai_addr);
    peer.port = port;
    return peer;
}

}  // namespace

void Resolver::resolve(const std::string& host, std::uint16_t port, Done done) {
    const auto found = std::make_shared<std::optional<Peer>>();
    const bool taken = worker_.run([found, host, port] { *found = look_up(host, port); },
                                   [found, done] { done(*found); });
    if (!taken) done(std::nullopt);
}

}  // namespace helio::io
