#include "bridge/rules/io/folder_sink.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace helio::bridge::rules {
namespace {

constexpr mode_t kFileMode = 0640;

// The reason where the line is not in the file, whole, else nothing.  The path is one that
// is_safe_relative_path() let through; links in it are not followed at its end.
std::string append_line(const std::filesystem::path& folder, const FileAppend& append) {
    const std::filesystem::path path = folder / append.path;
    std::error_code failed;
    std::filesystem::create_directories(path.parent_path(), failed);
    if (failed) return path.parent_path().string() + ": " + failed.message();
    const int fd = open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kFileMode);
    if (fd < 0) return append.path + ": " + std::strerror(errno);
    std::string reason;
    struct stat status {};
    if (fstat(fd, &status) != 0) {
        reason = append.path + ": " + std::strerror(errno);
    } else if (static_cast<std::uint64_t>(status.st_size) + append.line.size() >
               append.max_file_bytes) {
        reason = append.path + " has reached its limit of " + std::to_string(append.max_file_bytes) +
                 " bytes";
    } else {
        const ssize_t written = write(fd, append.line.data(), append.line.size());
        if (written != static_cast<ssize_t>(append.line.size())) {
            reason = append.path + ": " + (written < 0 ? std::strerror(errno) : "the disk is full");
            // Half a line would spoil the next one.
            if (written > 0 && ftruncate(fd, status.st_size) != 0) reason += ", and half a line stays";
        }
    }
    close(fd);
    return reason;
}

}  // namespace

FolderSink::FolderSink(io::Loop& loop, std::filesystem::path folder)
    : loop_(loop), folder_(std::move(folder)), worker_(loop) {}

void FolderSink::append(CallId call, const FileAppend& append) {
    waiting_.push_back({call, append, {}});
    if (!writing_) write_batch();
}

void FolderSink::write_batch() {
    // One batch at a time keeps the order of lines.
    auto batch = std::make_shared<std::vector<Line>>(std::exchange(waiting_, {}));
    writing_ = worker_.run(
        [batch, folder = folder_] {
            for (Line& line : *batch) line.error = append_line(folder, line.append);
        },
        [this, batch] {
            writing_ = false;
            for (const Line& line : *batch) engine_->on_file_answer(line.call, line.error, loop_.now());
            if (!waiting_.empty() && !writing_) write_batch();
        });
    if (!writing_) waiting_ = std::move(*batch);
}

}  // namespace helio::bridge::rules
