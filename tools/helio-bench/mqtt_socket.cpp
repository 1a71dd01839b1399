#include "tools/helio-bench/mqtt_socket.h"

#include <arpa/inet.h>
#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace helio::bench {
namespace {

constexpr std::size_t kReadBytes = 256 << 10;

void put_u16(MqttSocket::Buffer& out, std::size_t value) {
    out.push_back(static_cast<std::uint8_t>(value >> 8));
    out.push_back(static_cast<std::uint8_t>(value));
}

void put_text(MqttSocket::Buffer& out, std::string_view text) {
    put_u16(out, text.size());
    out.insert(out.end(), text.begin(), text.end());
}

void put_length(MqttSocket::Buffer& out, std::size_t length) {
    do {
        out.push_back(static_cast<std::uint8_t>((length & 0x7f) | (length > 0x7f ? 0x80 : 0)));
        length >>= 7;
    } while (length > 0);
}

// Without sleeping: on one machine the broker would pay for waking us, which clients elsewhere do
// not cost it.
void wait_for(int fd, short what) {
    using Clock = std::chrono::steady_clock;
    const auto patience = Clock::now() + std::chrono::seconds(10);
    pollfd one{.fd = fd, .events = what, .revents = 0};
    while (poll(&one, 1, 0) != 1) {
        if (Clock::now() > patience) throw std::runtime_error("the broker does not answer");
    }
}

}  // namespace

int connect_loopback(std::uint16_t port) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
        if (fd >= 0) close(fd);
        throw std::runtime_error("no connection to the broker");
    }
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    return fd;
}

MqttSocket::MqttSocket(std::uint16_t port) : fd_(connect_loopback(port)) {
    fcntl(fd_, F_SETFL, fcntl(fd_, F_GETFL) | O_NONBLOCK);
}

MqttSocket::MqttSocket(std::uint16_t port, const std::string& client_id, Session session)
    : MqttSocket(port) {
    send_connect(client_id, session);
    await_connack();
}

MqttSocket::MqttSocket(MqttSocket&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      rest_(std::move(other.rest_)),
      partial_(std::move(other.partial_)) {}

MqttSocket::~MqttSocket() {
    if (fd_ >= 0) close(fd_);
}

MqttSocket::Buffer connect_packet(const std::string& client_id, Session session) {
    MqttSocket::Buffer body;
    put_text(body, "MQTT");
    body.push_back(4);
    body.push_back(session == Session::clean ? 0x02 : 0x00);
    put_u16(body, 0);  // no keep-alive
    put_text(body, client_id);
    MqttSocket::Buffer packet{0x10};
    put_length(packet, body.size());
    packet.insert(packet.end(), body.begin(), body.end());
    return packet;
}

void MqttSocket::send_connect(const std::string& client_id, Session session) {
    send(connect_packet(client_id, session));
}

void MqttSocket::await_connack() { await(0x20); }

void MqttSocket::await(std::uint8_t type) {
    bool came = false;
    while (!came) {
        wait_for(fd_, POLLIN);
        read([&](std::uint8_t head, std::span<const std::uint8_t>) { came |= head == type; });
    }
}

void MqttSocket::subscribe(std::span<const std::string> filters, int qos) {
    Buffer body;
    put_u16(body, 1);
    for (const std::string& filter : filters) {
        put_text(body, filter);
        body.push_back(static_cast<std::uint8_t>(qos));
    }
    Buffer packet{0x82};
    put_length(packet, body.size());
    packet.insert(packet.end(), body.begin(), body.end());
    send(packet);
    while (owes()) {
        wait_for(fd_, POLLOUT);
        send({});
    }
    await(0x90);
}

void MqttSocket::send(std::span<const std::uint8_t> bytes) {
    if (!rest_.empty()) {
        rest_.insert(rest_.end(), bytes.begin(), bytes.end());
        const ssize_t sent = ::send(fd_, rest_.data(), rest_.size(), MSG_NOSIGNAL);
        if (sent > 0) rest_.erase(rest_.begin(), rest_.begin() + sent);
        return;
    }
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    const std::size_t done = sent < 0 ? 0 : static_cast<std::size_t>(sent);
    rest_.assign(bytes.begin() + static_cast<std::ptrdiff_t>(done), bytes.end());
}

std::span<const std::uint8_t> MqttSocket::read_some() {
    static thread_local Buffer buffer(kReadBytes);
    std::size_t have = partial_.size();
    if (buffer.size() < have + kReadBytes / 2) buffer.resize(have + kReadBytes);
    std::copy(partial_.begin(), partial_.end(), buffer.begin());
    const ssize_t size = recv(fd_, buffer.data() + have, buffer.size() - have, 0);
    if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR)) {
        throw std::runtime_error("the broker has closed a connection");
    }
    if (size > 0) have += static_cast<std::size_t>(size);
    return {buffer.data(), have};
}

void MqttSocket::keep(std::span<const std::uint8_t> bytes) {
    if (bytes.empty()) {
        partial_.clear();
    } else {
        partial_ = Buffer(bytes.begin(), bytes.end());
    }
}

void append_publish(MqttSocket::Buffer& out,
                    std::string_view topic,
                    int qos,
                    std::uint16_t id,
                    std::size_t payload_bytes) {
    out.push_back(static_cast<std::uint8_t>(0x30 | qos << 1));
    put_length(out, 2 + topic.size() + (qos > 0 ? 2 : 0) + payload_bytes);
    put_text(out, topic);
    if (qos > 0) put_u16(out, id);
    out.insert(out.end(), payload_bytes, 'x');
}

}  // namespace helio::bench
