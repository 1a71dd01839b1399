#include "bridge/rules/actions/make_actions.h"
#include "bridge/rules/proto/rule.pb.h"

#include <algorithm>

namespace helio::bridge::rules {
namespace {

struct Kind {
    std::string_view name;
    std::unique_ptr<Action> (*make)(Parameters& parameters);
};

constexpr Kind kKinds[] = {
    {"republish", make_republish},
    {"http", make_http},
    {"file", make_file},  // our own: AWS has none
};

RuleError bad_request(std::string message) {
    return {RuleError::Kind::bad_request, std::move(message)};
}

}  // namespace

Result<std::unique_ptr<Action>, RuleError> make_action(const proto::Action& action,
                                                       const ActionContext& context) {
    const auto kind = std::ranges::find(kKinds, std::string_view(action.kind()), &Kind::name);
    if (kind == std::end(kKinds)) {
        return fail(bad_request(context.where + ": this server has no action \"" + action.kind() +
                                "\"; it has republish, http and file"));
    }
    boost::system::error_code error;
    const auto parsed = boost::json::parse(action.parameters_json(), error);
    const auto* object = error ? nullptr : parsed.if_object();
    const std::string path = context.where + "." + action.kind();
    if (!object) return fail(bad_request(path + " must be an object"));
    Parameters parameters(*object, path, context);
    auto made = kind->make(parameters);
    if (parameters.error()) return fail(std::move(*parameters.error()));
    return made;
}

}  // namespace helio::bridge::rules
