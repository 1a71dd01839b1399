#include "bridge/policy/document.h"

#include "bridge/policy/names.h"

#include <algorithm>
#include <boost/json.hpp>
#include <optional>

namespace helio::bridge::policy {
namespace {

namespace json = boost::json;

// What a document may nest: Statement, Condition, operator, key, values, and room for mistakes.
constexpr std::size_t kMaxDepth = 16;
// Of the text with its white space.
constexpr std::size_t kMaxSpaceFactor = 32;

using Error = std::string;
using Strings = std::vector<std::string>;

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

std::size_t size_without_space(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return c != ' ' && c != '\t' && c != '\n' && c != '\r';
    }));
}

std::string_view view(json::string_view text) { return {text.data(), text.size()}; }

// A string, or an array of them that is not empty.
Result<Strings, Error> strings_of(const json::value& value, std::string_view member) {
    if (value.is_string()) return Strings{std::string(view(value.get_string()))};
    Strings out;
    if (value.is_array()) {
        for (const json::value& item : value.get_array()) {
            if (!item.is_string()) out.clear();
            if (!item.is_string()) break;
            out.emplace_back(view(item.get_string()));
        }
    }
    if (out.empty()) {
        return fail(std::string(member) + " must be a string or an array of strings");
    }
    return out;
}

// Values of conditions may also be numbers and booleans.
std::optional<std::string> operand_of(const json::value& value) {
    if (value.is_string()) return std::string(view(value.get_string()));
    if (value.is_bool() || value.is_number()) return json::serialize(value);
    return std::nullopt;
}

std::optional<Strings> operands_of(const json::value& value) {
    Strings out;
    if (!value.is_array()) {
        auto one = operand_of(value);
        if (!one) return std::nullopt;
        out.push_back(std::move(*one));
        return out;
    }
    for (const json::value& item : value.get_array()) {
        auto one = operand_of(item);
        if (!one) return std::nullopt;
        out.push_back(std::move(*one));
    }
    return out;
}

// "iot:Publish", "iot:*", "*"
bool is_action(std::string_view text) {
    if (text == "*") return true;
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '*' || c == '?';
    };
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) return false;
    const auto service = text.substr(0, colon), name = text.substr(colon + 1);
    return std::all_of(service.begin(), service.end(), fits) &&
           std::all_of(name.begin(), name.end(), fits);
}

// "*" or an ARN, which may begin with wildcards as soon as "arn:" has been said.
bool is_resource(std::string_view text) { return text == "*" || text.starts_with("arn:"); }

class StatementReader {
  public:
    StatementReader(const json::object& object, Variables variables)
        : object_(object), variables_(variables) {}

    Result<Statement, Error> read() {
        for (const auto step : {&StatementReader::check_members,
                                &StatementReader::read_sid,
                                &StatementReader::read_effect,
                                &StatementReader::read_actions,
                                &StatementReader::read_resources,
                                &StatementReader::read_conditions}) {
            if (auto error = (this->*step)()) return fail(std::move(*error));
        }
        return std::move(out_);
    }

  private:
    using Step = std::optional<Error>;

    Step check_members() {
        constexpr std::string_view known[] = {
            "Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"};
        for (const auto& member : object_) {
            const std::string_view name = view(member.key());
            if (name == "Principal" || name == "NotPrincipal") {
                return std::string(name) + " has no place in an AWS IoT policy: leave it out";
            }
            if (std::find(std::begin(known), std::end(known), name) == std::end(known)) {
                return quoted(name) + " is no member of a statement";
            }
        }
        return std::nullopt;
    }

    Step read_sid() {
        const json::value* const sid = object_.if_contains("Sid");
        if (sid == nullptr) return std::nullopt;
        if (!sid->is_string()) return Error("Sid must be a string");
        out_.sid = view(sid->get_string());
        return std::nullopt;
    }

    Step read_effect() {
        const json::value* const effect = object_.if_contains("Effect");
        if (effect == nullptr || !effect->is_string() ||
            (effect->get_string() != "Allow" && effect->get_string() != "Deny")) {
            return Error("Effect must be \"Allow\" or \"Deny\"");
        }
        out_.effect = effect->get_string() == "Allow" ? Effect::allow : Effect::deny;
        return std::nullopt;
    }

    // The one of `name` and "Not" + `name` that is there.
    Result<Strings, Error> either(std::string_view name, Names& names) const {
        const std::string other = "Not" + std::string(name);
        const json::value* const these = object_.if_contains({name.data(), name.size()});
        const json::value* const others = object_.if_contains(other);
        if ((these == nullptr) == (others == nullptr)) {
            return fail("one of " + std::string(name) + " and " + other + " must be given");
        }
        names = these != nullptr ? Names::these : Names::all_but_these;
        return these != nullptr ? strings_of(*these, name) : strings_of(*others, other);
    }

    Step read_actions() {
        const auto texts = either("Action", out_.action_names);
        if (!texts) return texts.error();
        for (const std::string& text : *texts) {
            if (!is_action(text)) {
                return "the action " + quoted(text) + " must be written as \"iot:Publish\"";
            }
            out_.actions.push_back(Pattern::with_wildcards(in_lower_case(text)));
        }
        return std::nullopt;
    }

    Step read_resources() {
        const auto texts = either("Resource", out_.resource_names);
        if (!texts) return texts.error();
        for (const std::string& text : *texts) {
            if (!is_resource(text)) {
                return "the resource " + quoted(text) + " must be an ARN (arn:aws:iot:…) or \"*\"";
            }
            auto parsed = Template::parse(text, Wildcards::match, variables_);
            if (!parsed) return "the resource " + quoted(text) + ": " + parsed.error();
            out_.resources.push_back(std::move(*parsed));
        }
        return std::nullopt;
    }

    Step read_conditions() {
        const json::value* const all = object_.if_contains("Condition");
        if (all == nullptr) return std::nullopt;
        if (!all->is_object()) return Error("Condition must be an object");
        for (const auto& [name, keys] : all->get_object()) {
            if (!keys.is_object()) {
                return "Condition: " + std::string(view(name)) + " must be an object of keys";
            }
            for (const auto& [key, values] : keys.get_object()) {
                if (auto error = read_condition(view(name), view(key), values)) return error;
            }
        }
        return std::nullopt;
    }

    Step read_condition(std::string_view name, std::string_view key, const json::value& values) {
        const auto operands = operands_of(values);
        if (!operands) {
            return "Condition: the value of " + quoted(key) + " must be a string or an array";
        }
        auto condition = Condition::parse(name, key, *operands, variables_);
        if (!condition) return "Condition: " + condition.error();
        out_.conditions.push_back(std::move(*condition));
        return std::nullopt;
    }

    const json::object& object_;
    Variables variables_;
    Statement out_;
};

Result<DocumentVersion, Error> version_of(const json::object& object) {
    const json::value* const version = object.if_contains("Version");
    if (version == nullptr) return DocumentVersion::v2008_10_17;
    if (version->is_string()) {
        if (version->get_string() == "2012-10-17") return DocumentVersion::v2012_10_17;
        if (version->get_string() == "2008-10-17") return DocumentVersion::v2008_10_17;
    }
    return fail(Error("Version must be \"2012-10-17\" or \"2008-10-17\""));
}

std::optional<Error> check_members(const json::object& object) {
    for (const auto& member : object) {
        const std::string_view name = view(member.key());
        if (name == "Version" || name == "Id" || name == "Statement") continue;
        return quoted(name) + " is no member of a policy document";
    }
    return std::nullopt;
}

std::optional<Error> read_statements(const json::object& object, Document& out) {
    const json::value* const statements = object.if_contains("Statement");
    const bool one = statements != nullptr && statements->is_object();
    if (!one &&
        (statements == nullptr || !statements->is_array() || statements->get_array().empty())) {
        return Error("Statement must be an object or an array of objects");
    }
    const Variables variables = out.version == DocumentVersion::v2012_10_17
                                    ? Variables::are_filled_in
                                    : Variables::are_text;
    const std::size_t count = one ? 1 : statements->get_array().size();
    for (std::size_t i = 0; i < count; ++i) {
        const json::value& value = one ? *statements : statements->get_array()[i];
        const std::string where = "statement " + std::to_string(i + 1) + ": ";
        if (!value.is_object()) return where + "it must be an object";
        auto statement = StatementReader(value.get_object(), variables).read();
        if (!statement) return where + statement.error();
        out.statements.push_back(std::move(*statement));
    }
    return std::nullopt;
}

}  // namespace

bool Statement::is_about(std::string_view action) const {
    const bool named = std::any_of(
        actions.begin(), actions.end(), [&](const Pattern& p) { return p.matches(action); });
    return named == (action_names == Names::these);
}

bool Statement::changes() const {
    const auto changing = [](const auto& part) { return part.changes(); };
    return std::any_of(resources.begin(), resources.end(), changing) ||
           std::any_of(conditions.begin(), conditions.end(), changing);
}

Result<DocumentPtr, std::string> parse_document(std::string_view text,
                                                const DocumentLimits& limits) {
    const std::size_t size = size_without_space(text);
    if (size > limits.characters || text.size() / kMaxSpaceFactor > limits.characters) {
        return fail("the policy document has " + std::to_string(size) +
                    " characters without white space; it may have " +
                    std::to_string(limits.characters));
    }
    json::error_code error;
    json::parse_options options;
    options.max_depth = kMaxDepth;
    const json::value value =
        json::parse({text.data(), text.size()}, error, json::storage_ptr(), options);
    if (error) return fail("the policy document is not JSON: " + error.message());
    if (!value.is_object()) return fail(Error("the policy document must be a JSON object"));
    const json::object& object = value.get_object();

    auto out = std::make_shared<Document>();
    out->text = text;
    if (auto wrong = check_members(object)) return fail(std::move(*wrong));
    const auto version = version_of(object);
    if (!version) return fail(version.error());
    out->version = *version;
    if (auto wrong = read_statements(object, *out)) return fail(std::move(*wrong));
    return DocumentPtr(std::move(out));
}

}  // namespace helio::bridge::policy
