#include "bridge/payload/io/codec_host_process.h"

#include <stdexcept>

namespace helio::bridge::payload {

CodecHostProcess::CodecHostProcess(io::Loop& loop,
                                   std::string program,
                                   std::vector<std::string> arguments,
                                   log::Log& log,
                                   CodecLimits limits)
    : loop_(loop),
      program_(std::move(program)),
      arguments_(std::move(arguments)),
      log_(log),
      client_(*this, limits) {}

CodecHostProcess::~CodecHostProcess() = default;

bool CodecHostProcess::start() {
    try {
        child_ = std::make_unique<io::ChildProcess>(
            loop_, program_, arguments_, [this](std::int64_t status, int signal) {
                log_.sampled(log::Level::warning,
                             "the codec host ended; it is started again when it is needed",
                             {{"status", status}, {"signal", signal}});
                child_.reset();
                client_.on_exit(loop_.now());
            });
        child_->channel().set_handler(*this);
        return true;
    } catch (const std::runtime_error& error) {
        log_.sampled(log::Level::error, "payload codecs do not run", {{"reason", error.what()}});
        return false;
    }
}

void CodecHostProcess::send(std::string bytes) { child_->channel().write(bytes); }

void CodecHostProcess::kill() { child_->kill(); }

void CodecHostProcess::on_data(ByteView bytes) { client_.on_bytes(bytes, loop_.now()); }

void CodecHostProcess::on_close(io::CloseReason, std::string_view) {
    // It closed its end: whether it has ended or not, it is of no use any more.
    if (child_) child_->kill();
}

}  // namespace helio::bridge::payload
