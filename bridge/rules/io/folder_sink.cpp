#include "bridge/rules/io/folder_sink.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <map>
#include <sys/stat.h>
#include <unistd.h>

namespace helio::bridge::rules {
namespace {

constexpr mode_t kFileMode = 0640;

// The files that one batch of lines goes to, each opened once.
class OpenFiles {
  public:
    explicit OpenFiles(const std::filesystem::path& folder) : folder_(folder) {}
    ~OpenFiles() {
        for (const auto& [path, fd] : fds_) close(fd);
    }
    OpenFiles(const OpenFiles&) = delete;
    OpenFiles& operator=(const OpenFiles&) = delete;

    // The reason where the line is not in the file, whole, else nothing.
    std::string append(const FileAppend& append) {
        std::string reason;
        const int fd = find_or_open(append.path, reason);
        if (fd < 0) return reason;
        struct stat status {};
        if (fstat(fd, &status) != 0) return append.path + ": " + std::strerror(errno);
        if (static_cast<std::uint64_t>(status.st_size) + append.line.size() >
            append.max_file_bytes) {
            return append.path + " has reached its limit of " +
                   std::to_string(append.max_file_bytes) + " bytes";
        }
        const ssize_t written = write(fd, append.line.data(), append.line.size());
        if (written == static_cast<ssize_t>(append.line.size())) return {};
        reason = append.path + ": " + (written < 0 ? std::strerror(errno) : "the disk is full");
        // Half a line would spoil the next one.
        if (written > 0 && ftruncate(fd, status.st_size) != 0) reason += ", and half a line stays";
        return reason;
    }

    bool is_full() const { return fds_.size() >= kMostOpen; }
    // Puts all of them on the disk and closes them; the reason where that fails, else nothing.
    std::string settle() {
        std::string reason;
        for (const auto& [path, fd] : fds_) {
            if (fdatasync(fd) != 0) reason = path + ": " + std::strerror(errno);
            close(fd);
        }
        fds_.clear();
        return reason;
    }

  private:
    static constexpr std::size_t kMostOpen = 64;

    // The path is one that is_safe_relative_path() let through; links in it are not followed at its
    // end.
    int find_or_open(const std::string& name, std::string& reason) {
        if (const auto found = fds_.find(name); found != fds_.end()) return found->second;
        const std::filesystem::path path = folder_ / name;
        std::error_code failed;
        std::filesystem::create_directories(path.parent_path(), failed);
        if (failed) {
            reason = path.parent_path().string() + ": " + failed.message();
            return -1;
        }
        const int fd =
            open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kFileMode);
        if (fd < 0) {
            reason = name + ": " + std::strerror(errno);
        } else {
            fds_.emplace(name, fd);
        }
        return fd;
    }

    const std::filesystem::path& folder_;
    std::map<std::string, int> fds_;
};

}  // namespace

FolderSink::FolderSink(io::Loop& loop, std::filesystem::path folder)
    : loop_(loop), folder_(std::move(folder)), worker_(loop) {}

// Runs on the worker.
void FolderSink::write_lines(std::vector<Line>& lines, const std::filesystem::path& folder) {
    OpenFiles files(folder);
    std::size_t settled = 0;
    const auto settle = [&](std::size_t end) {
        const std::string reason = files.settle();
        for (; settled < end; ++settled) {
            if (lines[settled].error.empty()) lines[settled].error = reason;
        }
    };
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (files.is_full()) settle(i);
        lines[i].error = files.append(lines[i].append);
    }
    settle(lines.size());
}

void FolderSink::append(CallId call, const FileAppend& append) {
    waiting_.push_back({call, append, {}});
    if (!writing_) write_batch();
}

void FolderSink::write_batch() {
    // One batch at a time keeps the order of lines.
    auto batch = std::make_shared<std::vector<Line>>(std::exchange(waiting_, {}));
    writing_ = worker_.run([batch, folder = folder_] { write_lines(*batch, folder); },
                           [this, batch] {
                               writing_ = false;
                               for (const Line& line : *batch)
                                   engine_->on_file_answer(line.call, line.error, loop_.now());
                               if (!waiting_.empty() && !writing_) write_batch();
                           });
    if (!writing_) waiting_ = std::move(*batch);
}

}  // namespace helio::bridge::rules
