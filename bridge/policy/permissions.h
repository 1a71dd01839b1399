// What one connection may do: its documents with the variables filled in and the conditions asked,
// an action at a time and when it is first needed.
//
// The last decisions are remembered, because devices do the same few things again and again.  Where
// a condition asks for the time nothing is remembered and each question is evaluated anew.
#pragma once

#include "base/function_ref.h"
#include "bridge/policy/arns.h"
#include "bridge/policy/evaluation.h"

#include <array>
#include <forward_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace helio::bridge::policy {

class Permissions {
  public:
    explicit Permissions(std::vector<DocumentPtr> documents);
    ~Permissions();
    Permissions(Permissions&&) noexcept;
    Permissions& operator=(Permissions&&) noexcept;

    // `context` is asked only where something has to be compiled or evaluated anew.
    using ContextOf = FunctionRef<Context()>;
    Decision decide(Action action, std::string_view name, const Arns& arns, ContextOf context);

    const std::vector<DocumentPtr>& documents() const { return documents_; }

  private:
    struct Compiled;
    void compile(Action action, const Context& context);

    std::vector<DocumentPtr> documents_;
    std::array<std::unique_ptr<Compiled>, kActions> compiled_;
};

}  // namespace helio::bridge::policy
