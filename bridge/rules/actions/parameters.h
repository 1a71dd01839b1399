// Reads the parameters of an action from their JSON; remembers the first thing that is wrong.
#pragma once

#include "bridge/rules/actions/action.h"
#include "bridge/rules/sql/template.h"

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace helio::bridge::rules {

class Parameters {
  public:
    // `path` is where the object stands in the rule: "actions[0].http".
    Parameters(const boost::json::object& object, std::string path, const ActionContext& context)
        : object_(object), path_(std::move(path)), context_(context) {}

    enum class Need : std::uint8_t { required, optional };

    // With ${...}.  Absent where the member is.
    std::optional<sql::Template> text(std::string_view name, Need need);
    // A string without substitution.
    std::optional<std::string> plain(std::string_view name, Need need);
    std::int64_t integer(std::string_view name,
                         std::int64_t least,
                         std::int64_t most,
                         std::int64_t otherwise);
    bool boolean(std::string_view name, bool otherwise);
    // Null where it is absent.
    const boost::json::value* find(std::string_view name) const;

    void refuse(std::string_view name, std::string_view what);
    std::optional<RuleError>& error() { return error_; }
    const std::string& path() const { return path_; }
    const ActionContext& context() const { return context_; }
    // A nested object's or array's problems are this one's.
    void adopt(Parameters& inner) {
        if (!error_) error_ = std::move(inner.error_);
    }

  private:
    const boost::json::object& object_;
    std::string path_;
    const ActionContext& context_;
    std::optional<RuleError> error_;
};

// [{"key": "...", "value": "${...}"}, ...]
struct KeyValueTemplate {
    std::string key;
    sql::Template value;
};
std::vector<KeyValueTemplate> read_key_values(Parameters& parameters,
                                              std::string_view name,
                                              std::size_t max_count);

}  // namespace helio::bridge::rules
