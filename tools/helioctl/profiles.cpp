#include "tools/helioctl/files.h"
#include "tools/helioctl/output.h"
#include "tools/helioctl/verbs.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace helio::ctl {
namespace {

namespace json = boost::json;

std::string codec_target(Session& session, const std::string& profile) {
    return fmt::format("/device-profiles/{}/codec", escape(session.profile_id(profile)));
}

}  // namespace

void profile_add(Session& session, const ProfileAdd& options) {
    if (options.skip_existing && session.has_profile(options.name)) {
        const std::string what = "a device profile " + options.name;
        session.show(json::object{{"Skipped", what}}, fmt::format("There is {} already.\n", what));
        return;
    }
    json::object lorawan{{"MacVersion", options.mac_version},
                         {"RegParamsRevision", options.revision},
                         {"RfRegion", options.region},
                         {"SupportsJoin", !options.no_join},
                         {"SupportsClassC", options.class_c},
                         {"Supports32BitFCnt", true}};
    if (options.rx_delay) lorawan["RxDelay1"] = *options.rx_delay;
    const json::object made = session.client().post(
        "/device-profiles", json::object{{"Name", options.name}, {"LoRaWAN", std::move(lorawan)}});
    session.show(
        made, fmt::format("Made the device profile {} ({}).\n", options.name, member(made, "Id")));
}

void profile_list(Session& session) {
    json::array rows = session.all("/device-profiles", "DeviceProfileList");
    Table table({"NAME", "ID"});
    for (const json::value& row : rows) {
        table.add({member(row.as_object(), "Name"), member(row.as_object(), "Id")});
    }
    session.show(rows, table.text("There is no device profile: `helioctl profile add NAME`."));
}

void profile_show(Session& session, const std::string& profile) {
    const json::object body =
        session.client().get("/device-profiles/" + escape(session.profile_id(profile)));
    session.show(body, lines_of(body));
}

void profile_delete(Session& session, const std::string& profile) {
    session.client().call("DELETE", "/device-profiles/" + escape(session.profile_id(profile)));
    session.show(json::object(), fmt::format("Deleted the device profile {}.\n", profile));
}

void destination_add(Session& session, const DestinationAdd& options) {
    if (options.topic.empty() == options.rule.empty()) {
        throw CtlError("A destination needs either --topic or --rule.");
    }
    json::object body{{"Name", options.name},
                      {"ExpressionType", options.rule.empty() ? "MqttTopic" : "RuleName"},
                      {"Expression", options.rule.empty() ? options.topic : options.rule}};
    if (!options.description.empty()) body["Description"] = options.description;
    const auto made = session.create(
        "/destinations", body, options.skip_existing, "a destination " + options.name);
    if (!made) return;
    session.show(*made, fmt::format("Made the destination {}.\n", options.name));
}

void destination_list(Session& session) {
    json::array rows = session.all("/destinations", "DestinationList");
    Table table({"NAME", "TYPE", "EXPRESSION", "DESCRIPTION"});
    for (const json::value& row : rows) {
        const json::object& destination = row.as_object();
        table.add({member(destination, "Name"),
                   member(destination, "ExpressionType"),
                   member(destination, "Expression"),
                   member(destination, "Description")});
    }
    session.show(rows,
                 table.text("There is no destination: `helioctl destination add NAME --topic T`."));
}

void destination_delete(Session& session, const std::string& name) {
    session.client().call("DELETE", "/destinations/" + escape(name));
    session.show(json::object(), fmt::format("Deleted the destination {}.\n", name));
}

void codec_set(Session& session, const std::string& profile, const std::string& file) {
    const std::string text = read_file(file);
    session.client().call("PUT", codec_target(session, profile), text);
    session.show(json::object(),
                 fmt::format("The devices of {} are decoded with {} ({} bytes) from now on.\n",
                             profile,
                             file,
                             text.size()));
}

void codec_get(Session& session, const std::string& profile) {
    const std::string text = session.client().call("GET", codec_target(session, profile));
    session.show(json::object{{"Codec", text}}, text);
}

void codec_delete(Session& session, const std::string& profile) {
    session.client().call("DELETE", codec_target(session, profile));
    session.show(json::object(), fmt::format("Removed the codec of {}.\n", profile));
}

}  // namespace helio::ctl
