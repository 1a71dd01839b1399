#include "tools/helio-bench/subscriber.h"

#include "base/base64.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <chrono>
#include <cstring>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace helio::bench {
namespace {

std::string field(std::string_view text) {
    return std::string{static_cast<char>(text.size() >> 8), static_cast<char>(text.size())} +
           std::string(text);
}

std::string packet(std::uint8_t type, const std::string& body) {
    return std::string{static_cast<char>(type), static_cast<char>(body.size())} + body;
}

std::int64_t now_us() {
    using namespace std::chrono;
    return duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
}

void read_exactly(int socket, char* out, std::size_t size) {
    while (size > 0) {
        const ssize_t n = read(socket, out, size);
        if (n <= 0) throw std::runtime_error("the broker closed the connection");
        out += n;
        size -= static_cast<std::size_t>(n);
    }
}

}  // namespace

Subscriber::Subscriber(std::uint16_t port, const std::string& filter) {
    socket_ = socket(AF_INET, SOCK_STREAM, 0);
    const int receive_buffer = 16 << 20;
    setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
        throw std::runtime_error("no MQTT listener on port " + std::to_string(port));
    }
    // MQTT 3.1.1, clean session, no keep-alive.
    const std::string hello = packet(0x10,
                                     field("MQTT") + std::string{4, 2, 0, 0} +
                                         field("bench-" + std::to_string(getpid()))) +
                              packet(0x82, std::string{0, 1} + field(filter) + std::string{0});
    if (write(socket_, hello.data(), hello.size()) != static_cast<ssize_t>(hello.size())) {
        throw std::runtime_error("the broker did not take CONNECT");
    }
    std::array<char, 9> answers{};  // CONNACK and SUBACK
    read_exactly(socket_, answers.data(), answers.size());
    if (answers[0] != 0x20 || answers[3] != 0 || static_cast<std::uint8_t>(answers[4]) != 0x90) {
        throw std::runtime_error("the broker refused the subscriber");
    }
    thread_ = std::thread([this] { read_all(); });
}

Subscriber::~Subscriber() {
    shutdown(socket_, SHUT_RDWR);
    thread_.join();
    close(socket_);
}

void Subscriber::read_all() {
    std::vector<char> buffer(4 << 20);
    std::size_t filled = 0;
    for (;;) {
        const ssize_t n = read(socket_, buffer.data() + filled, buffer.size() - filled);
        if (n <= 0) return;
        filled += static_cast<std::size_t>(n);
        const char* at = buffer.data();
        const char* const end = at + filled;
        for (;;) {
            std::size_t length = 0;
            int shift = 0;
            const char* body = at + 1;
            while (body < end && shift < 28) {
                length |= static_cast<std::size_t>(*body & 0x7f) << shift;
                shift += 7;
                if ((*body++ & 0x80) == 0) break;
            }
            if (at + 1 >= end || (body[-1] & 0x80) != 0 ||
                static_cast<std::size_t>(end - body) < length) {
                break;
            }
            if ((*at & 0xf0) == 0x30) take_publish(body, body + length);
            at = body + length;
        }
        filled = static_cast<std::size_t>(end - at);
        std::memmove(buffer.data(), at, filled);
        const std::lock_guard lock(mutex_);
        latencies_us_.insert(latencies_us_.end(), fresh_us_.begin(), fresh_us_.end());
        fresh_us_.clear();
    }
}

void Subscriber::take_publish(const char* begin, const char* end) {
    received_.fetch_add(1, std::memory_order_relaxed);
    constexpr std::string_view kData = "\"data\":\"";
    const char* const data = std::search(begin, end, kData.begin(), kData.end());
    if (end - data < 32) return;
    std::array<std::uint8_t, 9> bytes{};
    if (!from_base64(std::string_view(data + kData.size(), 12), bytes)) return;
    std::int64_t sent_us = 0;
    for (int i = 0; i < 8; ++i) sent_us = sent_us << 8 | bytes[i];
    const std::int64_t latency = now_us() - sent_us;
    if (latency >= 0 && latency < 3'600'000'000)
        fresh_us_.push_back(static_cast<std::uint32_t>(latency));
}

Latencies Subscriber::take_latencies() {
    std::vector<std::uint32_t> all;
    {
        const std::lock_guard lock(mutex_);
        all.swap(latencies_us_);
    }
    if (all.empty()) return {};
    std::ranges::sort(all);
    const auto at = [&](double share) {
        return all[std::min(all.size() - 1,
                            static_cast<std::size_t>(share * static_cast<double>(all.size())))] /
               1000.0;
    };
    return {all.size(), at(0.5), at(0.99), all.back() / 1000.0};
}

}  // namespace helio::bench
