#include "tools/helio-sim/registration.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <spawn.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace helio::sim {
namespace {

namespace fs = std::filesystem;

// The one beside this program, else the one of $PATH.
std::string helioctl_program() {
    std::error_code ignored;
    const fs::path beside = fs::read_symlink("/proc/self/exe", ignored).parent_path() / "helioctl";
    return fs::exists(beside, ignored) ? beside.string() : "helioctl";
}

void helioctl(std::vector<std::string> arguments) {
    const std::string program = helioctl_program();
    const std::string verb = arguments.at(0) + ' ' + arguments.at(1);
    arguments.insert(arguments.begin(), "helioctl");
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(
        &actions, STDERR_FILENO, STDOUT_FILENO);  // ours is the report's
    pid_t child = 0;
    const int error =
        posix_spawnp(&child, program.c_str(), &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) {
        throw std::runtime_error(
            fmt::format("--register needs helioctl ({}): put it beside helio-sim or into $PATH",
                        std::strerror(error)));
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (status != 0) {
        throw std::runtime_error(fmt::format("`helioctl {}` did not register everything", verb));
    }
}

class ListFile {
  public:
    ListFile() : path_((fs::temp_directory_path() / "helio-sim-XXXXXX").string()) {
        const int fd = mkstemp(path_.data());
        if (fd < 0) throw std::runtime_error("no temporary file can be made in " + path_);
        ::close(fd);
    }
    ~ListFile() { ::unlink(path_.c_str()); }
    ListFile(const ListFile&) = delete;
    ListFile& operator=(const ListFile&) = delete;
    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

void register_gateways(const SimulationSettings& simulation) {
    for (std::uint32_t i = 0; i < simulation.gateways.count; ++i) {
        const auto eui = Eui64::from_value(simulation.gateways.first_eui.value() + i);
        std::vector<std::string> arguments = {"gateway",
                                              "add",
                                              eui.to_text(),
                                              "--name",
                                              fmt::format("sim-{}", i),
                                              "--region",
                                              std::string(simulation.device.region->name),
                                              "--skip-existing"};
        if (simulation.device.sub_band > 0) {
            arguments.push_back("--sub-band");
            arguments.push_back(std::to_string(simulation.device.sub_band));
        }
        helioctl(std::move(arguments));
    }
}

}  // namespace

void register_all(const SimulationSettings& simulation, const ListSettings& list) {
    register_gateways(simulation);
    const std::string region(simulation.device.region->name);
    helioctl({"profile", "add", list.profile, "--region", region, "--skip-existing"});
    helioctl(
        {"destination", "add", list.destination, "--topic", list.destination, "--skip-existing"});
    const ListFile file;
    std::ofstream out(file.path());
    write_device_list(out, simulation.identities, simulation.devices, list);
    out.close();
    if (!out) throw std::runtime_error("the list of devices cannot be written to " + file.path());
    helioctl({"device", "import", file.path(), "--skip-existing"});
}

}  // namespace helio::sim
