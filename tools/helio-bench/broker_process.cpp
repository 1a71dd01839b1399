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

// Answers when it has ended well.
void run(const std::vector<std::string>& words) {
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    const int pid = fork();
    if (pid == 0) {
        const int nowhere = open("/dev/null", O_WRONLY);
        dup2(nowhere, STDOUT_FILENO);
        execv(arguments[0], arguments.data());
        _exit(127);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    if (status != 0) throw std::runtime_error(words[0] + " has failed");
}

void await_listener(std::uint16_t port, int pid) {
    while (true) {
        try {
            close(connect_loopback(port));
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

std::unique_ptr<BrokerProcess> BrokerProcess::heliograph_with_tls(
    const std::filesystem::path& program) {
    std::unique_ptr<BrokerProcess> out(new BrokerProcess);
    out->folder_ = new_folder();
    out->port_ = free_ports().mqtt;
    out->server_ = std::make_unique<ServerProcess>(
        program,
        out->folder_ / "data",
        std::vector<std::pair<std::string, std::string>>{
            {"gateways.semtech_udp", ""}, {"mqtt.tls", "127.0.0.1:" + std::to_string(out->port_)}});
    out->pid_ = out->server_->pid();
    const std::string policy = out->folder_ / "policy.json";
    std::ofstream(policy) << R"({"Version": "2012-10-17", "Statement":
        [{"Effect": "Allow", "Action": "iot:*", "Resource": "*"}]})";
    const auto helioctl = [&](std::vector<std::string> words) {
        const std::string at = "http://127.0.0.1:" + std::to_string(out->server_->ports().http);
        words.insert(words.begin(),
                     {program.parent_path() / "helioctl",
                      "--endpoint",
                      at,
                      "--credentials",
                      out->folder_ / "data" / "credentials"});
        run(words);
    };
    helioctl({"policy", "create", "bench", policy});
    helioctl({"cert", "create", "--policy", "bench", "--out", out->folder_ / "client"});
    out->pin();
    return out;
}

TlsFiles BrokerProcess::tls_files() const {
    const std::filesystem::path data = folder_ / "data";
    return {.ca = data / "ca.pem",
            .server_certificate = data / "server.pem",
            .server_key = data / "server.key",
            .client_certificate = folder_ / "client.pem",
            .client_key = folder_ / "client.key"};
}

std::unique_ptr<BrokerProcess> BrokerProcess::mosquitto(const std::filesystem::path& program,
                                                        const TlsFiles* tls) {
    std::unique_ptr<BrokerProcess> out(new BrokerProcess);
    out->folder_ = new_folder();
    out->port_ = free_ports().mqtt;
    const std::string config = out->folder_ / "mosquitto.conf";
    std::ofstream file(config);
    file << "user root\nlistener " << out->port_ << " 127.0.0.1\n"
         << "allow_anonymous true\npersistence false\nlog_dest none\n"
         << "max_inflight_messages 0\nmax_queued_messages 0\n";
    if (tls != nullptr) {
        file << "require_certificate true\ncafile " << tls->ca.string() << "\ncertfile "
             << tls->server_certificate.string() << "\nkeyfile " << tls->server_key.string()
             << "\n";
    }
    file.close();
    out->pid_ = fork();
    if (out->pid_ == 0) {
        end_with_parent();
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
