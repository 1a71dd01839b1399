#include "tools/helio-bench/server_process.h"

#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <netinet/in.h>
#include <sstream>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace helio::bench {
namespace {

std::uint16_t free_port(int type) {
    const int fd = socket(AF_INET, type, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    const bool ok = fd >= 0 && bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                    getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    if (fd >= 0) close(fd);
    if (!ok) throw std::runtime_error("no free port on the loopback interface");
    return ntohs(address.sin_port);
}

std::string at(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

// The number behind `key` in a file of "key: number" lines.
std::uint64_t number_of(const std::string& path, const std::string& key) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with(key)) return std::stoull(line.substr(key.size()));
    }
    throw std::runtime_error("the server process is gone (" + path + ")");
}

}  // namespace

void end_with_parent() { prctl(PR_SET_PDEATHSIG, SIGTERM); }

Ports free_ports() {
    return {free_port(SOCK_DGRAM), free_port(SOCK_STREAM), free_port(SOCK_STREAM)};
}

ServerProcess::ServerProcess(const std::filesystem::path& program,
                             const std::filesystem::path& data,
                             const std::vector<std::pair<std::string, std::string>>& settings)
    : ports_(free_ports()) {
    std::vector<std::string> words = {program, "serve", "--data", data};
    const auto set = [&](const std::string& key, const std::string& value) {
        words.push_back("--set");
        words.push_back(key + "=" + value);
    };
    set("gateways.semtech_udp", at(ports_.udp));
    set("mqtt.tcp", at(ports_.mqtt));
    set("mqtt.tls", "");
    set("mqtt.anonymous", "true");
    set("http.plain", at(ports_.http));
    set("http.tls", "");
    for (const auto& [key, value] : settings) set(key, value);

    int pipe_ends[2];
    if (pipe2(pipe_ends, O_CLOEXEC) != 0)
        throw std::runtime_error("no pipe for the server's output");
    const auto started = std::chrono::steady_clock::now();
    pid_ = fork();
    if (pid_ == 0) {
        end_with_parent();
        dup2(pipe_ends[1], STDOUT_FILENO);
        std::vector<char*> arguments;
        for (std::string& word : words) arguments.push_back(word.data());
        arguments.push_back(nullptr);
        execv(program.c_str(), arguments.data());
        _exit(127);
    }
    close(pipe_ends[1]);
    output_ = pipe_ends[0];
    std::string text;
    char buffer[4096];
    while (text.find("ready") == std::string::npos) {
        const ssize_t size = read(output_, buffer, sizeof(buffer));
        if (size <= 0) throw std::runtime_error("the server ended before it was ready: " + text);
        text.append(buffer, static_cast<std::size_t>(size));
    }
    start_time_ = std::chrono::steady_clock::now() - started;
}

ServerProcess::~ServerProcess() {
    if (pid_ > 0) {
        kill(pid_, SIGTERM);
        waitpid(pid_, nullptr, 0);
    }
    if (output_ >= 0) close(output_);
}

namespace {

// What the store's writer handed to the kernel.  The kernel's own count of written bytes goes by
// whole folios, of which a page may be a small part.
std::uint64_t bytes_of_writer(const std::string& process) {
    for (const auto& task : std::filesystem::directory_iterator(process + "/task")) {
        std::string name;
        std::getline(std::ifstream(task.path() / "comm"), name);
        if (name == "store-writer") return number_of((task.path() / "io").string(), "wchar:");
    }
    return 0;
}

}  // namespace

Usage ServerProcess::usage() const {
    const std::string folder = "/proc/" + std::to_string(pid_);
    std::ifstream stat(folder + "/stat");
    std::string line;
    std::getline(stat, line);
    // The name (field 2) may hold spaces; utime and stime are fields 14 and 15.
    std::istringstream fields(line.substr(line.rfind(')') + 2));
    std::string skipped;
    for (int field = 3; field < 14; ++field) fields >> skipped;
    std::uint64_t user = 0;
    std::uint64_t system = 0;
    fields >> user >> system;
    const std::string status = folder + "/status";
    return {
        .cpu_seconds =
            static_cast<double>(user + system) / static_cast<double>(sysconf(_SC_CLK_TCK)),
        .resident_bytes = number_of(status, "VmRSS:") * 1024,
        .private_bytes = number_of(status, "RssAnon:") * 1024,
        .written_bytes = bytes_of_writer(folder),
    };
}

}  // namespace helio::bench
