#include "base/store/lmdb/folder_lock.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <stdexcept>
#include <string>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace helio::store {
namespace {

std::string holder_of(int fd) {
    std::array<char, 24> text{};
    const ssize_t size = ::pread(fd, text.data(), text.size() - 1, 0);
    std::string pid;
    for (ssize_t i = 0; i < size && text[i] >= '0' && text[i] <= '9'; ++i) pid.push_back(text[i]);
    return pid.empty() ? "another process" : "process " + pid;
}

}  // namespace

FolderLock::FolderLock(const std::filesystem::path& folder) {
    std::error_code made;
    std::filesystem::create_directories(folder, made);
    if (made) {
        throw std::runtime_error("the data folder " + folder.string() +
                                 " cannot be made: " + made.message());
    }
    const auto file = folder / "lock";
    fd_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd_ < 0) {
        throw std::runtime_error("the data folder " + folder.string() +
                                 " cannot be used: " + std::strerror(errno));
    }
    if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
        const std::string holder = holder_of(fd_);
        ::close(fd_);
        throw std::runtime_error("the data folder " + folder.string() + " is in use by " + holder +
                                 ": stop it, or choose another folder with --data");
    }
    const std::string pid = std::to_string(::getpid()) + "\n";
    // For people only: a full disk must not keep the server from starting.
    [[maybe_unused]] const bool noted =
        ::ftruncate(fd_, 0) == 0 &&
        ::pwrite(fd_, pid.data(), pid.size(), 0) == static_cast<ssize_t>(pid.size());
}

FolderLock::~FolderLock() { ::close(fd_); }

}  // namespace helio::store
