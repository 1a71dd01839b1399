// Memory for the values of one message: taken piece by piece, given back all at once.
//
// Keeps its first block between messages, so that evaluation does not allocate in the usual case.
// Past `max_bytes` it answers nothing, which ends an evaluation that grows out of bounds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace helio::bridge::rules::sql {

class Arena {
  public:
    Arena() : Arena(kDefaultLimit) {}
    explicit Arena(std::size_t max_bytes) : max_bytes_(max_bytes) { reset(); }
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;

    // Null where the limit is reached.
    template <class T>
    T* allocate(std::size_t count) {
        static_assert(std::is_trivially_destructible_v<T> && alignof(T) <= kAlignment);
        if (count > max_bytes_ / sizeof(T)) return exhaust<T>();
        const std::size_t bytes = (count * sizeof(T) + kAlignment - 1) / kAlignment * kAlignment;
        if (bytes > left_ && !grow(bytes)) return exhaust<T>();
        std::byte* at = next_;
        next_ += bytes;
        left_ -= bytes;
        return reinterpret_cast<T*>(at);
    }

    bool exhausted() const { return exhausted_; }

    void reset() {
        blocks_.resize(1);
        if (!blocks_[0]) blocks_[0] = std::make_unique<std::byte[]>(kFirstBlock);
        next_ = blocks_[0].get();
        left_ = kFirstBlock;
        taken_ = kFirstBlock;
        exhausted_ = false;
    }

  private:
    static constexpr std::size_t kDefaultLimit = 16u << 20;
    static constexpr std::size_t kAlignment = 8;
    static constexpr std::size_t kFirstBlock = 64u << 10;

    template <class T>
    T* exhaust() {
        exhausted_ = true;
        return nullptr;
    }
    bool grow(std::size_t bytes) {
        const std::size_t size = bytes > kFirstBlock ? bytes : kFirstBlock;
        if (size > max_bytes_ || taken_ > max_bytes_ - size) return false;
        blocks_.push_back(std::make_unique<std::byte[]>(size));
        next_ = blocks_.back().get();
        left_ = size;
        taken_ += size;
        return true;
    }

    std::size_t max_bytes_;
    std::vector<std::unique_ptr<std::byte[]>> blocks_;
    std::byte* next_ = nullptr;
    std::size_t left_ = 0;
    std::size_t taken_ = 0;
    bool exhausted_ = false;
};

}  // namespace helio::bridge::rules::sql
