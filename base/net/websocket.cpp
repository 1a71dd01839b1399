#include "base/net/websocket.h"

#include "base/base64.h"

#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <boost/beast/core/string.hpp>
#include <cassert>
#include <new>
#include <wslay/wslay.h>

namespace helio::net {
namespace {

constexpr std::string_view kKeySuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455 §1.3
constexpr std::size_t kMaxControl = 125;
constexpr std::uint64_t kBytesPerFurtherFrame = 64;

bool same(std::string_view a, std::string_view b) {
    return boost::beast::iequals({a.data(), a.size()}, {b.data(), b.size()});
}

std::string_view trim(std::string_view text) {
    const auto from = text.find_first_not_of(" \t");
    if (from == std::string_view::npos) return {};
    return text.substr(from, text.find_last_not_of(" \t") - from + 1);
}

// Is `token` in the comma-separated list, of which a header may have several lines?
bool header_lists(const HttpRequest& request,
                  std::string_view name,
                  std::string_view token,
                  bool any_case) {
    for (const auto& [key, value] : request.headers) {
        if (!same(key, name)) continue;
        for (std::string_view rest = value; !rest.empty();) {
            const std::size_t comma = std::min(rest.find(','), rest.size());
            const std::string_view item = trim(rest.substr(0, comma));
            if (item == token || (any_case && same(item, token))) return true;
            rest.remove_prefix(std::min(comma + 1, rest.size()));
        }
    }
    return false;
}

std::string accept_value(std::string_view key) {
    const std::string text = std::string(key) + std::string(kKeySuffix);
    std::array<std::uint8_t, SHA_DIGEST_LENGTH> digest;
    SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
    return to_base64(digest);
}

HttpResponse upgrade_required(std::string_view text) {
    HttpResponse out = http_error(426, text);
    out.headers.emplace_back("Upgrade", "websocket");
    out.headers.emplace_back("Sec-WebSocket-Version", "13");
    return out;
}

// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(ByteView text) {
    for (std::size_t i = 0; i < text.size();) {
        const std::uint8_t lead = text[i];
        const std::size_t more = lead < 0x80 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
        if ((lead >= 0x80 && lead < 0xc2) || lead > 0xf4 || text.size() - i <= more) return false;
        const std::uint8_t low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
        const std::uint8_t high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
        for (std::size_t k = 1; k <= more; ++k) {
            const bool first = k == 1;
            if (text[i + k] < (first ? low : 0x80) || text[i + k] > (first ? high : 0xbf)) {
                return false;
            }
        }
        i += more + 1;
    }
    return true;
}

// RFC 6455 §7.4 and the registry of its close codes.
bool may_be_sent(unsigned code) {
    return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) ||
           (code >= 3000 && code <= 4999);
}

// So many bytes a client's frame has before its payload.
std::uint64_t header_size(std::uint64_t payload, bool masked) {
    return 2 + (payload < 126 ? 0 : payload <= 0xffff ? 2 : 8) + (masked ? 4 : 0);
}

ssize_t append(const std::uint8_t* bytes, std::size_t size, int, void* output) {
    static_cast<Bytes*>(output)->insert(static_cast<Bytes*>(output)->end(), bytes, bytes + size);
    return static_cast<ssize_t>(size);
}

void append_frame(std::uint8_t opcode, ByteView payload, Bytes& output) {
    const wslay_frame_callbacks callbacks{.send_callback = append};
    wslay_frame_context* context = nullptr;
    if (wslay_frame_context_init(&context, &callbacks, &output) != 0) throw std::bad_alloc();
    wslay_frame_iocb frame{.fin = 1,
                           .opcode = opcode,
                           .payload_length = payload.size(),
                           .data = payload.data(),
                           .data_length = payload.size()};
    wslay_frame_send(context, &frame);
    wslay_frame_context_free(context);
}

}  // namespace

// A piece of a frame, as wslay hands it out.
struct WebSocket::Frame : wslay_frame_iocb {
    ByteView piece() const { return {data, data_length}; }
    bool is_control() const { return wslay_is_ctrl_frame(opcode) != 0; }
};

void WebSocket::FreeContext::operator()(wslay_frame_context* context) const {
    wslay_frame_context_free(context);
}

Result<std::string, HttpResponse> accept_websocket(const HttpRequest& request,
                                                   std::span<const std::string_view> ours) {
    if (!header_lists(request, "Upgrade", "websocket", true) ||
        !header_lists(request, "Connection", "upgrade", true)) {
        return fail(upgrade_required("this address is for WebSockets: upgrade the connection"));
    }
    if (request.method != "GET") {
        return fail(http_error(400, "a WebSocket begins with a GET request"));
    }
    if (request.header("Sec-WebSocket-Version").value_or("") != "13") {
        return fail(upgrade_required("the version of WebSockets that is spoken here is 13"));
    }
    const std::string_view key = request.header("Sec-WebSocket-Key").value_or("");
    const bool once = 1 == std::ranges::count_if(request.headers, [](const auto& header) {
                          return same(header.first, "Sec-WebSocket-Key");
                      });
    const auto nonce = from_base64(key);
    if (!once || key.size() != 24 || !nonce || nonce->size() != 16) {
        return fail(http_error(400, "Sec-WebSocket-Key must be 16 bytes in base64, once"));
    }
    const auto agreed = std::ranges::find_if(ours, [&](std::string_view protocol) {
        return header_lists(request, "Sec-WebSocket-Protocol", protocol, false);
    });
    if (agreed == ours.end()) {
        return fail(
            http_error(400, "Sec-WebSocket-Protocol must offer " + std::string(ours.front())));
    }
    return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Accept: " +
           accept_value(key) + "\r\nSec-WebSocket-Protocol: " + std::string(*agreed) + "\r\n\r\n";
}

WebSocket::WebSocket(WebSocketLimits limits) : limits_(limits) {}
WebSocket::~WebSocket() = default;

void WebSocket::feed(ByteView input, Bytes& data, Bytes& output) {
    if (closed_) return;
    if (!context_) {
        const wslay_frame_callbacks callbacks{
            .recv_callback = [](std::uint8_t* out, std::size_t size, int, void* user) -> ssize_t {
                WebSocket& self = *static_cast<WebSocket*>(user);
                const ByteView taken = self.input_.first(std::min(size, self.input_.size()));
                std::ranges::copy(taken, out);
                self.input_ = self.input_.subspan(taken.size());
                self.kept_bytes_ += taken.size();
                return static_cast<ssize_t>(taken.size());
            }};
        wslay_frame_context* made = nullptr;
        if (wslay_frame_context_init(&made, &callbacks, this) != 0) throw std::bad_alloc();
        context_.reset(made);
    }
    input_ = input;
    while (!closed_) {
        Frame frame{};
        const ssize_t status = wslay_frame_recv(context_.get(), &frame);
        if (status == WSLAY_ERR_WANT_READ) break;
        if (status < 0) {
            close(WebSocketClose::protocol_error, "this is no frame of a WebSocket", output);
            break;
        }
        on_piece(frame, data, output);
    }
    input_ = {};
    if (!closed_ && pong_is_due_) append_frame(WSLAY_PONG, ping_, output);
    pong_is_due_ = false;
    ping_ = {};
    if (kept_bytes_ == 0 || closed_) context_.reset();
}

void WebSocket::on_piece(const Frame& frame, Bytes& data, Bytes& output) {
    if (!in_frame_) {
        in_frame_ = true;
        frame_seen_ = 0;
        on_frame_begin(frame, output);
        if (closed_) return;
    }
    const ByteView piece = frame.piece();
    frame_seen_ += piece.size();
    Bytes& to = frame.is_control() ? control_ : data;
    to.insert(to.end(), piece.begin(), piece.end());
    if (frame_seen_ < frame.payload_length) return;

    in_frame_ = false;
    kept_bytes_ -= header_size(frame.payload_length, true) + frame.payload_length;
    if (frame.is_control()) {
        on_control_end(frame, output);
    } else {
        in_message_ = frame.fin == 0;
    }
}

// What the header says must be allowed here.
void WebSocket::on_frame_begin(const Frame& frame, Bytes& output) {
    using enum WebSocketClose;
    if (frame.mask == 0) return close(protocol_error, "a client's frames must be masked", output);
    if (frame.rsv != 0) return close(protocol_error, "no extension was agreed on", output);
    switch (frame.opcode) {
        case WSLAY_CONNECTION_CLOSE:
        case WSLAY_PING:
        case WSLAY_PONG:
            control_ = {};
            return;
        case WSLAY_TEXT_FRAME:
            return close(unsupported_data, "only binary frames are taken", output);
        case WSLAY_BINARY_FRAME:
            if (in_message_) {
                return close(protocol_error, "the message before has not ended", output);
            }
            message_seen_ = 0;
            message_frames_ = 0;
            break;
        case WSLAY_CONTINUATION_FRAME:
            if (!in_message_) return close(protocol_error, "there is nothing to continue", output);
            break;
        default:
            return close(protocol_error, "a frame of this kind is not known", output);
    }
    // In this order, so that no sum runs over.
    if (frame.payload_length > limits_.message_bytes ||
        message_seen_ + frame.payload_length > limits_.message_bytes) {
        return close(message_too_big, "the message is too long", output);
    }
    message_seen_ += frame.payload_length;
    if (++message_frames_ > limits_.free_frames + message_seen_ / kBytesPerFurtherFrame) {
        return close(policy_violation, "the message is cut into too many frames", output);
    }
}

void WebSocket::on_control_end(const Frame& frame, Bytes& output) {
    if (frame.opcode == WSLAY_CONNECTION_CLOSE) return on_close_frame(output);
    if (frame.opcode == WSLAY_PING) {
        // Of several the last one may stand for all (RFC 6455 §5.5.3), so pings are no lever.
        ping_ = std::move(control_);
        pong_is_due_ = true;
    }
    control_ = {};
}

void WebSocket::on_close_frame(Bytes& output) {
    using enum WebSocketClose;
    closed_by_peer_ = true;
    if (control_.empty()) {
        closed_ = true;
        return append_frame(WSLAY_CONNECTION_CLOSE, {}, output);
    }
    if (control_.size() == 1) return close(protocol_error, "a close code has two bytes", output);
    const unsigned code = control_[0] * 256u + control_[1];
    if (!may_be_sent(code)) return close(protocol_error, "this close code means nothing", output);
    if (!is_utf8(ByteView(control_).subspan(2))) {
        return close(invalid_payload, "the reason is not UTF-8", output);
    }
    close(static_cast<WebSocketClose>(code), "", output);
}

void WebSocket::send(ByteView data, Bytes& output) {
    if (closed_ || data.empty()) return;
    append_frame(WSLAY_BINARY_FRAME, data, output);
}

void WebSocket::close(WebSocketClose code, std::string_view reason, Bytes& output) {
    if (closed_) return;
    closed_ = true;
    assert(reason.size() + 2 <= kMaxControl);
    const auto number = static_cast<std::uint16_t>(code);
    Bytes payload{static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)};
    payload.insert(payload.end(), reason.begin(), reason.end());
    payload.resize(std::min(payload.size(), kMaxControl));
    append_frame(WSLAY_CONNECTION_CLOSE, payload, output);
}

}  // namespace helio::net
