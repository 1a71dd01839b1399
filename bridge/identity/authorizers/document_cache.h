// Compiled policy documents by their text: ten thousand connections that an authorizer gives the
// same document share one.  A document that nobody holds any more is forgotten.
#pragma once

#include "base/result.h"
#include "bridge/identity/principal.h"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace helio::bridge::identity::authorizers {

class DocumentCache {
  public:
    using Compile = std::function<Result<policy::DocumentPtr, std::string>(std::string_view text)>;

    explicit DocumentCache(Compile compile) : compile_(std::move(compile)) {}

    // The error is a sentence.
    Result<policy::DocumentPtr, std::string> get(const std::string& text);

    std::size_t size() const { return known_.size(); }

  private:
    Compile compile_;
    std::unordered_map<std::string, std::weak_ptr<const policy::Document>> known_;
    std::size_t sweep_at_ = 1024;
};

// What the answers of authorizers are held against.
struct AnswerRules {
    DocumentCache* documents;
    // The soonest that a connection may be ended or asked for again.
    std::chrono::seconds min_after{1};
};

}  // namespace helio::bridge::identity::authorizers
