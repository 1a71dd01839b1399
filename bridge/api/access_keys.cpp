// Access keys beside the administrator's: an own resource, because AWS keeps them in IAM.
#include "bridge/api/registry_common.h"
#include "bridge/api/registry_handlers.h"

#include <boost/json.hpp>

namespace helio::bridge::api {
namespace {

namespace json = boost::json;
using Row = std::pair<std::string, registry::proto::AccessKey>;

std::string arn_of_key(const Context& context, const std::string& id) {
    return arn_of(context.iot.place(), {registry::Target::Kind::access_key, id});
}

}  // namespace

// {"name"} -> {"accessKeyId", "secretAccessKey", "accessKeyArn"}
Outcome create_access_key(Context& context, const Call& call) {
    const auto input = parse_object(call.request.body);
    if (!input) return fail(input.error());
    Problems problems;
    const std::string name = Fields(*input, "", problems).text("name", kNameRule).value_or("");
    if (problems.any()) return fail(invalid_request(problems.text()));
    const auto made = context.iot.access_keys.create(name, call.now);
    if (!made) return fail(refusal(made.error()));
    return reply_with(json::object{{"accessKeyId", made->key.id},
                                   {"secretAccessKey", made->key.secret},
                                   {"accessKeyArn", arn_of_key(context, made->key.id)},
                                   {"name", name}},
                      made->position);
}

Outcome list_access_keys(Context& context, const Call& call) {
    const auto page = token_page(call);
    if (!page) return fail(page.error());
    json::object body;
    put_page(
        body,
        "accessKeys",
        context.iot.access_keys.list(),
        *page,
        [](const Row& row) { return row.first; },
        [&](const Row& row) {
            return json::object{{"accessKeyId", row.first},
                                {"accessKeyArn", arn_of_key(context, row.first)},
                                {"name", row.second.name()},
                                {"creationDate", epoch_seconds(row.second.created_at_us())}};
        });
    return reply_with(body);
}

Outcome delete_access_key(Context& context, const Call& call) {
    return outcome_of(context.iot.access_keys.erase(call.label("accessKeyId")));
}

}  // namespace helio::bridge::api
