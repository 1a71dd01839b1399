// One client's connection: bytes in, packets to the session core, packets back, bytes out.
//
//              CONNECT                 CONNACK 0
//   fresh  ------------->  connecting ----------->  connected
//     |   anything else        |  CONNACK error          |  DISCONNECT, error, take-over, timeout
//     +----------------------> closed <------------------+
//
// With an authentication method, `negotiating` stands beside connecting: AUTH packets go to and
// fro.
//
// No I/O and no clock: the shell feeds bytes and time, and a Wire takes what is to be written.
// After close() nothing more is read, and the shell ends the transport once the rest is written.
#pragma once

#include "base/bytes.h"
#include "base/time.h"
#include "bridge/mqtt/packet/stream_decoder.h"
#include "bridge/mqtt/session/limits.h"
#include "bridge/mqtt/session/link.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace helio::bridge::mqtt {

// Where a connection writes.  Nothing here calls back into it.
class Wire {
  public:
    virtual void write(ByteView bytes) = 0;
    virtual std::size_t queued_bytes() const = 0;
    // Nothing more will be written: end the transport when all of it has left.
    virtual void end() = 0;
    // The connection waited for an answer that has come: call resume() from the loop.
    virtual void wake() = 0;

  protected:
    ~Wire() = default;
};

class Connection final : public Link {
  public:
    Connection(SessionPort& core,
               Wire& wire,
               const Limits& limits,
               Stats& stats,
               ClientAddress address,
               Instant now);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void on_bytes(ByteView bytes, Instant now);
    // The transport is gone.
    void on_closed(Instant now);
    // All that was written has left.
    void on_drained(Instant now);
    void resume(Instant now) { on_bytes({}, now); }
    // The server stops.
    void shut_down(Instant now);

    // Keep-alive and the patience for a CONNECT: closes where the time is up.
    void on_time(Instant now);
    // When that would be; kNever where there is nothing to wait for.
    Instant deadline() const;

    bool closed() const { return state_ == State::closed; }
    // While the core thinks about a CONNECT, what comes behind it is kept up to a limit; then the
    // shell should read no more.
    bool wants_bytes() const;

    // From the session core.
    void connect_reply(const ConnectReply& reply) override;
    bool publish(PublishForms& forms, const Delivery& delivery) override;
    void answer(PacketType type, PacketId id, ReasonCode reason) override;
    void suback(PacketId id, std::span<const ReasonCode> codes) override;
    void unsuback(PacketId id, std::span<const ReasonCode> codes) override;
    bool auth(ReasonCode reason, std::string_view method, ByteView data) override;
    void close(ReasonCode reason) override;
    void hold() override;
    void release() override;
    std::size_t queued_bytes() const override;

  private:
    enum class State : std::uint8_t { fresh, connecting, negotiating, connected, closed };

    Next on_frame(const Frame& frame, Instant now);
    Next what_next() const;
    std::uint16_t keep_alive_for(const Connect& packet) const;
    Next on_connect(const Frame& frame, Instant now);
    Next on_negotiation(const Frame& frame, Instant now);
    ReasonCode on_publish(const Frame& frame, Instant now);
    ReasonCode dispatch(const Frame& frame, Instant now);
    ReasonCode resolve_alias(Publish& packet);
    // We end it, and the core has to know.
    void fail_with(ReasonCode reason, Instant now);
    void refuse(ReasonCode reason);
    void say_why(ReasonCode reason);
    void write(ByteView bytes);
    void end();
    bool is_no_connect(ByteView bytes) const;
    void count_kept();

    SessionPort& core_;
    Wire& wire_;
    const Limits& limits_;
    Stats& stats_;
    StreamDecoder decoder_;
    LinkId id_;
    State state_ = State::fresh;
    Version version_ = Version::v3_1_1;
    bool feeding_ = false;
    std::uint16_t keep_alive_s_ = 0;
    bool keep_alive_changed_ = false;
    std::uint32_t client_max_packet_ = 0xffff'ffff;
    std::uint32_t counted_bytes_ = 0;  // of stats_.unauthenticated_bytes
    Instant last_packet_;
    std::unique_ptr<ClientAddress> address_;             // until the CONNECT
    std::unique_ptr<std::vector<std::string>> aliases_;  // inbound; [alias - 1]
    std::unique_ptr<Bytes> held_;  // what waits for release(); null: nothing is held
};

}  // namespace helio::bridge::mqtt
