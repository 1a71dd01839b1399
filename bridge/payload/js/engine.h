// SpiderMonkey as the codec host uses it: one engine a process, one kept global object a codec.
//
// A codec's global is made, and its source compiled, once; each message is then one call.  A run
// over the time limit is interrupted and its global is thrown away.
#pragma once

#include "bridge/payload/proto/codec.pb.h"

#include <chrono>
#include <memory>

namespace helio::bridge::payload::js {

struct EngineLimits {
    std::chrono::milliseconds run_time{250};
    std::uint32_t heap_bytes = 64u << 20;
    std::size_t kept_codecs = 256;  // the least recently used goes first
    std::size_t max_result_bytes = 64u << 10;
};

class Engine {
  public:
    // Throws std::runtime_error where the engine cannot start.  At most one in a process.
    explicit Engine(EngineLimits limits);
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    // Runs one job.  Never throws: what goes wrong is in the answer.
    void run(const proto::Job& job, proto::Answer& answer);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace helio::bridge::payload::js
