#include "base/store/lmdb/lmdb_log.h"

#include "base/store/store.h"
#include "tests/base/store/temporary_folder.h"
#include "tests/support/catch.h"

#include <fcntl.h>
#include <fstream>
#include <future>
#include <signal.h>
#include <string>
#include <sys/resource.h>
#include <unistd.h>

using namespace helio;
using namespace helio::store;

namespace {

constexpr TableSpec kThings{1, "things", PartitionedBy::global};
constexpr TableSpec kTables[] = {kThings};

struct Fixture {
    explicit Fixture(LmdbOptions o = {}) : options(o) { start(); }
    void start() { start_in(folder.path()); }
    void start_in(const std::filesystem::path& path) {
        store.reset();
        log.reset();
        log = std::make_unique<LmdbLog>(path, options);
        store = std::make_unique<Store>(kTables, *log);
    }
    void put(std::string_view key, std::string_view value) {
        auto tx = store->begin(0);
        tx.put(kThings, bytes_of(key), bytes_of(value));
        tx.commit();
    }
    void event(std::string_view text) {
        auto tx = store->begin(0);
        tx.append_event(bytes_of(text));
        tx.commit();
    }
    // A turn of the loop, and the wait for what it started.
    void turn() {
        now += std::chrono::seconds(1);
        store->flush(now);
        log->wait();
        store->poll();
    }
    std::string get(std::string_view key) const {
        const auto value = store->get(kThings, bytes_of(key));
        return value ? std::string(text_of(*value)) : "(none)";
    }
    std::string events() const {
        std::string out;
        store->read_events({}, [&](Sequence, ByteView bytes) {
            out += std::string(text_of(bytes)) + " ";
            return true;
        });
        return out;
    }
    std::filesystem::path file() const { return folder.path() / "store.mdb"; }

    TemporaryFolder folder;
    LmdbOptions options;
    std::unique_ptr<LmdbLog> log;
    std::unique_ptr<Store> store;
    Instant now = from_unix_us(1'795'253'400'000'000);
};

// What a new server says of the folder at its start; empty: it starts.
std::string start_error(const std::filesystem::path& folder) {
    try {
        LmdbLog log(folder);
        Store store(kTables, log);
    } catch (const std::exception& error) {
        return error.what();
    }
    return {};
}

void fill(Fixture& f, int rows) {
    for (int i = 0; i < rows; ++i) f.put("key" + std::to_string(i), std::string(500, 'v'));
    f.turn();
}

}  // namespace

TEST_CASE("what is durable is there after a start, with its position and time", "[store]") {
    Fixture f;
    CHECK(f.log->epoch() == 1);
    f.put("a", "1");
    f.put("b", "");
    f.event("e1");
    f.turn();
    CHECK(f.store->durable() == 1);
    CHECK(f.get("a") == "1");
    f.put("c", "never flushed");
    f.start();
    CHECK(f.store->durable() == 1);
    CHECK(f.store->last_commit_time() == f.now);
    CHECK(f.log->epoch() == 2);
    CHECK(f.get("a") == "1");
    CHECK(f.get("b").empty());
    CHECK(f.get("c") == "(none)");
    CHECK(f.events() == "e1 ");
    CHECK(f.store->event_log_size().events == 1);
}

TEST_CASE("close() makes everything durable", "[store]") {
    Fixture f;
    f.put("a", "1");
    f.store->flush(f.now);
    f.put("b", "2");
    CHECK(f.store->close(f.now));
    CHECK(f.store->durable() == 2);
    f.start();
    CHECK(f.get("b") == "2");
}

TEST_CASE("a loop that is told of answers sees every commit become durable", "[store]") {
    Fixture f;
    std::promise<void> told;
    f.log->on_answer([&] { told.set_value(); });
    Position durable = 0;
    f.store->on_durable([&](Position p) { durable = p; });
    f.put("a", "1");
    f.store->flush(f.now);
    told.get_future().wait();
    CHECK(durable == 0);
    f.store->poll();
    CHECK(durable == 1);
    f.log->on_answer(nullptr);
}

TEST_CASE("the map grows when it is full", "[store]") {
    Fixture f({.map_bytes = 1u << 20});
    fill(f, 10'000);
    CHECK(f.store->durable() == 1);
    CHECK(f.log->stats().map_growths >= 3);
    CHECK(f.get("key9999").size() == 500);
    f.start();
    CHECK(f.get("key9999").size() == 500);
}

TEST_CASE("a folder in use is refused, and named with the process that has it", "[store]") {
    Fixture f;
    CHECK(start_error(f.folder.path()) ==
          "the data folder " + f.folder.path().string() + " is in use by process " +
              std::to_string(::getpid()) + ": stop it, or choose another folder with --data");
}

TEST_CASE("a folder that cannot be made is refused with the reason", "[store]") {
    Fixture f;
    const auto below_a_file = f.file() / "data";
    CHECK(start_error(below_a_file) ==
          "the data folder " + below_a_file.string() + " cannot be made: Not a directory");
}

TEST_CASE("a damaged store is refused with a sentence", "[store]") {
    Fixture f;
    fill(f, 2000);
    fill(f, 2000);
    f.event(std::string(50'000, 'e'));
    f.turn();
    f.store.reset();
    f.log.reset();
    const std::string name = f.file().string();
    const auto size = std::filesystem::file_size(f.file());
    REQUIRE(size > 500'000);
    SECTION("not a store at all") {
        std::ofstream(f.file()) << std::string(10'000, 'x');
        CHECK(start_error(f.folder.path()) ==
              name + " is no store of this program, or its beginning is damaged");
    }
    SECTION("cut in the middle") {
        std::filesystem::resize_file(f.file(), size / 2);
        CHECK(start_error(f.folder.path()) ==
              name + " is damaged: start with the folder of the last backup");
    }
    SECTION("cut after the first pages") {
        std::filesystem::resize_file(f.file(), 4 * 4096);
        CHECK(start_error(f.folder.path()) ==
              name + " is damaged: start with the folder of the last backup");
    }
    SECTION("cut within the first page") {
        std::filesystem::resize_file(f.file(), 100);
        CHECK(start_error(f.folder.path()) ==
              name + " is no store of this program, or its beginning is damaged");
    }
}

TEST_CASE("a store of a newer format is refused", "[store]") {
    Fixture f;
    f.store.reset();
    f.log.reset();
    std::ifstream in(f.file(), std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(in), {}};
    const std::string row("#format\0\0\0\1", 11);
    int rows = 0;  // pages of older commits have it too
    for (auto at = bytes.find(row); at != bytes.npos; at = bytes.find(row, at + 1), ++rows) {
        bytes[at + 10] = 2;
    }
    REQUIRE(rows > 0);
    std::ofstream(f.file(), std::ios::binary) << bytes;
    CHECK(start_error(f.folder.path()) == f.file().string() +
                                              " has format 2, this program knows format 1: use a "
                                              "newer program");
}

TEST_CASE("a table that has another name in the file is refused", "[store]") {
    Fixture f;
    f.store.reset();
    f.log.reset();
    constexpr TableSpec renamed[] = {{1, "otherwise", PartitionedBy::global}};
    LmdbLog log(f.folder.path());
    CHECK_THROWS_WITH(Store(renamed, log),
                      f.file().string() +
                          " has table 1 as 'things', this program as 'otherwise': use the program "
                          "that wrote it");
}

TEST_CASE("a table that this program does not know stays in the file", "[store]") {
    Fixture f;
    f.put("a", "1");
    f.turn();
    f.store.reset();
    f.log.reset();
    {
        constexpr TableSpec others[] = {{2, "others", PartitionedBy::global}};
        LmdbLog log(f.folder.path());
        Store store(others, log);
    }
    f.start();
    CHECK(f.get("a") == "1");
}

namespace {

// Writes of this process end at `bytes` of a file while it lives.
class FileSizeLimit {
  public:
    explicit FileSizeLimit(std::uint64_t bytes) {
        ::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        rlimit limit = before_;
        limit.rlim_cur = bytes;
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }

  private:
    rlimit before_{};
};

}  // namespace

TEST_CASE("a full disk stalls the store, and it goes on when there is room", "[store]") {
    Fixture f;
    fill(f, 100);
    std::vector<Position> durable;
    f.store->on_durable([&](Position p) { durable.push_back(p); });
    {
        const FileSizeLimit full(std::filesystem::file_size(f.file()));
        for (int i = 0; i < 2000; ++i) f.put("more" + std::to_string(i), std::string(500, 'v'));
        f.turn();
        CHECK(f.store->stalled());
        CHECK_THAT(std::string(f.store->trouble()),
                   Catch::Matchers::StartsWith(f.file().string() + " cannot be written: "));
        f.put("later", "1");
        f.turn();  // tries again, in vain
        CHECK(f.store->stalled());
        CHECK(f.store->stats().failed_appends == 2);
        CHECK(durable.empty());
        CHECK(f.get("more0").size() == 500);
        CHECK(f.get("key0").size() == 500);
    }
    f.turn();
    CHECK_FALSE(f.store->stalled());
    CHECK(durable == std::vector<Position>{2});
    f.turn();
    CHECK(durable == std::vector<Position>{2, 3});
    f.start();
    CHECK(f.get("more1999").size() == 500);
    CHECK(f.get("later") == "1");
}

TEST_CASE("a store whose head could not be written is opened anew and goes on", "[store]") {
    Fixture f;
    fill(f, 10);
    // LMDB writes the head through a descriptor of its own, the synchronous one: break that.
    int broken = -1;
    for (int fd = 3; fd < 100; ++fd) {
        std::error_code none;
        const auto target =
            std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd), none);
        const int flags = ::fcntl(fd, F_GETFL);
        if (target == f.file() && flags >= 0 && (flags & O_DSYNC) != 0) broken = fd;
    }
    REQUIRE(broken >= 0);
    const int null = ::open("/dev/full", O_WRONLY);
    REQUIRE(::dup2(null, broken) == broken);
    ::close(null);

    std::vector<Position> durable;
    f.store->on_durable([&](Position p) { durable.push_back(p); });
    f.put("a", "1");
    f.turn();
    CHECK(f.store->stalled());
    CHECK(durable.empty());
    CHECK(f.get("a") == "1");
    f.turn();
    CHECK_FALSE(f.store->stalled());
    CHECK(durable == std::vector<Position>{2});
    CHECK(f.get("a") == "1");
    CHECK(f.get("key0").size() == 500);
    f.start();
    CHECK(f.get("a") == "1");
}

TEST_CASE("a backup that is made while the server writes is a store of its own", "[store]") {
    Fixture f;
    fill(f, 2000);
    f.event("e1");
    f.turn();
    const auto target = f.folder.path() / "backups" / "today";
    std::promise<std::string> done;
    f.log->back_up(target, [&](std::string error) { done.set_value(error); });
    fill(f, 100);
    f.put("a", "too late or not");
    f.turn();
    REQUIRE(done.get_future().get().empty());

    const FolderReport report = verify_folder(target);
    CHECK(report.position >= 2);
    REQUIRE(report.tables.size() == 3);
    CHECK(report.tables[0].name == "event_log");
    CHECK(report.tables[0].rows == 1);
    CHECK(report.tables[2].name == "things");
    CHECK(report.tables[2].rows >= 2000);

    std::promise<std::string> again;
    f.log->back_up(target, [&](std::string error) { again.set_value(error); });
    CHECK(again.get_future().get() ==
          (target / "store.mdb").string() + " exists: choose another folder");

    f.start_in(target);
    CHECK(f.store->durable() == report.position);
    CHECK(f.get("key1999").size() == 500);
    CHECK(f.events() == "e1 ");
    f.put("b", "goes on");
    f.turn();
    CHECK(f.store->durable() == report.position + 1);
}

TEST_CASE("a damaged backup is told from a good one", "[store]") {
    Fixture f;
    CHECK_THROWS_WITH(verify_folder(f.folder.path() / "none"),
                      "there is no " + (f.folder.path() / "none" / "store.mdb").string());
    fill(f, 2000);
    f.store.reset();
    f.log.reset();
    CHECK(verify_folder(f.folder.path()).position == 1);
    std::fstream file(f.file(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(20 * 4096);
    file << std::string(4096, '\0');
    file.close();
    CHECK_THROWS_WITH(verify_folder(f.folder.path()),
                      Catch::Matchers::StartsWith(f.file().string() + " is damaged: "));
}
