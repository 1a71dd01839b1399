#include "bridge/identity/authorizers/document_cache.h"

#include <algorithm>

namespace helio::bridge::identity::authorizers {

Result<policy::DocumentPtr, std::string> DocumentCache::get(const std::string& text) {
    if (const auto found = known_.find(text); found != known_.end()) {
        if (auto document = found->second.lock()) return document;
    }
    auto compiled = compile_(text);
    if (!compiled) return compiled;
    if (known_.size() >= sweep_at_) {
        std::erase_if(known_, [](const auto& entry) { return entry.second.expired(); });
        sweep_at_ = std::max<std::size_t>(1024, known_.size() * 2);
    }
    known_[text] = *compiled;
    return compiled;
}

}  // namespace helio::bridge::identity::authorizers
