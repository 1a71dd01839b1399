#include "tools/helioctl/files.h"
#include "tools/helioctl/identity_verbs.h"
#include "tools/helioctl/output.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace helio::ctl {
namespace {

namespace json = boost::json;

constexpr const char* kService = "iot";

}  // namespace

std::string target_text(Session& session, const std::string& target) {
    for (const std::string_view is : {"arn:", "cert/", "user/", "thinggroup/", "HELIO"}) {
        if (target.starts_with(is)) return target;
    }
    return "cert/" + certificate_id(session, target);
}

void policy_create(Session& session, const PolicyCreate& options) {
    const json::object body{{"policyDocument", read_file(options.file)}};
    const std::string target = "/policies/" + escape(options.name);
    const json::object made = session.client().post(
        options.replace ? target + "/version?setAsDefault=true" : target, body, kService);
    session.show(made,
                 fmt::format("{} the policy {}, version {}.\n",
                             options.replace ? "Replaced" : "Made",
                             options.name,
                             member(made, "policyVersionId")));
}

void policy_list(Session& session) {
    json::array rows = session.all("/policies?pageSize=250", "policies", kService);
    Table table({"NAME", "ARN"});
    for (const json::value& row : rows) {
        table.add({member(row.as_object(), "policyName"), member(row.as_object(), "policyArn")});
    }
    session.show(rows, table.text("There is no policy: `helioctl policy create NAME FILE`."));
}

void policy_show(Session& session, const std::string& name) {
    json::object body = session.client().get("/policies/" + escape(name), kService);
    const json::object targets =
        session.client().post("/policy-targets/" + escape(name), {}, kService);
    body["targets"] = targets.at("targets");
    session.show(body, lines_of(body));
}

void policy_delete(Session& session, const std::string& name) {
    session.client().call("DELETE", "/policies/" + escape(name), {}, kService);
    session.show(json::object{{"policyName", name}}, fmt::format("Deleted the policy {}.\n", name));
}

void policy_attach(Session& session, const PolicyTarget& options) {
    const std::string arn = target_text(session, options.target);
    session.client().call("PUT",
                          "/target-policies/" + escape(options.name),
                          json::serialize(json::object{{"target", arn}}),
                          kService);
    session.say(fmt::format("Attached the policy {} to {}.", options.name, arn));
}

void policy_detach(Session& session, const PolicyTarget& options) {
    const std::string arn = target_text(session, options.target);
    session.client().post(
        "/target-policies/" + escape(options.name), json::object{{"target", arn}}, kService);
    session.say(fmt::format("Detached the policy {} from {}.", options.name, arn));
}

void key_add(Session& session, const KeyAdd& options) {
    const json::object made =
        session.client().post("/access-keys", json::object{{"name", options.name}}, kService);
    const std::string id = member(made, "accessKeyId");
    for (const std::string& policy : options.policies) policy_attach(session, {policy, id});
    session.show(made,
                 fmt::format("aws_access_key_id = {}\naws_secret_access_key = {}\n"
                             "The secret is not shown again.{}\n",
                             id,
                             member(made, "secretAccessKey"),
                             options.policies.empty()
                                 ? fmt::format(" The key may do nothing yet: `helioctl policy "
                                               "attach NAME {}`.",
                                               id)
                                 : ""));
}

void key_list(Session& session) {
    json::array rows = session.all("/access-keys", "accessKeys", kService);
    Table table({"ID", "NAME"});
    for (const json::value& row : rows) {
        table.add({member(row.as_object(), "accessKeyId"), member(row.as_object(), "name")});
    }
    session.show(rows,
                 table.text("There is no key beside the administrator's: `helioctl key add`."));
}

void key_remove(Session& session, const std::string& id) {
    session.client().call("DELETE", "/access-keys/" + escape(id), {}, kService);
    session.show(json::object{{"accessKeyId", id}}, fmt::format("Removed the key {}.\n", id));
}

}  // namespace helio::ctl
