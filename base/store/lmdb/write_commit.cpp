#include "base/store/lmdb/write_commit.h"

#include "base/big_endian.h"

#include <algorithm>
#include <cassert>

namespace helio::store {
namespace {

constexpr std::size_t kAppliedSize = 24;  // | position : 8 | epoch : 8 | time, µs : 8 |

std::uint64_t start_of(ByteView key) {
    std::array<std::uint8_t, 8> start{};
    std::copy_n(key.data(), std::min(key.size(), start.size()), start.data());
    return load_big_endian<std::uint64_t>(start.data());
}

int write_change(MDB_cursor* cursor, const OpenTable& table, const Change& change) {
    MDB_val key = mdb_val(change.key);
    if (!change.value) {
        MDB_val old;
        const int error = mdb_cursor_get(cursor, &key, &old, MDB_SET);
        if (error == MDB_NOTFOUND) return 0;
        return error != 0 ? error : mdb_cursor_del(cursor, 0);
    }
    MDB_val value = mdb_val(*change.value);
    if (table.appended_to) {
        const int error = mdb_cursor_put(cursor, &key, &value, MDB_APPEND);
        if (error != MDB_KEYEXIST) return error;
    }
    return mdb_cursor_put(cursor, &key, &value, 0);
}

}  // namespace

std::optional<Applied> parse_applied(ByteView bytes) {
    if (bytes.size() != kAppliedSize) return std::nullopt;
    const auto time = static_cast<std::int64_t>(load_big_endian<std::uint64_t>(&bytes[16]));
    return Applied{load_big_endian<std::uint64_t>(&bytes[0]),
                   load_big_endian<std::uint64_t>(&bytes[8]),
                   from_unix_us(time)};
}

int put_applied(MDB_txn* txn, MDB_dbi main, const Applied& applied) {
    std::array<std::uint8_t, kAppliedSize> bytes;
    store_big_endian(&bytes[0], applied.position);
    store_big_endian(&bytes[8], applied.epoch);
    store_big_endian(&bytes[16], static_cast<std::uint64_t>(to_unix_us(applied.time)));
    MDB_val key = mdb_val(bytes_of(kAppliedKey));
    MDB_val value = mdb_val(bytes);
    return mdb_put(txn, main, &key, &value, 0);
}

// By table and key: neighbours in a commit then touch the same pages one after the other.
void CommitWriter::sort(const Commit& commit) {
    const auto changes = commit.changes();
    order_.clear();
    for (std::uint32_t i = 0; i < changes.size(); ++i) {
        order_.push_back({start_of(changes[i].key), i, changes[i].table});
    }
    std::sort(order_.begin(), order_.end(), [&](const Place& a, const Place& b) {
        if (a.table != b.table) return a.table < b.table;
        if (a.key_start != b.key_start) return a.key_start < b.key_start;
        const ByteView x = changes[a.index].key;
        const ByteView y = changes[b.index].key;
        return std::lexicographical_compare(x.begin(), x.end(), y.begin(), y.end());
    });
}

int CommitWriter::write(MDB_env* env,
                        MDB_dbi main,
                        const OpenTables& tables,
                        const Commit& commit) {
    sort(commit);
    MDB_txn* begun = nullptr;
    if (const int error = mdb_txn_begin(env, nullptr, 0, &begun)) return error;
    TransactionHandle txn(begun);
    {
        // Closed before the transaction ends: LMDB wants it so.
        CursorHandle cursor;
        int of_table = -1;
        for (const Place& place : order_) {
            const OpenTable& table = tables[place.table];
            assert(table.open);
            if (place.table != of_table) {
                MDB_cursor* opened = nullptr;
                if (const int error = mdb_cursor_open(txn.get(), table.dbi, &opened)) return error;
                cursor.reset(opened);
                of_table = place.table;
            }
            const Change& change = commit.changes()[place.index];
            if (const int error = write_change(cursor.get(), table, change)) return error;
        }
    }
    const Applied applied{commit.position, commit.epoch, commit.time};
    if (const int error = put_applied(txn.get(), main, applied)) return error;
    return mdb_txn_commit(txn.release());
}

}  // namespace helio::store
