#include "bridge/payload/frame_stream.h"

namespace helio::bridge::payload {
namespace {

constexpr std::size_t kHeader = 4;

}  // namespace

void append_frame(std::string& out, std::string_view body) {
    const auto size = static_cast<std::uint32_t>(body.size());
    for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(size >> shift));
    out.append(body);
}

std::optional<std::string_view> FrameReader::next() {
    const std::string_view rest = std::string_view(buffer_).substr(read_);
    if (!broken_ && rest.size() >= kHeader) {
        std::uint32_t size = 0;
        for (std::size_t i = 0; i < kHeader; ++i) {
            size |= static_cast<std::uint32_t>(static_cast<std::uint8_t>(rest[i])) << (8 * i);
        }
        if (size > max_frame_) {
            broken_ = true;
        } else if (rest.size() - kHeader >= size) {
            read_ += kHeader + size;
            return rest.substr(kHeader, size);
        }
    }
    buffer_.erase(0, read_);
    read_ = 0;
    return std::nullopt;
}

}  // namespace helio::bridge::payload
