// A process that writes and acknowledges is killed at random moments: nothing that it acknowledged
// may be lost, and no transaction may be there in part.
#include "base/big_endian.h"
#include "base/store/lmdb/lmdb_log.h"
#include "base/store/store.h"
#include "tests/base/store/temporary_folder.h"
#include "tests/support/catch.h"

#include <map>
#include <poll.h>
#include <random>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace helio;
using namespace helio::store;

namespace {

constexpr TableSpec kCounters{1, "counters", PartitionedBy::global};
constexpr TableSpec kTables[] = {kCounters};
constexpr int kRounds = 12;

using Word = std::array<std::uint8_t, 8>;

Word word(std::uint64_t v) {
    Word out;
    store_big_endian(out.data(), v);
    return out;
}

// The row that transaction `n` changes; the previous one with the same answer is overwritten.
Word key_of(std::uint64_t n) { return word(n * 0x9e37'79b9'7f4a'7c15u >> 57); }

// What a start finds: the transactions 0 .. count-1.
std::uint64_t count_events(const Store& store) {
    std::uint64_t count = 0;
    store.read_events({}, [&](Sequence, ByteView event) {
        REQUIRE(event.size() == 8);
        REQUIRE(load_big_endian<std::uint64_t>(event.data()) == count);
        ++count;
        return true;
    });
    return count;
}

void check_rows(const Store& store, std::uint64_t count) {
    std::map<Word, std::uint64_t> expected;
    for (std::uint64_t n = 0; n < count; ++n) expected[key_of(n)] = n;
    std::size_t rows = 0;
    store.scan(kCounters, {}, {}, [&](ByteView key, ByteView value) {
        Word word_of_key{};
        std::copy(key.begin(), key.end(), word_of_key.begin());
        REQUIRE(expected.contains(word_of_key));
        REQUIRE(load_big_endian<std::uint64_t>(value.data()) == expected[word_of_key]);
        ++rows;
        return true;
    });
    REQUIRE(rows == expected.size());
}

// Never returns.  Acknowledges through `pipe` how many transactions are durable.
[[noreturn]] void write_until_killed(const std::filesystem::path& folder,
                                     std::uint64_t n,
                                     unsigned seed,
                                     int pipe) {
    std::mt19937 random(seed);
    LmdbLog log(folder, {.map_bytes = 1u << 20});
    Store store(kTables, log);
    std::map<Position, std::uint64_t> counts;
    store.on_durable([&](Position position) {
        const Word acknowledged = word(counts[position]);
        if (::write(pipe, acknowledged.data(), acknowledged.size()) != 8) ::_exit(1);
        counts.erase(position);
    });
    for (;;) {
        for (unsigned i = random() % 200; i > 0; --i, ++n) {
            auto tx = store.begin(0);
            tx.put(kCounters, key_of(n), word(n));
            tx.append_event(word(n));
            counts[tx.commit()] = n + 1;
        }
        store.flush(Instant{});
        if (random() % 2 == 0) log.wait();
        store.poll();
    }
}

std::optional<std::uint64_t> read_word(int pipe, int timeout_ms) {
    pollfd ready{pipe, POLLIN, 0};
    Word bytes;
    if (::poll(&ready, 1, timeout_ms) != 1 || ::read(pipe, bytes.data(), 8) != 8) return {};
    return load_big_endian<std::uint64_t>(bytes.data());
}

}  // namespace

TEST_CASE("a process killed at any moment loses nothing that it acknowledged", "[store]") {
    const unsigned seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    TemporaryFolder folder;
    std::uint64_t count = 0;
    for (int round = 0; round < kRounds; ++round) {
        CAPTURE(round);
        int ends[2];
        REQUIRE(::pipe(ends) == 0);
        const unsigned child_seed = random();
        const pid_t child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            ::close(ends[0]);
            write_until_killed(folder.path(), count, child_seed, ends[1]);
        }
        ::close(ends[1]);
        std::uint64_t acknowledged = count;
        for (unsigned left = 1 + random() % 8; left > 0; --left) {
            const auto word = read_word(ends[0], 60'000);
            REQUIRE(word);
            acknowledged = *word;
        }
        ::usleep(random() % 3000);  // into the middle of a commit, perhaps
        ::kill(child, SIGKILL);
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        REQUIRE(WIFSIGNALED(status));
        while (const auto word = read_word(ends[0], 0)) acknowledged = *word;
        ::close(ends[0]);

        LmdbLog log(folder.path(), {.map_bytes = 1u << 20});
        const Store store(kTables, log);
        const std::uint64_t found = count_events(store);
        CHECK(found >= acknowledged);
        check_rows(store, found);
        count = found;
    }
    CHECK(count > 0);
}
