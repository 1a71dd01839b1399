#include "base/store/arena.h"

#include <algorithm>
#include <utility>

namespace helio::store {

void Arena::next_chunk(std::size_t at_least) {
    if (in_use_ == chunks_.size() || chunks_[in_use_].size < at_least) {
        const std::size_t size = std::max(kChunk, at_least);
        chunks_.push_back({std::unique_ptr<std::uint8_t[]>(new std::uint8_t[size]), size});
        std::swap(chunks_[in_use_], chunks_.back());
    }
    next_ = chunks_[in_use_].bytes.get();
    left_ = chunks_[in_use_].size;
    ++in_use_;
}

void Arena::clear() {
    std::erase_if(chunks_, [](const Chunk& chunk) { return chunk.size > kChunk; });
    if (chunks_.size() > kKeptChunks) chunks_.resize(kKeptChunks);
    in_use_ = 0;
    next_ = nullptr;
    left_ = 0;
    used_ = 0;
}

}  // namespace helio::store
