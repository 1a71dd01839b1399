// Frames on the pipe between the server and the codec host: a length (32 bit, little-endian) and
// that many bytes.  The reader is fed with whatever a read brought.
#pragma once

#include "base/bytes.h"

#include <optional>
#include <string>

namespace helio::bridge::payload {

// Appends one frame to `out`.
void append_frame(std::string& out, std::string_view body);

class FrameReader {
  public:
    explicit FrameReader(std::size_t max_frame) : max_frame_(max_frame) {}

    void feed(ByteView bytes) { buffer_.append(text_of(bytes)); }

    // The next whole frame; the view is valid until the next feed() or next().
    std::optional<std::string_view> next();

    // A length over the limit: nothing after it can be understood.
    bool broken() const { return broken_; }

  private:
    std::size_t max_frame_;
    std::string buffer_;
    std::size_t read_ = 0;
    bool broken_ = false;
};

}  // namespace helio::bridge::payload
