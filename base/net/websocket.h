// The server's side of a WebSocket (RFC 6455) without I/O: the answer to the upgrade, and frames.
//
// What binary messages carry is one stream of bytes, whatever the frames: neither a frame nor a
// message is ever put together, so a connection at rest keeps nothing.
#pragma once

#include "base/bytes.h"
#include "base/net/http.h"
#include "base/result.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct wslay_frame_context;

namespace helio::net {

// The text that accepts the upgrade (status 101), to be sent as it is; or the refusal: 426 where
// the version of the protocol is not 13 or no WebSocket is asked for, else 400.  A client must
// offer one of the sub-protocols; the first of `ours` that it offers is agreed on.
Result<std::string, HttpResponse> accept_websocket(const HttpRequest& request,
                                                   std::span<const std::string_view> ours);

// RFC 6455 §7.4.1
enum class WebSocketClose : std::uint16_t {
    normal = 1000,
    going_away = 1001,
    protocol_error = 1002,
    unsupported_data = 1003,
    invalid_payload = 1007,
    policy_violation = 1008,
    message_too_big = 1009,
};

struct WebSocketLimits {
    std::uint64_t message_bytes = (256u << 20) + 1024;  // as large as the largest MQTT packet
    // A message may come in so many frames, and in further ones that carry 64 bytes on the average.
    std::uint64_t free_frames = 1024;
};

//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-------+-+-------------+-------------------------------+
//   |F|R|R|R| opcode|M|   length    |  extended length (0, 2 or 8)  |
//   +-+-+-+-+-------+-+-------------+-------------------------------+
//   |  masking key (4; from a client always)  |  payload, masked    |
//   +-----------------------------------------+---------------------+     RFC 6455 §5.2
class WebSocket {
  public:
    explicit WebSocket(WebSocketLimits limits = {});
    ~WebSocket();
    WebSocket(const WebSocket&) = delete;
    WebSocket& operator=(const WebSocket&) = delete;

    // Appends to `data` what binary messages carry, and to `output` what frames of control are
    // answered with: a pong to the last ping, a close.
    void feed(ByteView input, Bytes& data, Bytes& output);
    // Appends one binary message.
    void send(ByteView data, Bytes& output);
    // Says goodbye, once; at most 123 bytes of `reason` go along.
    void close(WebSocketClose code, std::string_view reason, Bytes& output);

    // A close was sent: nothing is read or sent any more; the transport ends when all is written.
    bool closed() const { return closed_; }
    // ... and it was the client who began it.
    bool closed_by_peer() const { return closed_by_peer_; }

  private:
    struct Frame;
    struct FreeContext {
        void operator()(wslay_frame_context* context) const;
    };
    using Context = std::unique_ptr<wslay_frame_context, FreeContext>;

    void on_piece(const Frame& frame, Bytes& data, Bytes& output);
    void on_frame_begin(const Frame& frame, Bytes& output);
    void on_control_end(const Frame& frame, Bytes& output);
    void on_close_frame(Bytes& output);

    WebSocketLimits limits_;
    Context context_;  // while a frame is under way
    ByteView input_;   // that wslay has not read yet; empty outside feed()
    std::uint64_t kept_bytes_ =
        0;  // that wslay has read since it began; less the frames that are over
    std::uint64_t frame_seen_ = 0;  // bytes of the payload of the frame under way
    std::uint64_t message_seen_ = 0;
    std::uint64_t message_frames_ = 0;
    Bytes control_;  // payload of a ping or close that is under way
    Bytes ping_;     // to be answered at the end of feed()
    bool in_frame_ = false;
    bool in_message_ = false;
    bool pong_is_due_ = false;
    bool closed_ = false;
    bool closed_by_peer_ = false;
};

}  // namespace helio::net
