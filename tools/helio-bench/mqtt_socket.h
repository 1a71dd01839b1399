// One MQTT 3.1.1 client of the load generator: a socket and the few packets that a load needs.
//
// Connecting blocks; from then on the socket does not.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace helio::bench {

enum class Session : std::uint8_t { clean, lasting };

class MqttSocket {
  public:
    using Buffer = std::vector<std::uint8_t>;

    // Two steps, so that many can be on their way at once.  They throw std::runtime_error.
    explicit MqttSocket(std::uint16_t port);
    void send_connect(const std::string& client_id, Session session = Session::clean);
    void await_connack();
    MqttSocket(std::uint16_t port, const std::string& client_id, Session session = Session::clean);
    ~MqttSocket();
    MqttSocket(MqttSocket&& other) noexcept;
    MqttSocket& operator=(MqttSocket&&) = delete;

    void subscribe(std::span<const std::string> filters, int qos);  // and waits for the SUBACK
    int fd() const { return fd_; }

    // What the kernel does not take is kept and goes first with the next call.
    void send(std::span<const std::uint8_t> bytes);
    bool owes() const { return !rest_.empty(); }

    // Reads once and calls `on_packet(type and flags, body)` for each whole packet.
    template <class F>
    void read(F&& on_packet) {
        std::span<const std::uint8_t> bytes = read_some();
        while (bytes.size() >= 2) {
            std::size_t length = 0;
            std::size_t at = 1;
            bool whole = false;
            for (int shift = 0; at < bytes.size() && at < 5; shift += 7) {
                const std::uint8_t byte = bytes[at++];
                length |= std::size_t{byte & 0x7fu} << shift;
                if ((byte & 0x80) == 0) {
                    whole = true;
                    break;
                }
            }
            if (!whole || bytes.size() - at < length) break;
            on_packet(bytes[0], bytes.subspan(at, length));
            bytes = bytes.subspan(at + length);
        }
        keep(bytes);
    }

  private:
    std::span<const std::uint8_t> read_some();
    void keep(std::span<const std::uint8_t> bytes);
    void await(std::uint8_t type);

    int fd_ = -1;
    Buffer rest_;
    Buffer partial_;
};

// A blocking socket to 127.0.0.1 without Nagle's delay; throws std::runtime_error.
int connect_loopback(std::uint16_t port);
MqttSocket::Buffer connect_packet(const std::string& client_id, Session session);

// "bench/fanin/7" and 64 bytes of payload; an id for QoS 1.
void append_publish(MqttSocket::Buffer& out,
                    std::string_view topic,
                    int qos,
                    std::uint16_t id,
                    std::size_t payload_bytes = 64);

}  // namespace helio::bench
