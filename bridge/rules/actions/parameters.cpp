#include "bridge/rules/actions/parameters.h"

namespace helio::bridge::rules {
namespace {

namespace json = boost::json;

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }

}  // namespace

const json::value* Parameters::find(std::string_view name) const {
    const json::value* value = object_.if_contains({name.data(), name.size()});
    return value && !value->is_null() ? value : nullptr;
}

void Parameters::refuse(std::string_view name, std::string_view what) {
    if (error_) return;
    std::string message = path_;
    message += '.';
    message += name;
    message += ' ';
    message += what;
    error_ = RuleError{RuleError::Kind::bad_request, std::move(message)};
}

std::optional<std::string> Parameters::plain(std::string_view name, Need need) {
    const json::value* value = find(name);
    if (!value) {
        if (need == Need::required) refuse(name, "is missing");
        return std::nullopt;
    }
    if (!value->is_string()) {
        refuse(name, "must be a string");
        return std::nullopt;
    }
    return std::string(view(value->get_string()));
}

std::optional<sql::Template> Parameters::text(std::string_view name, Need need) {
    const auto source = plain(name, need);
    if (!source) return std::nullopt;
    auto parsed = sql::Template::parse(*source, context_.version, context_.variables);
    if (parsed) return std::move(*parsed);
    if (!error_) {
        refuse(name,
               "is no template: at position " + std::to_string(parsed.error().position + 1) + ": " +
                   parsed.error().message);
        error_->kind = RuleError::Kind::bad_sql;
    }
    return std::nullopt;
}

std::int64_t Parameters::integer(std::string_view name,
                                 std::int64_t least,
                                 std::int64_t most,
                                 std::int64_t otherwise) {
    const json::value* value = find(name);
    if (!value) return otherwise;
    if (value->is_int64() && value->get_int64() >= least && value->get_int64() <= most) {
        return value->get_int64();
    }
    refuse(name, "must be a number from " + std::to_string(least) + " to " + std::to_string(most));
    return otherwise;
}

bool Parameters::boolean(std::string_view name, bool otherwise) {
    const json::value* value = find(name);
    if (!value) return otherwise;
    if (value->is_bool()) return value->get_bool();
    refuse(name, "must be true or false");
    return otherwise;
}

std::vector<KeyValueTemplate> read_key_values(Parameters& parameters,
                                              std::string_view name,
                                              std::size_t max_count) {
    std::vector<KeyValueTemplate> pairs;
    const json::value* value = parameters.find(name);
    if (!value) return pairs;
    const json::array* array = value->if_array();
    if (!array || array->size() > max_count) {
        parameters.refuse(name,
                          "must be an array of at most " + std::to_string(max_count) + " objects");
        return pairs;
    }
    for (std::size_t i = 0; i < array->size(); ++i) {
        const std::string place = std::string(name) + "[" + std::to_string(i) + "]";
        const json::object* object = (*array)[i].if_object();
        if (!object) {
            parameters.refuse(place, "must be an object with key and value");
            return pairs;
        }
        Parameters inner(*object, parameters.path() + "." + place, parameters.context());
        auto key = inner.plain("key", Parameters::Need::required);
        auto text = inner.text("value", Parameters::Need::required);
        parameters.adopt(inner);
        if (!key || !text) return pairs;
        pairs.push_back({std::move(*key), std::move(*text)});
    }
    return pairs;
}

}  // namespace helio::bridge::rules
