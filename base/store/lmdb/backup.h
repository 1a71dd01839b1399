// A copy of the store that is made while the server runs.  Inside base/store/lmdb only.
#pragma once

#include <lmdb.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>

namespace helio::store {

class Backup {
  public:
    ~Backup() { wait(); }

    bool running() const { return running_.load(); }
    // `done` is called on the thread of the backup, with nothing or the reason why there is none.
    void start(MDB_env* env,
               const std::filesystem::path& folder,
               std::function<void(std::string error)> done);
    void wait() {
        if (thread_.joinable()) thread_.join();
    }

  private:
    std::atomic<bool> running_ = false;
    std::thread thread_;
};

}  // namespace helio::store
