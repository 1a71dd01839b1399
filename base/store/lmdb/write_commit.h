// One commit as one LMDB transaction.  Inside base/store/lmdb only.
#pragma once

#include "base/store/commit.h"
#include "base/store/lmdb/environment.h"

#include <array>
#include <vector>

namespace helio::store {

struct OpenTable {
    MDB_dbi dbi = 0;
    bool open = false;
    bool appended_to = false;  // keys only grow: LMDB can fill pages to the brim
};
using OpenTables = std::array<OpenTable, 256>;  // by number

// What the file says of itself; lives beside the tables, where every commit writes anyway.
struct Applied {
    Position position = 0;
    std::uint64_t epoch = 0;
    Instant time{};
};
// Absent where the row has another shape.
std::optional<Applied> parse_applied(ByteView bytes);
int put_applied(MDB_txn* txn, MDB_dbi main, const Applied& applied);
inline constexpr std::string_view kAppliedKey = "#applied";

class CommitWriter {
  public:
    // 0 and the commit is on the disk, or an LMDB error and nothing of it is.
    int write(MDB_env* env, MDB_dbi main, const OpenTables& tables, const Commit& commit);

  private:
    struct Place {
        std::uint64_t key_start;
        std::uint32_t index;
        std::uint8_t table;
    };
    void sort(const Commit& commit);

    std::vector<Place> order_;
};

}  // namespace helio::store
