// Another program, with its standard input and output as a Stream.
//
// Its standard error is ours.  When the object goes, the program is killed.
#pragma once

#include "base/io/loop.h"
#include "base/io/stream.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace helio::io {

class ChildProcess {
  public:
    // `signal` is 0 where the program ended by itself.  Once; may destroy the ChildProcess.  Output
    // that is still on the way comes to the channel's handler before or after.
    using OnExit = std::function<void(std::int64_t status, int signal)>;

    // Throws std::runtime_error with one sentence where the program cannot be started.
    ChildProcess(Loop& loop,
                 const std::string& program,
                 const std::vector<std::string>& arguments,
                 OnExit on_exit);
    ~ChildProcess();
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    Stream& channel();
    void kill();  // on_exit follows
    int pid() const;

  private:
    struct State;
    State* state_;  // freed once the program is gone
    std::unique_ptr<Stream> channel_;
};

}  // namespace helio::io
