// Memory for the bytes of one commit: handed out in order, given back all at once.
//
// What was handed out never moves, so that views into it stay valid until clear().
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace helio::store {

class Arena {
  public:
    std::uint8_t* allocate(std::size_t size) {
        if (size > left_) next_chunk(size);
        std::uint8_t* const at = next_;
        next_ += size;
        left_ -= size;
        used_ += size;
        return at;
    }

    std::size_t used() const { return used_; }

    // Keeps a few chunks for the next commit; what an overload needed goes back to the system.
    void clear();

  private:
    static constexpr std::size_t kChunk = 256u << 10;
    static constexpr std::size_t kKeptChunks = 8;

    struct Chunk {
        std::unique_ptr<std::uint8_t[]> bytes;
        std::size_t size;
    };
    void next_chunk(std::size_t at_least);

    std::vector<Chunk> chunks_;
    std::size_t in_use_ = 0;  // chunks_[0, in_use_) hold bytes
    std::uint8_t* next_ = nullptr;
    std::size_t left_ = 0;
    std::size_t used_ = 0;
};

}  // namespace helio::store
