// Cuts a stream of bytes into frames, however the network has cut it.
//
// A frame is looked at where it lies; only what is incomplete at the end of a read is kept, so an
// idle client holds no buffer.  What a peer merely announces is never allocated.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "bridge/mqtt/packet/frame.h"
#include "bridge/mqtt/packet/reason_code.h"

#include <cstdint>
#include <optional>

namespace helio::bridge::mqtt {

// What the receiver of a frame wants next: more of them, none until resumed, or none ever again.
enum class Next : std::uint8_t { more, pause, stop };

struct FrameAt {
    Frame frame;
    std::size_t size;  // fixed header and body
};

// The first frame of `bytes`; absent where it is not complete.  Fails with malformed_packet for a
// length in more than four bytes, with packet_too_large above the limit (of header and body, as
// §3.2.2.3.6 counts): at the header, before any byte of the body has come.
Result<std::optional<FrameAt>, ReasonCode> next_frame(ByteView bytes, std::size_t max_bytes);

class StreamDecoder {
  public:
    explicit StreamDecoder(std::size_t max_bytes) { set_max_bytes(max_bytes); }

    // Small before a client has shown who it is, larger after.
    void set_max_bytes(std::size_t bytes) { max_bytes_ = static_cast<std::uint32_t>(bytes); }

    // Calls `on_frame(const Frame&) -> Next` for each complete frame.  After `pause` what is left
    // is kept for the next feed (which may be of nothing); after `stop` or an error it is dropped.
    template <class F>
    Result<void, ReasonCode> feed(ByteView bytes, F&& on_frame) {
        if (kept_.empty()) return cut(bytes, on_frame);
        kept_.insert(kept_.end(), bytes.begin(), bytes.end());
        // A frame that comes in crumbs must not be copied at every crumb.
        const auto first = next_frame(kept_, max_bytes_);
        if (!first) return fail(first.error());
        if (!*first) return {};
        // Moved aside: what is left over is kept anew.
        const Bytes all = std::move(kept_);
        kept_ = {};
        return cut(all, on_frame);
    }

    // For later: a paused stream goes on to come in.
    void keep(ByteView bytes) { kept_.insert(kept_.end(), bytes.begin(), bytes.end()); }

    std::size_t kept_bytes() const { return kept_.size(); }

  private:
    template <class F>
    Result<void, ReasonCode> cut(ByteView bytes, F& on_frame) {
        while (!bytes.empty()) {
            const auto found = next_frame(bytes, max_bytes_);
            if (!found) return fail(found.error());
            if (!*found) break;
            bytes = bytes.subspan((*found)->size);
            const Next next = on_frame((*found)->frame);
            if (next == Next::stop) return {};
            if (next == Next::pause) break;
        }
        kept_.assign(bytes.begin(), bytes.end());
        return {};
    }

    Bytes kept_;
    std::uint32_t max_bytes_;
};

}  // namespace helio::bridge::mqtt
