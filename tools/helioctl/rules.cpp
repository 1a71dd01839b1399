#include "tools/helioctl/files.h"
#include "tools/helioctl/output.h"
#include "tools/helioctl/verbs.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace helio::ctl {
namespace {

namespace json = boost::json;

constexpr const char* kService = "iot";
// AWS wants a role with every action; nothing is done with it here.
constexpr const char* kRole = "arn:aws:iam::000000000000:role/heliograph";

json::object republish_to(const std::string& topic) {
    return {{"republish", json::object{{"roleArn", kRole}, {"topic", topic}, {"qos", 1}}}};
}

std::string payload_of(const RuleAdd& options) {
    if (!options.payload_file.empty()) return read_file(options.payload_file);
    if (options.sql.empty()) throw CtlError("A rule needs --sql, or --file-json with all of it.");
    json::array actions;
    for (const std::string& topic : options.republish) actions.push_back(republish_to(topic));
    for (const std::string& url : options.http) {
        actions.push_back(json::object{{"http", json::object{{"url", url}}}});
    }
    for (const std::string& path : options.file) {
        actions.push_back(json::object{{"file", json::object{{"path", path}}}});
    }
    json::object body{{"sql", options.sql},
                      {"awsIotSqlVersion", "2016-03-23"},
                      {"ruleDisabled", options.disabled},
                      {"actions", std::move(actions)}};
    if (!options.description.empty()) body["description"] = options.description;
    if (!options.error_republish.empty()) {
        body["errorAction"] = republish_to(options.error_republish);
    }
    return json::serialize(body);
}

}  // namespace

void rule_add(Session& session, const RuleAdd& options) {
    session.client().call(options.replace ? "PATCH" : "POST",
                          "/rules/" + escape(options.name),
                          payload_of(options),
                          kService);
    session.show(
        json::object{{"ruleName", options.name}},
        fmt::format("{} the rule {}.\n", options.replace ? "Replaced" : "Made", options.name));
}

void rule_list(Session& session) {
    json::array rows = session.all("/rules", "rules", kService);
    Table table({"NAME", "TOPIC", "ENABLED"});
    for (const json::value& row : rows) {
        const json::object& rule = row.as_object();
        table.add({member(rule, "ruleName"),
                   member(rule, "topicPattern"),
                   member(rule, "ruleDisabled") == "true" ? "no" : "yes"});
    }
    session.show(rows, table.text("There is no rule: `helioctl rule add NAME --sql ...`."));
}

void rule_show(Session& session, const std::string& name) {
    const json::object body = session.client().get("/rules/" + escape(name), kService);
    session.show(body, lines_of(body));
}

void rule_delete(Session& session, const std::string& name) {
    // AWS deletes in silence what is not there; a person wants to know.
    session.client().get("/rules/" + escape(name), kService);
    session.client().call("DELETE", "/rules/" + escape(name), {}, kService);
    session.show(json::object(), fmt::format("Deleted the rule {}.\n", name));
}

void rule_enable(Session& session, const std::string& name, bool enabled) {
    session.client().call("POST",
                          fmt::format("/rules/{}/{}", escape(name), enabled ? "enable" : "disable"),
                          {},
                          kService);
    session.show(json::object(),
                 fmt::format("The rule {} is {}.\n", name, enabled ? "enabled" : "disabled"));
}

int rule_test(Session& session, const RuleTest& options) {
    if (options.name.empty() == options.sql.empty()) {
        throw CtlError("Say what to test: the name of a rule, or --sql.");
    }
    json::object body{
        {"topic", options.topic},
        {"payload",
         options.payload_file.empty() ? options.payload : read_file(options.payload_file)}};
    if (options.name.empty()) {
        body["sql"] = options.sql;
    } else {
        body["ruleName"] = options.name;
    }
    const json::object result = session.client().post("/rule-test", body);
    const bool matches = result.at("topicMatches").as_bool();
    const bool selected = result.at("selected").as_bool();
    const char* verdict = !matches   ? "The topic does not match FROM.\n"
                          : selected ? ""
                                     : "The message is not selected by WHERE.\n";
    session.show(result, verdict + (selected ? member(result, "output") + '\n' : std::string()));
    return matches && selected ? 0 : 1;
}

}  // namespace helio::ctl
