// The filters that end at a node of the trie: "a/b", "a/b/#", or both.
//
// Most nodes have none and few have both: one word says which, and both stand elsewhere.
#pragma once

#include <cstdint>
#include <utility>

namespace helio::bridge::mqtt {

class FilterNode;

class FilterEnds {
  public:
    FilterEnds() = default;
    FilterEnds(FilterEnds&& other) noexcept : value_(std::exchange(other.value_, 0)) {}
    FilterEnds& operator=(FilterEnds&& other) noexcept {
        std::swap(value_, other.value_);
        return *this;
    }
    ~FilterEnds() { set(nullptr, nullptr); }

    bool empty() const { return value_ == 0; }
    FilterNode* here() const {
        if (kind() == kBoth) return both()->here;
        return kind() == kHere ? node() : nullptr;
    }
    FilterNode* hash() const {
        if (kind() == kBoth) return both()->hash;
        return kind() == kHash ? node() : nullptr;
    }
    void set_here(FilterNode* node) { set(node, hash()); }
    void set_hash(FilterNode* node) { set(here(), node); }

  private:
    struct Both {
        FilterNode* here;
        FilterNode* hash;
    };
    // In the bits that an address leaves free.
    static constexpr std::uintptr_t kHere = 0;
    static constexpr std::uintptr_t kHash = 1;
    static constexpr std::uintptr_t kBoth = 2;
    static constexpr std::uintptr_t kKinds = 3;

    std::uintptr_t kind() const { return value_ & kKinds; }
    FilterNode* node() const { return reinterpret_cast<FilterNode*>(value_ & ~kKinds); }
    Both* both() const { return reinterpret_cast<Both*>(value_ & ~kKinds); }
    static std::uintptr_t word(const void* at, std::uintptr_t kind) {
        return reinterpret_cast<std::uintptr_t>(at) | kind;
    }
    void set(FilterNode* here, FilterNode* hash) {
        if (kind() == kBoth) delete both();
        if (here != nullptr && hash != nullptr) {
            value_ = word(new Both{here, hash}, kBoth);
        } else if (hash != nullptr) {
            value_ = word(hash, kHash);
        } else {
            value_ = word(here, kHere);
        }
    }

    std::uintptr_t value_ = 0;
};

}  // namespace helio::bridge::mqtt
