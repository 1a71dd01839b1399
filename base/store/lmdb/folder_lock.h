// A data folder belongs to one process: a lock that ends with the process, however it ends.
#pragma once

#include <filesystem>

namespace helio::store {

class FolderLock {
  public:
    // Makes the folder where it is missing.  Throws std::runtime_error with one sentence, which
    // names the process that holds the folder.
    explicit FolderLock(const std::filesystem::path& folder);
    ~FolderLock();
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;

  private:
    int fd_;
};

}  // namespace helio::store
