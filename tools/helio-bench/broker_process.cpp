#include "tools/helio-bench/broker_process.h"

#include "tools/helio-bench/mqtt_socket.h"

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <sched.h>
#include <stdexcept>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace helio::bench {
namespace {

std::filesystem::path new_folder() {
    std::string name = std::filesystem::temp_directory_path() / "helio-bench-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder for the broker");
    return name;
}

void pin_to(int pid, unsigned processor) {
    if (std::thread::hardware_concurrency() < 2) return;
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(processor, &set);
    sched_setaffinity(pid, sizeof(set), &set);
}

template <class F>
void each_task(int pid, F&& call) {
    std::error_code gone;
    for (const auto& task :
         std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task", gone)) {
        call(task.path());
    }
}

void await_listener(std::uint16_t port, int pid) {
    while (true) {
        try {
            const MqttSocket probe(port, "probe");
            return;
        } catch (const std::runtime_error&) {
            int status = 0;
            if (waitpid(pid, &status, WNOHANG) == pid) {
                throw std::runtime_error("the other broker has ended before it listened");
            }
            std::this_thread::yield();
        }
    }
}

}  // namespace

std::unique_ptr<BrokerProcess> BrokerProcess::heliograph(const std::filesystem::path& program) {
    std::unique_ptr<BrokerProcess> out(new BrokerProcess);
    out->folder_ = new_folder();
    out->server_ = std::make_unique<ServerProcess>(
        program,
        out->folder_ / "data",
        std::vector<std::pair<std::string, std::string>>{{"gateways.semtech_udp", ""}});
    out->pid_ = out->server_->pid();
    out->port_ = out->server_->ports().mqtt;
    out->pin();
    return out;
}

std::unique_ptr<BrokerProcess> BrokerProcess::mosquitto(const std::filesystem::path& program) {
    std::unique_ptr<BrokerProcess> out(new BrokerProcess);
    out->folder_ = new_folder();
    out->port_ = free_ports().mqtt;
    const std::string config = out->folder_ / "mosquitto.conf";
    std::ofstream(config) << "listener " << out->port_ << " 127.0.0.1\n"
                          << "allow_anonymous true\npersistence false\nlog_dest none\n"
                          << "max_inflight_messages 0\nmax_queued_messages 0\n";
    out->pid_ = fork();
    if (out->pid_ == 0) {
        const int nowhere = open("/dev/null", O_WRONLY);
        dup2(nowhere, STDERR_FILENO);
        execl(program.c_str(), program.c_str(), "-c", config.c_str(), nullptr);
        _exit(127);
    }
    await_listener(out->port_, out->pid_);
    out->pin();
    return out;
}

BrokerProcess::~BrokerProcess() {
    if (!server_ && pid_ > 0) {
        kill(pid_, SIGTERM);
        waitpid(pid_, nullptr, 0);
    }
    server_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

void BrokerProcess::pin() const {
    each_task(pid_, [](const std::filesystem::path& task) {
        pin_to(std::stoi(task.filename().string()), 0);
    });
}

double BrokerProcess::cpu_seconds() const {
    double ns = 0;
    each_task(pid_, [&](const std::filesystem::path& task) {
        double on_cpu = 0;
        std::ifstream(task / "schedstat") >> on_cpu;
        ns += on_cpu;
    });
    return ns / 1e9;
}

std::uint64_t BrokerProcess::resident_bytes() const {
    std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmRSS:")) return std::stoull(line.substr(6)) * 1024;
    }
    throw std::runtime_error("the broker is gone");
}

void pin_generator() { pin_to(0, std::thread::hardware_concurrency() - 1); }

}  // namespace helio::bench
