#include "base/store/commit.h"

#include "tests/support/catch.h"

using namespace helio;
using namespace helio::store;

namespace {

Commit example() {
    Commit commit;
    commit.position = 7;
    commit.epoch = 2;
    commit.time = from_unix_us(1'795'253'400'123'456);
    commit.add(1, 0x31c3, bytes_of("a"), commit.copy(bytes_of("value")));
    commit.add(2, 0, bytes_of("erased"), std::nullopt);
    commit.add(2, 0, bytes_of("empty"), ByteView());
    return commit;
}

}  // namespace

TEST_CASE("a commit has the bytes that FORMAT.md draws", "[store]") {
    Commit commit;
    commit.position = 7;
    commit.epoch = 2;
    commit.time = from_unix_us(256);
    commit.add(1, 0x31c3, bytes_of("a"), commit.copy(bytes_of("v")));
    commit.add(2, 0, bytes_of("e"), std::nullopt);
    CHECK(to_hex(encode_commit(commit)) ==
          "01"
          "0000000000000007"
          "0000000000000002"
          "0000000000000100"
          "00000002"
          "01"
          "01"
          "31c3"
          "0001"
          "61"
          "00000001"
          "76"
          "02"
          "00"
          "0000"
          "0001"
          "65");
}

TEST_CASE("a commit that is encoded and parsed is the same", "[store]") {
    const Bytes bytes = encode_commit(example());
    const auto commit = parse_commit(bytes);
    REQUIRE(commit);
    CHECK(commit->position == 7);
    CHECK(commit->epoch == 2);
    CHECK(to_unix_us(commit->time) == 1'795'253'400'123'456);
    REQUIRE(commit->changes().size() == 3);
    CHECK(commit->changes()[0].partition == 0x31c3);
    CHECK(text_of(commit->changes()[0].key) == "a");
    CHECK(text_of(*commit->changes()[0].value) == "value");
    CHECK_FALSE(commit->changes()[1].value);
    REQUIRE(commit->changes()[2].value);
    CHECK(commit->changes()[2].value->empty());
    CHECK(encode_commit(*commit) == bytes);
}

TEST_CASE("a commit cut anywhere is refused", "[store]") {
    const Bytes bytes = encode_commit(example());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        const Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
        const auto commit = parse_commit(cut);
        REQUIRE_FALSE(commit);
        CHECK(commit.error() == CommitError::truncated);
    }
}

TEST_CASE("a commit with foreign bytes is refused with the reason", "[store]") {
    Bytes longer = encode_commit(example());
    longer.push_back(0);
    CHECK(parse_commit(longer).error() == CommitError::trailing_bytes);

    Bytes newer = encode_commit(example());
    newer[0] = 2;
    CHECK(parse_commit(newer).error() == CommitError::unknown_version);

    Bytes other_kind = encode_commit(example());
    other_kind[29 + 1] = 2;
    CHECK(parse_commit(other_kind).error() == CommitError::bad_change);

    Bytes empty_key = encode_commit(example());
    empty_key[29 + 5] = 0;
    CHECK(parse_commit(empty_key).error() == CommitError::bad_change);
}

TEST_CASE("a slot is the CRC-16/XMODEM of what the table is partitioned by", "[store]") {
    CHECK(slot_of({}) == 0x0000);
    CHECK(slot_of(bytes_of("123456789")) == 0x31c3);  // the check value of the catalogue of CRCs
    CHECK(slot_of(*from_hex("0102030405060708")) == 0x76ac);
    CHECK(slot_of(*from_hex("0016c001ff10a235")) == 0x9715);
    CHECK(slot_of(*from_hex("26011bda")) == 0x9259);
}
