#include "bridge/rules/sql/function.h"
#include "bridge/rules/sql/lexer.h"

#include <array>

namespace helio::bridge::rules::sql {
namespace {

Value undefined(const Arguments&) { return {}; }

constexpr auto kOld = Version::v2015_10_08;
constexpr auto kNew = Version::v2016_03_23;
constexpr auto kAny = Function::kAny;

// Functions that ask other services: a statement with one that has no body is refused when the rule
// is made, instead of failing at each message.
constexpr Function kExternal[] = {
    {"aws_lambda", 0, kAny, kNew, nullptr},
    {"get_dynamodb", 0, kAny, kNew, nullptr},
    {"get_registry_data", 0, kAny, kNew, nullptr},
    {"get_secret", 0, kAny, kOld, nullptr},
    {"get_thing_shadow", 0, kAny, kNew, nullptr},
    {"machinelearning_predict", 0, kAny, kOld, undefined},  // a service that is
                                                            // gone
    {"md2", 0, kAny, kOld, nullptr},                        // OpenSSL has it no more
};

}  // namespace

std::span<const Function> external_functions() { return kExternal; }

std::span<const std::span<const Function>> function_tables() {
    static const std::array<std::span<const Function>, 6> kTables = {
        number_functions(),
        text_functions(),
        value_functions(),
        message_functions(),
        time_functions(),
        external_functions(),
    };
    return kTables;
}

const Function* find_function(std::string_view name) {
    for (const auto table : function_tables()) {
        for (const Function& function : table) {
            if (equals_ignoring_case(function.name, name)) return &function;
        }
    }
    return nullptr;
}

}  // namespace helio::bridge::rules::sql
