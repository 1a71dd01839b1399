// The codec host: reads batches of jobs on standard input, runs them, and writes one answer each.
//
// Started and watched by the server; it holds no state that matters and may be killed at any time.
// Answers leave one by one, so that after a crash the server knows which job was running.
#include "bridge/payload/frame_stream.h"
#include "bridge/payload/js/engine.h"
#include "tools/codec-host/sandbox.h"

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <unistd.h>

namespace {

using namespace helio;
using namespace helio::bridge::payload;

constexpr std::size_t kMaxFrame = 16u << 20;
constexpr std::size_t kDefaultMemory = 256u << 20;

bool write_all(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

bool run_batch(js::Engine& engine, std::string_view frame) {
    proto::JobBatch batch;
    if (!batch.ParseFromArray(frame.data(), static_cast<int>(frame.size()))) return false;
    std::string out;
    proto::Answer answer;
    for (const proto::Job& job : batch.jobs()) {
        answer.Clear();
        engine.run(job, answer);
        out.clear();
        append_frame(out, answer.SerializeAsString());
        if (!write_all(out)) return false;
    }
    return true;
}

int serve(js::Engine& engine) {
    FrameReader reader(kMaxFrame);
    std::uint8_t buffer[64 * 1024];
    for (;;) {
        const ssize_t size = ::read(STDIN_FILENO, buffer, sizeof(buffer));
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) return 0;  // the server closed the pipe
        reader.feed(ByteView(buffer, static_cast<std::size_t>(size)));
        while (const auto frame = reader.next()) {
            if (!run_batch(engine, *frame)) return 1;
        }
        if (reader.broken()) return 1;
    }
}

// "--name=value" with a positive number.
bool read_option(std::string_view argument, std::string_view name, std::size_t& out) {
    if (!argument.starts_with(name)) return false;
    argument.remove_prefix(name.size());
    const auto [end, error] =
        std::from_chars(argument.data(), argument.data() + argument.size(), out);
    return error == std::errc() && end == argument.data() + argument.size() && out > 0;
}

}  // namespace

int main(int argc, char* argv[]) {
    std::size_t run_time_ms = 250;
    std::size_t memory = kDefaultMemory;
    for (int i = 1; i < argc; ++i) {
        if (!read_option(argv[i], "--run-time-ms=", run_time_ms) &&
            !read_option(argv[i], "--memory-bytes=", memory)) {
            std::fprintf(stderr,
                         "heliograph-codec-host is started by heliograph; '%s' is no option of it "
                         "(--run-time-ms=N, --memory-bytes=N)\n",
                         argv[i]);
            return 2;
        }
    }
    try {
        js::EngineLimits limits;
        limits.run_time = std::chrono::milliseconds(run_time_ms);
        js::Engine engine(limits);
        codec_host::enter_sandbox(memory);
        return serve(engine);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "heliograph-codec-host: %s\n", error.what());
        return 1;
    }
}
