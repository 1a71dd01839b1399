#include "base/store/lmdb/lmdb_log.h"

#include "base/big_endian.h"
#include "base/store/lmdb/backup.h"
#include "base/store/lmdb/folder_lock.h"
#include "base/store/lmdb/write_commit.h"
#include "base/store/lmdb/writer_thread.h"

#include <cassert>
#include <stdexcept>

namespace helio::store {
namespace {

constexpr std::string_view kFormatKey = "#format";
constexpr std::uint32_t kFormat = 1;

std::optional<ByteView> get_row(MDB_txn* txn, MDB_dbi dbi, ByteView key_bytes, int& error) {
    MDB_val key = mdb_val(key_bytes);
    MDB_val value;
    error = mdb_get(txn, dbi, &key, &value);
    if (error != 0) return std::nullopt;
    return view_of(value);
}

int put_row(MDB_txn* txn, MDB_dbi dbi, ByteView key_bytes, ByteView value_bytes) {
    MDB_val key = mdb_val(key_bytes);
    MDB_val value = mdb_val(value_bytes);
    return mdb_put(txn, dbi, &key, &value, 0);
}

// "#table/7" -> the name that table 7 has in this file.
std::string name_key(const TableSpec& table) { return "#table/" + std::to_string(table.id); }

}  // namespace

struct LmdbLog::State {
    State(const std::filesystem::path& f, LmdbOptions o) : folder(f), options(o), lock(f) {}

    std::filesystem::path folder;
    LmdbOptions options;
    FolderLock lock;
    std::vector<TableSpec> specs;
    std::unique_ptr<Environment> environment;
    MDB_dbi main = 0;
    OpenTables tables;
    TransactionHandle reader;
    Applied applied;
    std::uint64_t epoch = 0;
    LmdbStats stats;

    const Commit* in_flight = nullptr;
    std::optional<AppendAnswer> answer;
    std::unique_ptr<WriterThread> writer;
    Backup backup;  // before the environment goes, it ends

    void open_environment();
    void open_tables(MDB_txn* txn);
    void load_applied(MDB_txn* txn);
    void check_format(MDB_txn* txn);
    [[noreturn]] void fail(int error) const { environment->fail(error); }
    void renew_reader();
    void accept();
    void take_result(const WriterThread::Result& result);
    bool make_room();
    void reopen();
    void refuse(const std::string& reason);
};

LmdbLog::LmdbLog(const std::filesystem::path& folder, LmdbOptions options)
    : state_(std::make_unique<State>(folder, options)) {
    state_->writer = std::make_unique<WriterThread>();
}

LmdbLog::~LmdbLog() {
    state_->writer.reset();
    state_->backup.wait();
    state_->reader.reset();
}

void LmdbLog::open(std::span<const TableSpec> tables) {
    State& s = *state_;
    assert(!s.environment && "a log is opened once");
    s.specs.assign(tables.begin(), tables.end());
    s.open_environment();
    s.epoch = s.applied.epoch + 1;
}

void LmdbLog::State::open_environment() {
    environment =
        std::make_unique<Environment>(folder / kStoreFile, Access::read_write, options.map_bytes);
    auto txn = environment->begin(0);
    if (const int error = mdb_dbi_open(txn.get(), nullptr, 0, &main)) fail(error);
    check_format(txn.get());
    open_tables(txn.get());
    load_applied(txn.get());
    if (const int error = mdb_txn_commit(txn.release())) fail(error);
    reader = environment->begin(MDB_RDONLY);
}

void LmdbLog::State::check_format(MDB_txn* txn) {
    int error = 0;
    const auto format = get_row(txn, main, bytes_of(kFormatKey), error);
    if (error == MDB_NOTFOUND) {
        std::array<std::uint8_t, 4> bytes;
        store_big_endian(bytes.data(), kFormat);
        if ((error = put_row(txn, main, bytes_of(kFormatKey), bytes)) != 0) fail(error);
        return;
    }
    if (error != 0) fail(error);
    if (format->size() != 4) fail(MDB_CORRUPTED);
    const auto number = load_big_endian<std::uint32_t>(format->data());
    if (number == kFormat) return;
    throw std::runtime_error(environment->file().string() + " has format " +
                             std::to_string(number) + ", this program knows format " +
                             std::to_string(kFormat) + ": use a newer program");
}

void LmdbLog::State::open_tables(MDB_txn* txn) {
    for (const TableSpec& spec : specs) {
        const std::string key = name_key(spec);
        int error = 0;
        const auto name = get_row(txn, main, bytes_of(key), error);
        if (error == MDB_NOTFOUND) error = put_row(txn, main, bytes_of(key), bytes_of(spec.name));
        if (error != 0) fail(error);
        if (name && text_of(*name) != spec.name) {
            throw std::runtime_error(environment->file().string() + " has table " +
                                     std::to_string(spec.id) + " as '" +
                                     std::string(text_of(*name)) + "', this program as '" +
                                     std::string(spec.name) + "': use the program that wrote it");
        }
        OpenTable& table = tables[spec.id];
        error = mdb_dbi_open(txn, std::string(spec.name).c_str(), MDB_CREATE, &table.dbi);
        if (error != 0) fail(error);
        table.open = true;
        table.appended_to = spec.partitioned_by == PartitionedBy::sequence;
    }
}

void LmdbLog::State::load_applied(MDB_txn* txn) {
    int error = 0;
    const auto row = get_row(txn, main, bytes_of(kAppliedKey), error);
    if (error == MDB_NOTFOUND) return;
    if (error != 0) fail(error);
    const auto parsed = parse_applied(*row);
    if (!parsed) fail(MDB_CORRUPTED);
    applied = *parsed;
}

Position LmdbLog::last_position() const { return state_->applied.position; }
Instant LmdbLog::last_time() const { return state_->applied.time; }
std::uint64_t LmdbLog::epoch() const { return state_->epoch; }

std::optional<ByteView> LmdbLog::get(const TableSpec& table, ByteView key) const {
    int error = 0;
    const OpenTable& open = state_->tables[table.id];
    assert(open.open);
    const auto value = get_row(state_->reader.get(), open.dbi, key, error);
    if (error != 0 && error != MDB_NOTFOUND) state_->fail(error);
    return value;
}

void LmdbLog::scan(const TableSpec& table, ByteView from, Row row) const {
    const State& s = *state_;
    const auto cursor = s.environment->cursor(s.reader.get(), s.tables[table.id].dbi);
    MDB_val key = mdb_val(from);
    MDB_val value;
    int error =
        mdb_cursor_get(cursor.get(), &key, &value, from.empty() ? MDB_FIRST : MDB_SET_RANGE);
    for (; error == 0; error = mdb_cursor_get(cursor.get(), &key, &value, MDB_NEXT)) {
        if (!row(view_of(key), view_of(value))) return;
    }
    if (error != MDB_NOTFOUND) s.fail(error);
}

void LmdbLog::append(const Commit& commit) {
    State& s = *state_;
    assert(s.in_flight == nullptr && !s.answer);
    s.in_flight = &commit;
    s.writer->start({s.environment->get(), s.main, &s.tables, &commit});
}

std::optional<AppendAnswer> LmdbLog::take_answer() {
    State& s = *state_;
    if (!s.answer && s.in_flight != nullptr) {
        if (const auto result = s.writer->take()) s.take_result(*result);
    }
    if (!s.answer) return std::nullopt;
    s.in_flight = nullptr;
    return std::exchange(s.answer, std::nullopt);
}

void LmdbLog::State::take_result(const WriterThread::Result& result) {
    stats.busy_us += result.busy_us;
    stats.cpu_us += result.cpu_us;
    switch (result.error) {
        case 0:
            renew_reader();
            accept();
            return;
        case MDB_MAP_FULL:
            if (!make_room()) return;
            break;
        case MDB_PANIC:
            reopen();
            if (applied.position == in_flight->position) return accept();
            break;
        default:
            return refuse(mdb_strerror(result.error));
    }
    writer->start({environment->get(), main, &tables, in_flight});
}

void LmdbLog::State::accept() {
    applied = {in_flight->position, in_flight->epoch, in_flight->time};
    ++stats.commits;
    stats.changes += in_flight->changes().size();
    answer = AppendAnswer{in_flight->position, AppendOutcome::durable, {}};
}

// The head of the file could not be written the last time, and LMDB refuses to go on until the file
// is opened anew.  The commit that seemed to fail is then on the disk or not: the file tells.
void LmdbLog::State::reopen() {
    backup.wait();
    reader.reset();
    environment.reset();
    open_environment();
    if (const int error = mdb_env_sync(environment->get(), 1)) fail(error);
}

void LmdbLog::State::renew_reader() {
    mdb_txn_reset(reader.get());
    if (const int error = mdb_txn_renew(reader.get())) fail(error);
}

void LmdbLog::State::refuse(const std::string& reason) {
    answer = AppendAnswer{in_flight->position,
                          AppendOutcome::failed,
                          (folder / kStoreFile).string() + " cannot be written: " + reason};
}

// The map can only grow while nobody reads.
bool LmdbLog::State::make_room() {
    if (backup.running()) {
        refuse("it has to grow, which waits for the end of the backup");
        return false;
    }
    mdb_txn_reset(reader.get());
    const int error = environment->grow_map();
    if (const int renewed = mdb_txn_renew(reader.get())) fail(renewed);
    if (error != 0) {
        refuse(mdb_strerror(error));
        return false;
    }
    ++stats.map_growths;
    return true;
}

void LmdbLog::on_answer(std::function<void()> notify) {
    state_->writer->on_result(std::move(notify));
}

void LmdbLog::wait() {
    State& s = *state_;
    while (s.in_flight != nullptr && !s.answer) s.take_result(s.writer->wait());
}

void LmdbLog::let_go_of_pages() {
    int error = 0;
    const auto row = get_row(state_->reader.get(), state_->main, bytes_of(kFormatKey), error);
    if (row) state_->environment->let_go_of_pages(*row);
}

LmdbStats LmdbLog::stats() const {
    LmdbStats stats = state_->stats;
    std::error_code error;
    const auto size = std::filesystem::file_size(state_->folder / kStoreFile, error);
    stats.file_bytes = error ? 0 : size;
    return stats;
}

void LmdbLog::back_up(const std::filesystem::path& folder,
                      std::function<void(std::string error)> done) {
    state_->backup.start(state_->environment->get(), folder, std::move(done));
}

}  // namespace helio::store
