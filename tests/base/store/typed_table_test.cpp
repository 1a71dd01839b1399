#include "base/store/typed_table.h"

#include "base/store/memory_log.h"
#include "tests/support/catch.h"

#include <google/protobuf/wrappers.pb.h>

using namespace helio;
using namespace helio::store;

namespace {

using google::protobuf::StringValue;

struct Counters {
    std::uint32_t up = 0;
    std::uint32_t down = 0;

    std::size_t encoded_size() const { return 8; }
    void encode(std::span<std::uint8_t> out) const {
        store_big_endian(out.data(), up);
        store_big_endian(out.data() + 4, down);
    }
    static std::optional<Counters> parse(ByteView bytes) {
        if (bytes.size() != 8) return std::nullopt;
        return Counters{load_big_endian<std::uint32_t>(bytes.data()),
                        load_big_endian<std::uint32_t>(bytes.data() + 4)};
    }
};

struct SessionKey {
    std::uint32_t dev_addr = 0;
    Eui64 dev_eui;
    friend bool operator==(const SessionKey&, const SessionKey&) = default;
};

}  // namespace

template <>
struct helio::store::KeyCodec<SessionKey> {
    static void write(KeyBuffer& out, const SessionKey& key) {
        out.u32(key.dev_addr);
        out.end_of_partition();
        out.u64(key.dev_eui.value());
    }
    static SessionKey read(KeyReader& in) {
        const std::uint32_t dev_addr = in.u32();
        return {dev_addr, Eui64::from_value(in.u64())};
    }
};

namespace {

constexpr TypedTable<Eui64, StringValue> kNames({1, "names", PartitionedBy::dev_eui});
constexpr TypedTable<SessionKey, Counters> kSessions({2, "sessions", PartitionedBy::dev_addr});
constexpr TypedTable<std::string, std::string> kTexts({3, "texts", PartitionedBy::global});
constexpr TableSpec kSpecs[] = {kNames.spec(), kSessions.spec(), kTexts.spec()};

constexpr Eui64 eui(std::uint64_t v) { return Eui64::from_value(v); }

struct Fixture {
    MemoryLog log;
    Store store{kSpecs, log};

    void put_text(const std::string& key, const std::string& value) {
        auto tx = store.begin(0);
        kTexts.put(tx, key, value);
        tx.commit();
    }
    void put_session(std::uint32_t dev_addr, std::uint64_t dev_eui, Counters counters) {
        auto tx = store.begin(0);
        kSessions.put(tx, {dev_addr, eui(dev_eui)}, counters);
        tx.commit();
    }
};

}  // namespace

TEST_CASE("a message is put and got by its key", "[store]") {
    Fixture f;
    CHECK(kNames.get(f.store, eui(1)).error() == RowError::absent);
    StringValue name;
    name.set_value("barn");
    {
        auto tx = f.store.begin(kNames.slot(eui(1)));
        kNames.put(tx, eui(1), name);
        CHECK(kNames.get(tx, eui(1))->value() == "barn");
        tx.commit();
    }
    f.store.flush(Instant{});
    CHECK(kNames.get(f.store, eui(1))->value() == "barn");
    CHECK(kNames.contains(f.store, eui(1)));
    {
        auto tx = f.store.begin(0);
        kNames.erase(tx, eui(1));
        tx.commit();
    }
    CHECK_FALSE(kNames.contains(f.store, eui(1)));
}

TEST_CASE("a key of a partitioned table begins with the slot of its X", "[store]") {
    Fixture f;
    f.put_session(0x2601'1bda, 0x0016'c001'ff10'a235, {1, 2});
    f.store.flush(Instant{});
    const auto& rows = f.log.rows(kSessions.spec());
    REQUIRE(rows.size() == 1);
    CHECK(to_hex(rows.begin()->first) ==
          "9259"
          "26011bda"
          "0016c001ff10a235");
    CHECK(to_hex(rows.begin()->second) ==
          "00000001"
          "00000002");
    CHECK(kSessions.slot({0x2601'1bda, {}}) == 0x9259);
}

TEST_CASE("the rows of one X are found by a prefix", "[store]") {
    Fixture f;
    f.put_session(1, 7, {70, 0});
    f.put_session(2, 5, {50, 0});
    f.store.flush(Instant{});
    f.put_session(1, 3, {30, 0});
    f.put_session(1, 9, {90, 0});
    std::vector<std::uint32_t> ups;
    const auto take = [&](const SessionKey& key, const Counters& counters) {
        CHECK(key.dev_addr == 1);
        ups.push_back(counters.up);
        return true;
    };
    kSessions.scan_prefix(f.store, std::uint32_t{1}, take);
    CHECK(ups == std::vector<std::uint32_t>{30, 70, 90});
    ups.clear();
    kSessions.scan_prefix(f.store, std::uint32_t{1}, SessionKey{1, eui(4)}, take);
    CHECK(ups == std::vector<std::uint32_t>{70, 90});
}

TEST_CASE("a corrupt row is an error that is counted, and a scan leaves it out", "[store]") {
    Fixture f;
    f.put_session(1, 7, {70, 0});
    KeyBuffer key(kSessions.spec());
    KeyCodec<SessionKey>::write(key, {1, eui(8)});
    {
        auto tx = f.store.begin(0);
        tx.put(kSessions.spec(), key.finish(), bytes_of("short"));
        tx.put(kSessions.spec(), bytes_of("odd key"), bytes_of("8 bytes."));
        tx.commit();
    }
    CHECK(kSessions.get(f.store, {1, eui(8)}).error() == RowError::corrupt);
    CHECK(f.store.stats().corrupt_rows == 1);
    int rows = 0;
    kSessions.scan(f.store, [&](const SessionKey&, const Counters&) { return ++rows > 0; });
    CHECK(rows == 1);
    CHECK(f.store.stats().corrupt_rows == 3);
}

TEST_CASE("a list is paged through without a gap or a repeat", "[store]") {
    Fixture f;
    for (char c = 'a'; c <= 'g'; ++c) f.put_text(std::string(1, c), "x");
    std::string seen;
    std::optional<std::string> after;
    std::vector<std::size_t> sizes;
    do {
        const auto page = kTexts.page(f.store, after, 3);
        for (const auto& [key, value] : page.rows) seen += key;
        sizes.push_back(page.rows.size());
        after = page.next;
    } while (after);
    CHECK(seen == "abcdefg");
    CHECK(sizes == std::vector<std::size_t>{3, 3, 1});
    CHECK_FALSE(kTexts.page(f.store, std::nullopt, 7).next);
    // The row to go on after may be gone by then.
    CHECK(kTexts.page(f.store, std::string("bb"), 1).rows.at(0).first == "c");
}

TEST_CASE("a key that is too long is absent to a reader and refused to a writer", "[store]") {
    Fixture f;
    const std::string longest(kMaxKeySize, 'k');
    const std::string longer(kMaxKeySize + 1, 'k');
    f.put_text(longest, "v");
    CHECK(kTexts.get(f.store, longest) == "v");
    CHECK(kTexts.get(f.store, longer).error() == RowError::absent);
    CHECK_THROWS_AS(f.put_text(longer, "v"), std::logic_error);
    f.put_text("next", "v");  // the transaction that threw has left nothing open
}
