#include "base/io/child_process.h"

#include "base/io/socket_stream.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace helio::io {

struct ChildProcess::State {
    OnExit on_exit;
    uv_process_t process{};
    bool exited = false;
    bool has_owner = true;

    void close() {
        uv_close(reinterpret_cast<uv_handle_t*>(&process),
                 [](uv_handle_t* handle) { delete static_cast<State*>(handle->data); });
    }
    // The handle stays until then even without an owner: else the child would be a zombie.
    static void ended(uv_process_t* process, std::int64_t status, int signal) {
        auto& self = *static_cast<State*>(process->data);
        self.exited = true;
        if (!self.has_owner) return self.close();
        const OnExit call = std::move(self.on_exit);
        if (call) call(status, signal);
    }
};

ChildProcess::ChildProcess(Loop& loop,
                           const std::string& program,
                           const std::vector<std::string>& arguments,
                           OnExit on_exit) {
    // One socket for both directions: the child reads it as 0 and writes it as 1.
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        throw std::runtime_error("no socket for " + program + ": " + std::strerror(errno));
    }
    std::vector<char*> argv = {const_cast<char*>(program.c_str())};
    for (const std::string& argument : arguments) {
        argv.push_back(const_cast<char*>(argument.c_str()));
    }
    argv.push_back(nullptr);
    std::array<uv_stdio_container_t, 3> stdio{};
    for (std::size_t i = 0; i < stdio.size(); ++i) {
        stdio[i].flags = UV_INHERIT_FD;
        stdio[i].data.fd = i < 2 ? ends[1] : STDERR_FILENO;
    }
    uv_process_options_t options{};
    options.file = program.c_str();
    options.args = argv.data();
    options.stdio = stdio.data();
    options.stdio_count = static_cast<int>(stdio.size());
    options.exit_cb = State::ended;

    state_ = new State{.on_exit = std::move(on_exit)};
    state_->process.data = state_;
    const int status = uv_spawn(&loop.impl().loop, &state_->process, &options);
    ::close(ends[1]);
    if (status != 0) {
        ::close(ends[0]);
        state_->close();
        throw std::runtime_error(program + " cannot be started: " + uv_strerror(status));
    }
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    channel_ = std::make_unique<SocketStream>(loop.impl(), ends[0], Peer{});
}

ChildProcess::~ChildProcess() {
    state_->has_owner = false;
    if (state_->exited) {
        state_->close();
    } else {
        kill();
    }
}

Stream& ChildProcess::channel() { return *channel_; }

void ChildProcess::kill() {
    if (!state_->exited) uv_process_kill(&state_->process, SIGKILL);
}

int ChildProcess::pid() const { return state_->process.pid; }

}  // namespace helio::io
