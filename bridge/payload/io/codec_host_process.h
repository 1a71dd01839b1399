// The codec host as a child process on the loop: starts it, moves bytes, tells the client of its
// end.
#pragma once

#include "base/io/child_process.h"
#include "base/log.h"
#include "bridge/payload/codec_client.h"

#include <memory>
#include <string>
#include <vector>

namespace helio::bridge::payload {

class CodecHostProcess final : public CodecHostPort, private io::StreamHandler {
  public:
    // `program` is started when the first job comes, and again after each death.
    CodecHostProcess(io::Loop& loop,
                     std::string program,
                     std::vector<std::string> arguments,
                     log::Log& log,
                     CodecLimits limits = {});
    ~CodecHostProcess();

    CodecClient& client() { return client_; }

    bool start() override;
    void send(std::string bytes) override;
    void kill() override;

  private:
    void on_data(ByteView bytes) override;
    void on_close(io::CloseReason reason, std::string_view detail) override;

    io::Loop& loop_;
    std::string program_;
    std::vector<std::string> arguments_;
    log::Log& log_;
    CodecClient client_;
    std::unique_ptr<io::ChildProcess> child_;
};

}  // namespace helio::bridge::payload
