#include "tools/helioctl/identity_verbs.h"
#include "tools/helioctl/output.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace helio::ctl {
namespace {

namespace json = boost::json;

json::object question_of(Session& session, const PolicyExplain& options) {
    json::object body{{"action", options.action},
                      {"resource", options.resource},
                      {"tls", !options.no_tls},
                      {"persistent", options.persistent},
                      {"lastWill", options.last_will},
                      {"http", options.http}};
    const auto put = [&](const char* name, const std::string& value) {
        if (!value.empty()) body[name] = value;
    };
    if (!options.principal.empty()) put("principal", target_text(session, options.principal));
    put("connection", options.connection);
    put("clientId", options.client_id);
    put("sourceIp", options.source_ip);
    put("domainName", options.domain_name);
    body["policyNamesToAdd"] = json::array(options.add.begin(), options.add.end());
    body["policyNamesToSkip"] = json::array(options.skip.begin(), options.skip.end());
    return body;
}

std::string_view in_words(std::string_view outcome) {
    if (outcome == "APPLIES") return "applies";
    if (outcome == "OTHER_ACTION") return "another action";
    if (outcome == "OTHER_RESOURCE") return "another resource";
    if (outcome == "VARIABLE_WITHOUT_VALUE") return "a variable without a value";
    return "a condition does not hold";
}

std::string decision_line(const json::object& answer) {
    std::string line = member(answer, "authDecision");
    if (member(answer, "unlimited") == "true") return line + ": an administrator's key.\n";
    std::string_view joint = " by";
    for (const json::value& value : answer.at("statements").as_array()) {
        const json::object& statement = value.as_object();
        if (!statement.at("decides").as_bool()) continue;
        line += fmt::format("{} statement {} of {}",
                            joint,
                            member(statement, "statement"),
                            member(statement, "policyName"));
        joint = ", by";
    }
    if (joint == " by") line += ": no statement allows it";
    return line + ".\n";
}

std::string statements_text(const json::object& answer) {
    Table table({"POLICY", "STATEMENT", "SID", "EFFECT", "OUTCOME", "BECAUSE OF"});
    for (const json::value& value : answer.at("statements").as_array()) {
        const json::object& statement = value.as_object();
        table.add({member(statement, "policyName"),
                   member(statement, "statement"),
                   member(statement, "sid"),
                   member(statement, "effect"),
                   std::string(in_words(member(statement, "outcome"))),
                   member(statement, "because")});
    }
    return table.text("No policy is attached.");
}

std::string variables_text(const json::object& answer) {
    std::string out;
    for (const auto& [name, values] : answer.at("variables").as_object()) {
        std::string line = fmt::format("  {}", std::string_view(name));
        if (values.as_array().empty()) line += " has no value";
        for (const json::value& value : values.as_array()) {
            line += fmt::format("{} {}",
                                &value == values.as_array().begin() ? " =" : ",",
                                std::string_view(value.as_string()));
        }
        out += line + "\n";
    }
    return out.empty() ? out : "Variables:\n" + out;
}

}  // namespace

int policy_explain(Session& session, const PolicyExplain& options) {
    const json::object answer =
        session.client().post("/authorization-explanation", question_of(session, options), "iot");
    session.show(answer, decision_line(answer) + statements_text(answer) + variables_text(answer));
    return member(answer, "authDecision") == "ALLOWED" ? 0 : 1;
}

}  // namespace helio::ctl
