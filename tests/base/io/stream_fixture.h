// Ends of connections for tests: keep what they hear, and say how they ended.
#pragma once

#include "base/io/loop.h"
#include "base/io/stream.h"

#include <memory>
#include <optional>
#include <string>

namespace helio::io {

struct End final : StreamHandler {
    End() = default;
    explicit End(std::unique_ptr<Stream> s) { take(std::move(s)); }

    void take(std::unique_ptr<Stream> s) {
        stream = std::move(s);
        stream->set_handler(*this);
    }
    void on_data(ByteView bytes) override {
        heard += text_of(bytes);
        ++data_calls;
    }
    void on_drain() override { ++drains; }
    void on_close(CloseReason reason, std::string_view text) override {
        closed = reason;
        detail = text;
    }

    std::unique_ptr<Stream> stream;
    std::string heard;
    int data_calls = 0;
    int drains = 0;
    std::optional<CloseReason> closed;
    std::string detail;
};

}  // namespace helio::io
