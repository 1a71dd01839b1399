#include "base/store/lmdb/environment.h"

#include <algorithm>
#include <cerrno>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace helio::store {
namespace {

constexpr unsigned kMaxTables = 256;

std::uint64_t size_of(const std::filesystem::path& file) {
    std::error_code error;
    const auto size = std::filesystem::file_size(file, error);
    return error ? 0 : size;
}

// LMDB maps its lock file into memory: on a full disk the first touch of a part that is not there
// would end the process.
int allocate_lock_file(const std::filesystem::path& file) {
    constexpr off_t kSize = 8192;  // for LMDB's default number of readers
    const std::string name = file.string() + "-lock";
    const int fd = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd < 0) return errno;
    const int error = ::posix_fallocate(fd, 0, kSize);
    ::close(fd);
    return error;
}

// A value of more than half a page stands alone on pages of its own, whose header of 16 bytes
// begins with the number of the page: zero there means that the page was never written.
bool is_missing(const MDB_val& value, std::size_t page_size) {
    const auto at = reinterpret_cast<std::uintptr_t>(value.mv_data);
    if (at % page_size != 16) return false;
    std::uint64_t page = 0;
    std::memcpy(&page, static_cast<const std::uint8_t*>(value.mv_data) - 16, sizeof page);
    return page == 0;
}

// LMDB asserts what a damaged page breaks.  A walk that looks for damage takes that for an answer;
// elsewhere the process says what is wrong before LMDB ends it.
thread_local std::jmp_buf* damage_found = nullptr;

void on_assertion(MDB_env*, const char* assertion) {
    if (damage_found != nullptr) std::longjmp(*damage_found, 1);
    std::fprintf(
        stderr, "the store is damaged: start with the folder of the last backup (%s)\n", assertion);
}

int careful_get(MDB_cursor* cursor, MDB_val* key, MDB_val* value, MDB_cursor_op op) {
    std::jmp_buf here;
    damage_found = &here;
    const int error =
        setjmp(here) == 0 ? mdb_cursor_get(cursor, key, value, op) : int{MDB_CORRUPTED};
    damage_found = nullptr;
    return error;
}

// 0 or an LMDB error.
int walk_table(const Environment& environment, MDB_txn* txn, MDB_dbi dbi, TableSummary& summary) {
    MDB_stat stat;
    if (const int error = mdb_stat(txn, dbi, &stat)) return error;
    const auto cursor = environment.cursor(txn, dbi);
    MDB_val key;
    MDB_val value;
    Bytes last;
    int error = careful_get(cursor.get(), &key, &value, MDB_FIRST);
    for (; error == 0; error = careful_get(cursor.get(), &key, &value, MDB_NEXT)) {
        const ByteView bytes = view_of(key);
        if (summary.rows > 0 &&
            !std::lexicographical_compare(last.begin(), last.end(), bytes.begin(), bytes.end())) {
            return MDB_CORRUPTED;
        }
        if (is_missing(value, stat.ms_psize)) return MDB_CORRUPTED;
        last.assign(bytes.begin(), bytes.end());
        ++summary.rows;
        summary.bytes += key.mv_size + value.mv_size;
    }
    if (error != MDB_NOTFOUND) return error;
    return summary.rows == stat.ms_entries ? 0 : MDB_CORRUPTED;
}

std::vector<std::string> tables_in(const Environment& environment, MDB_txn* txn, MDB_dbi main) {
    std::vector<std::string> names;
    const auto cursor = environment.cursor(txn, main);
    MDB_val key;
    MDB_val value;
    int error = careful_get(cursor.get(), &key, &value, MDB_FIRST);
    for (; error == 0; error = careful_get(cursor.get(), &key, &value, MDB_NEXT)) {
        const auto name = text_of(view_of(key));
        if (!name.starts_with('#')) names.emplace_back(name);
    }
    if (error != MDB_NOTFOUND) environment.fail(error);
    return names;
}

}  // namespace

Environment::Environment(const std::filesystem::path& file, Access access, std::size_t map_bytes)
    : file_(file), access_(access) {
    if (const int error = mdb_env_create(&env_)) {
        throw std::runtime_error(std::string("the store cannot be opened: ") + mdb_strerror(error));
    }
    const std::size_t page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    const std::size_t map = std::max<std::size_t>(map_bytes, size_of(file) * 2);
    mdb_env_set_mapsize(env_, (map + page - 1) / page * page);
    mdb_env_set_maxdbs(env_, kMaxTables);
    mdb_env_set_assert(env_, on_assertion);
    // Full synchronisation is LMDB's default: no flag here may weaken it.  NOTLS lets a reader go
    // to and fro; reading ahead would fill a small machine's memory with rows that nobody asked
    // for.
    unsigned flags = MDB_NOSUBDIR | MDB_NOTLS | MDB_NORDAHEAD;
    if (access == Access::read_only) flags |= MDB_RDONLY;
    if (const int error = access == Access::read_only ? 0 : allocate_lock_file(file)) {
        mdb_env_close(env_);
        fail(error);
    }
    if (const int error = mdb_env_open(env_, file.c_str(), flags, S_IRUSR | S_IWUSR)) {
        mdb_env_close(env_);
        fail(error);
    }
    try {
        check_length();
    } catch (...) {
        mdb_env_close(env_);
        throw;
    }
}

// A file that is shorter than its last page would end the process at the first touch of the missing
// part.  Short by pages that are free it may be, when the process died before the file was
// lengthened; so it is lengthened here, and every row is looked at.
void Environment::check_length() {
    MDB_envinfo info;
    MDB_stat stat;
    mdb_env_info(env_, &info);
    mdb_env_stat(env_, &stat);
    const std::uint64_t wanted = (std::uint64_t{info.me_last_pgno} + 1) * stat.ms_psize;
    const std::uint64_t have = size_of(file_);
    // A new file has no pages yet.
    if (have >= wanted || info.me_last_txnid == 0) return;
    if (access_ == Access::read_only) fail(MDB_CORRUPTED);
    if (::truncate(file_.c_str(), static_cast<off_t>(wanted)) != 0) fail(errno);
    const std::string wrong = walk_all(*this, nullptr);
    if (!wrong.empty()) fail(MDB_CORRUPTED);
}

void Environment::fail(int error) const {
    const std::string name = file_.string();
    switch (error) {
        case MDB_INVALID:
            throw std::runtime_error(name +
                                     " is no store of this program, or its beginning is damaged");
        case MDB_VERSION_MISMATCH:
            throw std::runtime_error(name + " was written by another version of LMDB");
        case MDB_CORRUPTED:
        case MDB_PAGE_NOTFOUND:
        case MDB_BAD_TXN:
            throw std::runtime_error(name +
                                     " is damaged: start with the folder of the last backup");
        default:
            throw std::runtime_error(name + " cannot be used: " + mdb_strerror(error));
    }
}

TransactionHandle Environment::begin(unsigned flags) const {
    MDB_txn* txn = nullptr;
    if (const int error = mdb_txn_begin(env_, nullptr, flags, &txn)) fail(error);
    return TransactionHandle(txn);
}

CursorHandle Environment::cursor(MDB_txn* txn, MDB_dbi dbi) const {
    MDB_cursor* cursor = nullptr;
    if (const int error = mdb_cursor_open(txn, dbi, &cursor)) fail(error);
    return CursorHandle(cursor);
}

void Environment::let_go_of_pages(ByteView row) const {
    MDB_envinfo info;
    MDB_stat stat;
    mdb_env_info(env_, &info);
    mdb_env_stat(env_, &stat);
    // LMDB does not tell where its map is, but each page begins with its own number.
    const auto at = reinterpret_cast<std::uintptr_t>(row.data());
    const std::uintptr_t page_at = at - at % stat.ms_psize;
    std::uint64_t page = 0;
    std::memcpy(&page, reinterpret_cast<const void*>(page_at), sizeof page);
    if (page > info.me_last_pgno) return;
    ::madvise(reinterpret_cast<void*>(page_at - page * stat.ms_psize),
              (info.me_last_pgno + 1) * stat.ms_psize,
              MADV_DONTNEED);
}

int Environment::grow_map() {
    MDB_envinfo info;
    mdb_env_info(env_, &info);
    return mdb_env_set_mapsize(env_, info.me_mapsize * 2);
}

std::string walk_all(const Environment& environment, std::vector<TableSummary>* tables) {
    try {
        const auto txn = environment.begin(MDB_RDONLY);
        MDB_dbi main;
        if (const int error = mdb_dbi_open(txn.get(), nullptr, 0, &main)) environment.fail(error);
        for (const std::string& name : tables_in(environment, txn.get(), main)) {
            MDB_dbi dbi;
            int error = mdb_dbi_open(txn.get(), name.c_str(), 0, &dbi);
            TableSummary summary{name, 0, 0};
            if (error == 0) error = walk_table(environment, txn.get(), dbi, summary);
            if (error != 0) return "table '" + name + "': " + mdb_strerror(error);
            if (tables != nullptr) tables->push_back(summary);
        }
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return {};
}

}  // namespace helio::store
