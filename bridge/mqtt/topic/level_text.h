// The text of one topic level, and how often filters use it: short texts stand inside.
//
// Most levels are short, and there may be millions: sixteen bytes each where a std::string and its
// count take forty.
#pragma once

#include <cstdint>
#include <string_view>

namespace helio::bridge::mqtt {

class LevelText {
  public:
    LevelText() = default;
    explicit LevelText(std::string_view text);
    LevelText(LevelText&& other) noexcept;
    LevelText& operator=(LevelText&& other) noexcept;
    ~LevelText();

    std::string_view text() const;

    std::uint32_t uses = 0;

  private:
    static constexpr std::size_t kInside = 10;
    static constexpr std::uint16_t kPointerAt = 2;  // in inside_, where the text is longer

    const char* outside() const;

    std::uint16_t size_ = 0;
    char inside_[kInside] = {};
};

static_assert(sizeof(LevelText) == 16);

}  // namespace helio::bridge::mqtt
