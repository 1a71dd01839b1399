// Verbs that go on for a while: tail and backup.
#include "tools/helioctl/output.h"
#include "tools/helioctl/verbs.h"

#include <boost/json.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <thread>

namespace helio::ctl {
namespace {

namespace json = boost::json;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPollInterval{300};

void print_events(const Session& session, const json::array& events, const std::string& device) {
    for (const json::value& value : events) {
        const json::object& event = value.as_object();
        if (!device.empty() && member(event, "DevEui") != device) continue;
        fmt::print("{}\n", session.settings.json ? json::serialize(event) : event_line(event));
    }
    std::fflush(stdout);
}

// Goes on where it was when the server was away for a while.
json::object events_after(Session& session,
                          const std::string& next,
                          std::optional<Clock::time_point> end) {
    for (bool told = false;; told = true) {
        try {
            return session.client().get("/events?after=" + escape(next));
        } catch (const Unreachable& error) {
            if (end && Clock::now() >= *end) throw;
            if (!told) fmt::print(stderr, "helioctl: {} Waiting for it.\n", error.what());
            std::this_thread::sleep_for(kPollInterval);
        }
    }
}

// A folder of this machine where the server is on it.
std::string folder_for(const Session& session, const std::string& directory) {
    const std::string endpoint = find_endpoint(session.settings, std::getenv);
    const auto is_at = [&](std::string_view host) {
        const std::size_t at = endpoint.find("://") + 3;
        return endpoint.compare(at, host.size(), host) == 0;
    };
    if (!is_at("127.") && !is_at("localhost") && !is_at("[::1]")) return directory;
    return std::filesystem::absolute(directory).lexically_normal().string();
}

}  // namespace

void tail(Session& session, const Tail& options) {
    const std::string device = options.device.empty()
                                   ? std::string()
                                   : member(session.device(options.device), "LoRaWAN.DevEui");
    const auto end = options.time ? std::optional(Clock::now() + *options.time) : std::nullopt;
    json::object body = session.client().get(fmt::format("/events?last={}", options.last));
    while (true) {
        const json::array& events = body.at("Events").as_array();
        print_events(session, events, device);
        if (end && Clock::now() >= *end) return;
        // A full answer means that more is there already.
        if (events.empty()) std::this_thread::sleep_for(kPollInterval);
        body = events_after(session, member(body, "Next"), end);
    }
}

void backup(Session& session, const std::string& folder) {
    const std::string directory = folder_for(session, folder);
    session.client().post("/backup", json::object{{"Directory", directory}});
    while (true) {
        const json::object status = session.client().get("/backup");
        const std::string state = member(status, "State");
        if (state == "Done") {
            session.show(status, fmt::format("The data is copied to {}.\n", directory));
            return;
        }
        if (state != "Running") {
            throw CtlError(fmt::format("The backup failed: {}", member(status, "Reason")));
        }
        std::this_thread::sleep_for(kPollInterval);
    }
}

}  // namespace helio::ctl
