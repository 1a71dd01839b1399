// Users with passwords: a resource of our own, because AWS has none.
//
//   POST /users {"Name", "Password"}   PUT /users/{Name} {"Password"}   GET /users[/{Name}]
//   DELETE /users/{Name}
#include "bridge/identity/users.h"

#include "bridge/api/common.h"
#include "bridge/api/handlers.h"

#include <boost/json.hpp>

namespace helio::bridge::api {
namespace {

namespace json = boost::json;
using identity::UserError;
using identity::Users;

constexpr std::string_view kKind = "User";
constexpr TextRule kPasswordRule{.min = 1, .max = 1024};

ApiError refusal(const UserError& error, const std::string& name) {
    switch (error.kind) {
        case UserError::Kind::not_found:
            return not_found(kKind, name);
        case UserError::Kind::exists:
            return conflict(error.message, kKind, name);
        case UserError::Kind::busy:
            return unavailable(error.message);
        case UserError::Kind::invalid:
            break;
    }
    return validation(error.message);
}

json::object json_of(const identity::proto::User& user) {
    return {{"Name", user.name()},
            {"CreatedAt", time_text(from_unix_us(user.created_at_us()))},
            {"PasswordChangedAt", time_text(from_unix_us(user.changed_at_us()))}};
}

Users::Done finish_with(const std::string& name, const Finish& finish) {
    return [name, finish](const Users::Changed& position) {
        if (!position) return finish(fail(refusal(position.error(), name)));
        finish(reply_with({{"Name", name}}, *position));
    };
}

}  // namespace

Outcome create_user(Context& context, const Call& call) {
    const auto input = parse_object(call.request.body);
    if (!input) return fail(input.error());
    Problems problems;
    const Fields body(*input, "", problems);
    const std::string name = body.required(body.text("Name"), "Name", "must be given");
    const std::string password =
        body.required(body.text("Password", kPasswordRule), "Password", "must be given");
    if (problems.any()) return fail(validation(problems.text()));
    return Reply{.later = [&context, name, password](const Finish& finish) {
        context.users->add(name, password, finish_with(name, finish));
    }};
}

Outcome update_user(Context& context, const Call& call) {
    const auto input = parse_object(call.request.body);
    if (!input) return fail(input.error());
    Problems problems;
    const Fields body(*input, "", problems);
    const std::string password =
        body.required(body.text("Password", kPasswordRule), "Password", "must be given");
    if (problems.any()) return fail(validation(problems.text()));
    return Reply{.later = [&context, name = call.label("Name"), password](const Finish& finish) {
        context.users->set_password(name, password, finish_with(name, finish));
    }};
}

Outcome get_user(Context& context, const Call& call) {
    const auto user = context.users->find(call.label("Name"));
    if (!user) return fail(not_found(kKind, call.label("Name")));
    return reply_with(json_of(*user));
}

Outcome list_users(Context& context, const Call& call) {
    const auto page = page_of(call, kMaxPage);
    if (!page) return fail(page.error());
    auto found = context.users->list(page->after, page->size + 1);
    json::object body;
    if (found.size() > page->size) {
        found.pop_back();
        if (!found.empty()) body["NextToken"] = found.back().name();
    }
    json::array rows;
    for (const auto& user : found) rows.push_back(json_of(user));
    body["UserList"] = std::move(rows);
    return reply_with(body);
}

Outcome delete_user(Context& context, const Call& call) {
    const std::string& name = call.label("Name");
    const auto position = context.users->remove(name);
    if (!position) return fail(refusal(position.error(), name));
    return Reply{.wait_for = *position};
}

}  // namespace helio::bridge::api
