// What concerns the whole server: its addresses, its health, its metrics, its backup.
#include "bridge/api/common.h"
#include "bridge/api/handlers.h"

#include <algorithm>
#include <boost/json.hpp>
#include <fmt/format.h>

namespace helio::bridge::api {
namespace {

namespace json = boost::json;

std::string_view name_of(BackupState state) {
    switch (state) {
        case BackupState::none:
            return "None";
        case BackupState::running:
            return "Running";
        case BackupState::done:
            return "Done";
        case BackupState::failed:
            break;
    }
    return "Failed";
}

// By the name under which the client has reached us, with the port of HTTPS where there is one.
std::string endpoint_for(const Context& context, const Call& call) {
    const std::string_view host = call.request.header("host").value_or("localhost");
    if (context.config.tls_port == 0) return std::string(host);
    const std::size_t bracket = std::min(host.find(']'), host.size());  // of an IPv6 address
    const std::size_t colon = host.find(':', bracket == host.size() ? 0 : bracket);
    return fmt::format("{}:{}", host.substr(0, colon), context.config.tls_port);
}

}  // namespace

Outcome get_service_endpoint(Context& context, const Call& call) {
    const std::string_view type = call.parameter("serviceType").value_or("LNS");
    if (type != "LNS" && type != "CUPS")
        return fail(validation("ServiceType must be LNS or CUPS."));
    const std::string_view scheme = type == "LNS" ? "wss://" : "https://";
    json::object body{{"ServiceType", type},
                      {"ServiceEndpoint", std::string(scheme) + endpoint_for(context, call)}};
    if (!context.config.server_trust.empty()) body["ServerTrust"] = context.config.server_trust;
    return reply_with(body);
}

Outcome describe_endpoint(Context& context, const Call& call) {
    const std::string_view type = call.parameter("endpointType").value_or("iot:Data");
    constexpr std::string_view kTypes[] = {"iot:Data",
                                           "iot:Data-ATS",
                                           "iot:Data-Beta",
                                           "iot:CredentialProvider",
                                           "iot:Jobs",
                                           "iot:DeviceAdvisor"};
    if (std::ranges::find(kTypes, type) == std::end(kTypes)) {
        return fail(
            invalid_request(fmt::format("endpointType must be one of {}.", fmt::join(kTypes, ", "))));
    }
    return reply_with(json::object{{"endpointAddress", endpoint_for(context, call)}});
}

Outcome health(Context& context, const Call&) {
    if (context.store.stalled()) {
        return fail(unavailable(
            "The data folder cannot be written: free space on its disk, nothing is lost so far."));
    }
    return Reply{.body = "ok\n", .content_type = "text/plain; charset=utf-8"};
}

Outcome metrics(Context& context, const Call&) {
    return Reply{.body = context.metrics ? context.metrics() : std::string(),
                 .content_type = "text/plain; version=0.0.4; charset=utf-8"};
}

Outcome start_backup(Context& context, const Call& call) {
    const auto input = parse_object(call.request.body);
    if (!input) return fail(input.error());
    Problems problems;
    const Fields body(*input, "", problems);
    const std::string directory = body.required(
        body.text("Directory", {.min = 1, .max = 4096}), "Directory", "must be a folder's path");
    if (problems.any()) return fail(validation(problems.text()));
    if (!directory.starts_with('/')) {
        return fail(validation("Directory must be an absolute path on the server's machine."));
    }
    const auto started = context.backup.start(directory);
    if (!started) return fail(conflict(started.error(), "Backup", directory));
    return get_backup(context, call);
}

Outcome get_backup(Context& context, const Call&) {
    const BackupStatus status = context.backup.status();
    json::object body{{"State", name_of(status.state)}, {"Directory", status.directory}};
    if (!status.reason.empty()) body["Reason"] = status.reason;
    return reply_with(body);
}

}  // namespace helio::bridge::api
