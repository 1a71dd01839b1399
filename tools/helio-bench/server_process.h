// The server under measurement as a process: started on loopback with a data folder of its own, and
// read through /proc, so that what is measured is the whole program.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace helio::bench {

struct Usage {
    double cpu_seconds = 0;            // user and system, all threads
    std::uint64_t resident_bytes = 0;  // now
    std::uint64_t private_bytes = 0;   // of these, not pages of files
    std::uint64_t written_bytes = 0;   // sent to the disk
};

struct Ports {
    std::uint16_t udp;
    std::uint16_t mqtt;
    std::uint16_t http;
};
// Free at this moment.
Ports free_ports();

// For a child before its exec: whatever ends the measurement ends what it measures.
void end_with_parent();

class ServerProcess {
  public:
    // Starts `program` and waits for its "ready" line; throws std::runtime_error where it ends
    // before.
    ServerProcess(const std::filesystem::path& program,
                  const std::filesystem::path& data,
                  const std::vector<std::pair<std::string, std::string>>& settings);
    // Ends it with SIGTERM.
    ~ServerProcess();
    ServerProcess(const ServerProcess&) = delete;
    ServerProcess& operator=(const ServerProcess&) = delete;

    Usage usage() const;
    const Ports& ports() const { return ports_; }
    int pid() const { return pid_; }
    std::chrono::duration<double> start_time() const { return start_time_; }

  private:
    Ports ports_;
    int pid_ = -1;
    int output_ = -1;
    std::chrono::duration<double> start_time_{};
};

}  // namespace helio::bench
