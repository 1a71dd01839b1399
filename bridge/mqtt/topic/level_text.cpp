#include "bridge/mqtt/topic/level_text.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace helio::bridge::mqtt {

LevelText::LevelText(std::string_view text) : size_(static_cast<std::uint16_t>(text.size())) {
    char* place = inside_;
    if (text.size() > kInside) {
        place = new char[text.size()];
        std::memcpy(inside_ + kPointerAt, &place, sizeof place);
    }
    std::copy(text.begin(), text.end(), place);
}

LevelText::LevelText(LevelText&& other) noexcept
    : uses(std::exchange(other.uses, 0)), size_(std::exchange(other.size_, std::uint16_t{0})) {
    std::memcpy(inside_, other.inside_, kInside);
}

LevelText& LevelText::operator=(LevelText&& other) noexcept {
    std::swap(uses, other.uses);
    std::swap(size_, other.size_);
    std::swap(inside_, other.inside_);
    return *this;
}

LevelText::~LevelText() {
    if (size_ > kInside) delete[] outside();
}

const char* LevelText::outside() const {
    const char* place = nullptr;
    std::memcpy(&place, inside_ + kPointerAt, sizeof place);
    return place;
}

std::string_view LevelText::text() const { return {size_ > kInside ? outside() : inside_, size_}; }

}  // namespace helio::bridge::mqtt
