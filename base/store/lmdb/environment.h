// An LMDB environment on one file, opened with care: a file that is foreign, damaged or cut is an
// exception with one sentence, not a crash.  Inside base/store/lmdb only.
#pragma once

#include "base/bytes.h"

#include <lmdb.h>

#include <filesystem>
#include <memory>
#include <string>

namespace helio::store {

inline MDB_val mdb_val(ByteView bytes) {
    return {bytes.size(), const_cast<std::uint8_t*>(bytes.data())};
}
inline ByteView view_of(const MDB_val& val) {
    return {static_cast<const std::uint8_t*>(val.mv_data), val.mv_size};
}

// Aborts at the end unless it was committed.
struct EndTransaction {
    void operator()(MDB_txn* txn) const { mdb_txn_abort(txn); }
};
using TransactionHandle = std::unique_ptr<MDB_txn, EndTransaction>;

struct CloseCursor {
    void operator()(MDB_cursor* cursor) const { mdb_cursor_close(cursor); }
};
using CursorHandle = std::unique_ptr<MDB_cursor, CloseCursor>;

inline constexpr const char* kStoreFile = "store.mdb";

enum class Access { read_write, read_only };

class Environment {
  public:
    // Throws std::runtime_error.  The map is at least `map_bytes` and twice the file.
    Environment(const std::filesystem::path& file, Access access, std::size_t map_bytes);
    ~Environment() { mdb_env_close(env_); }
    Environment(const Environment&) = delete;
    Environment& operator=(const Environment&) = delete;

    MDB_env* get() const { return env_; }
    const std::filesystem::path& file() const { return file_; }

    // Throws std::runtime_error.
    TransactionHandle begin(unsigned flags) const;
    CursorHandle cursor(MDB_txn* txn, MDB_dbi dbi) const;
    // Lets the kernel have back what is mapped of the file: it stays in the page cache, as long as
    // there is room, and comes back at the next touch.  `row` is any value of less than half a page.
    void let_go_of_pages(ByteView row) const;
    // Doubles the map; no transaction of this process may be open.  0 or an LMDB error.
    int grow_map();

    [[noreturn]] void fail(int error) const;

  private:
    void check_length();

    std::filesystem::path file_;
    Access access_;
    MDB_env* env_ = nullptr;
};

// Walks every row of every table; empty, or what is wrong.
struct TableSummary {
    std::string name;
    std::uint64_t rows;
    std::uint64_t bytes;
};
std::string walk_all(const Environment& environment, std::vector<TableSummary>* tables);

}  // namespace helio::store
