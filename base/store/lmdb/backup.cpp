#include "base/store/lmdb/backup.h"

#include "base/store/lmdb/environment.h"
#include "base/store/lmdb/lmdb_log.h"
#include "base/store/lmdb/write_commit.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <stdexcept>
#include <unistd.h>

namespace helio::store {
namespace {

int sync_to_disk(const std::filesystem::path& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return errno;
    const int error = ::fsync(fd) == 0 ? 0 : errno;
    ::close(fd);
    return error;
}

int copy_store(MDB_env* env, const std::filesystem::path& part) {
    const int error = mdb_env_copy2(env, part.c_str(), MDB_CP_COMPACT);
    // Compacting refuses where LMDB has lost count of a free page; the plain copy does not care.
    if (error != MDB_INCOMPATIBLE) return error;
    std::filesystem::remove(part);
    return mdb_env_copy2(env, part.c_str(), 0);
}

// The file has its name only when it is whole and on the disk.
std::string back_up(MDB_env* env, const std::filesystem::path& folder) {
    const auto file = folder / kStoreFile;
    const auto part = folder / "store.mdb.part";
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) return folder.string() + " cannot be made: " + error.message();
    if (std::filesystem::exists(file)) return file.string() + " exists: choose another folder";
    std::filesystem::remove(part, error);
    int failed = copy_store(env, part);
    if (failed == 0) failed = sync_to_disk(part);
    if (failed == 0 && ::rename(part.c_str(), file.c_str()) != 0) failed = errno;
    if (failed == 0) failed = sync_to_disk(folder);
    if (failed == 0) return {};
    std::filesystem::remove(part, error);
    return file.string() + " cannot be written: " + mdb_strerror(failed);
}

}  // namespace

void Backup::start(MDB_env* env,
                   const std::filesystem::path& folder,
                   std::function<void(std::string error)> done) {
    if (running_.exchange(true)) {
        done("another backup is running");
        return;
    }
    wait();
    thread_ = std::thread([this, env, folder, done = std::move(done)] {
        const std::string error = back_up(env, folder);
        running_ = false;
        done(error);
    });
}

FolderReport verify_folder(const std::filesystem::path& folder) {
    const auto file = folder / kStoreFile;
    if (!std::filesystem::exists(file)) throw std::runtime_error("there is no " + file.string());
    const Environment environment(file, Access::read_only, 0);
    FolderReport report;
    std::vector<TableSummary> tables;
    const std::string wrong = walk_all(environment, &tables);
    if (!wrong.empty()) throw std::runtime_error(file.string() + " is damaged: " + wrong);
    for (TableSummary& table : tables) {
        report.tables.push_back({std::move(table.name), table.rows, table.bytes});
    }
    const auto txn = environment.begin(MDB_RDONLY);
    MDB_dbi main;
    if (const int error = mdb_dbi_open(txn.get(), nullptr, 0, &main)) environment.fail(error);
    MDB_val key = mdb_val(bytes_of(kAppliedKey));
    MDB_val value;
    if (mdb_get(txn.get(), main, &key, &value) != 0) return report;
    const auto applied = parse_applied(view_of(value));
    if (!applied) environment.fail(MDB_CORRUPTED);
    report.position = applied->position;
    report.time = applied->time;
    return report;
}

}  // namespace helio::store
