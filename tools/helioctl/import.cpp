#include "tools/helioctl/csv.h"
#include "tools/helioctl/files.h"
#include "tools/helioctl/output.h"
#include "tools/helioctl/verbs.h"

#include <boost/json.hpp>
#include <cstdio>
#include <fmt/format.h>
#include <map>
#include <unistd.h>

namespace helio::ctl {
namespace {

namespace json = boost::json;

constexpr std::size_t kBatch = 500;  // devices a request
constexpr std::size_t kMaxShown = 20;

class Progress {
  public:
    explicit Progress(std::size_t total) : total_(total), shown_(::isatty(STDERR_FILENO) == 1) {}
    void at(std::size_t done) const {
        if (!shown_ || total_ == 0) return;
        constexpr std::size_t kWidth = 40;
        const std::size_t filled = kWidth * done / total_;
        fmt::print(stderr, "\r[{:<{}}] {}/{}", std::string(filled, '#'), kWidth, done, total_);
        if (done == total_) fmt::print(stderr, "\n");
        std::fflush(stderr);
    }

  private:
    std::size_t total_;
    bool shown_;
};

// Names of profiles and destinations are looked up once each.
class Names {
  public:
    Names(Session& session, const DeviceImport& options) : session_(session), options_(options) {}

    const std::string& profile(const CsvDevice& device) {
        const std::string& name = device.profile.empty() ? options_.profile : device.profile;
        auto found = profiles_.find(name);
        if (found == profiles_.end()) {
            found = profiles_
                        .emplace(name,
                                 name.empty() ? session_.default_profile(options_.region, missing())
                                              : session_.profile_id(name))
                        .first;
        }
        return found->second;
    }
    std::string destination(const CsvDevice& device) {
        if (!device.destination.empty()) return device.destination;
        if (!options_.destination.empty()) return options_.destination;
        if (!default_) default_ = session_.default_destination(missing());
        return *default_;
    }

  private:
    // A dry run changes nothing: what would be made on the way is left out of the answers.
    Session::Missing missing() const {
        return options_.dry_run ? Session::Missing::leave : Session::Missing::make;
    }

    Session& session_;
    const DeviceImport& options_;
    std::map<std::string, std::string> profiles_;
    std::optional<std::string> default_;
};

void show_problems(const std::string& file, const std::vector<CsvProblem>& problems) {
    for (std::size_t i = 0; i < problems.size() && i < kMaxShown; ++i) {
        fmt::print(stderr, "{}\n", problem_text(file, problems[i]));
    }
    if (problems.size() > kMaxShown) {
        fmt::print(stderr, "... and {} more\n", problems.size() - kMaxShown);
    }
}

struct Counts {
    std::size_t accepted = 0;
    std::size_t present = 0;  // registered before, and skipped
};

json::value summary(const DeviceImport& options,
                    const Counts& counts,
                    const std::vector<CsvProblem>& problems) {
    json::array rows;
    for (const CsvProblem& problem : problems) {
        rows.push_back(json::object{
            {"Line", problem.line}, {"Column", problem.column}, {"Message", problem.message}});
    }
    return json::object{{"DryRun", options.dry_run},
                        {"Accepted", counts.accepted},
                        {"Skipped", counts.present},
                        {"Problems", std::move(rows)}};
}

int finish(Session& session,
           const DeviceImport& options,
           const Counts& counts,
           const std::vector<CsvProblem>& problems) {
    if (!session.settings.json) show_problems(options.file, problems);
    const char* verb = options.dry_run ? "would be registered" : "registered";
    session.show(
        summary(options, counts, problems),
        fmt::format("{} devices {}, {}{} problems.\n",
                    counts.accepted,
                    verb,
                    counts.present > 0 ? fmt::format("{} there already, ", counts.present) : "",
                    problems.size()));
    return problems.empty() ? 0 : 1;
}

}  // namespace

int device_import(Session& session, const DeviceImport& options) {
    const CsvDevices read = read_devices(read_file(options.file));
    // A file with a wrong line is not begun: it is put right and sent as a whole.
    if (!read.problems.empty()) return finish(session, options, {}, read.problems);

    Names names(session, options);
    const Progress progress(read.devices.size());
    std::vector<CsvProblem> problems;
    std::size_t accepted = 0, present = 0;
    for (std::size_t first = 0; first < read.devices.size(); first += kBatch) {
        const std::size_t end = std::min(first + kBatch, read.devices.size());
        json::array batch;
        std::vector<std::size_t> lines;
        for (std::size_t i = first; i < end; ++i) {
            const CsvDevice& device = read.devices[i];
            const std::string& profile = names.profile(device);
            const std::string destination = names.destination(device);
            if (profile.empty() || destination.empty()) {
                ++accepted;  // in a dry run, where the default would be made
                continue;
            }
            batch.push_back(device_request(device, profile, destination));
            lines.push_back(device.line);
        }
        const json::object answer = session.client().post(
            "/wireless-devices/import",
            json::object{{"DryRun", options.dry_run}, {"Devices", std::move(batch)}});
        accepted += answer.at("Accepted").to_number<std::size_t>();
        for (const json::value& error : answer.at("Errors").as_array()) {
            if (options.skip_existing && error.at("Code").as_string() == "ConflictException") {
                ++present;
                continue;
            }
            problems.push_back({lines.at(error.at("Index").to_number<std::size_t>()),
                                "",
                                std::string(error.at("Message").as_string())});
        }
        progress.at(end);
    }
    return finish(session, options, {.accepted = accepted, .present = present}, problems);
}

}  // namespace helio::ctl
