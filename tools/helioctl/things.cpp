#include "tools/helioctl/identity_verbs.h"
#include "tools/helioctl/output.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace helio::ctl {
namespace {

namespace json = boost::json;

constexpr const char* kService = "iot";

void change_principal(Session& session, const ThingAttach& options, const char* method) {
    const std::string arn = target_text(session, options.certificate);
    session.client().call(
        method,
        fmt::format("/things/{}/principals{}",
                    escape(options.name),
                    options.exclusive ? "?thingPrincipalType=EXCLUSIVE_THING" : ""),
        {},
        kService,
        {{"x-amzn-principal", arn}});
}

}  // namespace

void thing_add(Session& session, const ThingAdd& options) {
    json::object attributes;
    for (const std::string& text : options.attributes) {
        const std::size_t equals = text.find('=');
        if (equals == std::string::npos) {
            throw CtlError(fmt::format("--attribute must be name=value, not \"{}\".", text));
        }
        attributes[text.substr(0, equals)] = text.substr(equals + 1);
    }
    json::object body{{"attributePayload", json::object{{"attributes", std::move(attributes)}}}};
    if (!options.type.empty()) body["thingTypeName"] = options.type;
    const json::object made =
        session.client().post("/things/" + escape(options.name), body, kService);
    session.show(made, fmt::format("Made the thing {}.\n", options.name));
}

void thing_list(Session& session) {
    json::array rows = session.all("/things", "things", kService);
    Table table({"NAME", "TYPE", "VERSION"});
    for (const json::value& row : rows) {
        const json::object& one = row.as_object();
        table.add({member(one, "thingName"), member(one, "thingTypeName"), member(one, "version")});
    }
    session.show(rows, table.text("There is no thing: `helioctl thing add NAME`."));
}

void thing_show(Session& session, const std::string& name) {
    json::object body = session.client().get("/things/" + escape(name), kService);
    body["principals"] =
        session.all("/things/" + escape(name) + "/principals", "principals", kService);
    body["thingGroups"] =
        session.all("/things/" + escape(name) + "/thing-groups", "thingGroups", kService);
    session.show(body, lines_of(body));
}

void thing_delete(Session& session, const std::string& name) {
    // AWS deletes in silence what is not there; a person wants to know.
    session.client().get("/things/" + escape(name), kService);
    session.client().call("DELETE", "/things/" + escape(name), {}, kService);
    session.show(json::object{{"thingName", name}}, fmt::format("Deleted the thing {}.\n", name));
}

void thing_attach(Session& session, const ThingAttach& options) {
    change_principal(session, options, "PUT");
    session.say(fmt::format("Attached {} to the thing {}.", options.certificate, options.name));
}

void thing_detach(Session& session, const ThingAttach& options) {
    change_principal(session, options, "DELETE");
    session.say(fmt::format("Detached {} from the thing {}.", options.certificate, options.name));
}

}  // namespace helio::ctl
