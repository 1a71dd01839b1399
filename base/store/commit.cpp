#include "base/store/commit.h"

#include "base/big_endian.h"

#include <cstring>

namespace helio::store {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kErase = 0;
constexpr std::uint8_t kPut = 1;
constexpr std::size_t kHeaderSize = 1 + 8 + 8 + 8 + 4;
constexpr std::size_t kChangeHeaderSize = 1 + 1 + 2 + 2;
constexpr std::size_t kKeptChanges = 16u << 10;

class Writer {
  public:
    explicit Writer(std::uint8_t* at) : at_(at) {}
    template <class T>
    void integer(T v) {
        store_big_endian(at_, v);
        at_ += sizeof v;
    }
    void bytes(ByteView v) {
        if (!v.empty()) std::memcpy(at_, v.data(), v.size());
        at_ += v.size();
    }

  private:
    std::uint8_t* at_;
};

// Every read is asked for with `has` first.
class Reader {
  public:
    explicit Reader(ByteView left) : left_(left) {}
    bool has(std::size_t size) const { return left_.size() >= size; }
    std::size_t left() const { return left_.size(); }
    template <class T>
    T integer() {
        const T v = load_big_endian<T>(left_.data());
        left_ = left_.subspan(sizeof(T));
        return v;
    }
    ByteView bytes(std::size_t size) {
        const ByteView v = left_.first(size);
        left_ = left_.subspan(size);
        return v;
    }

  private:
    ByteView left_;
};

std::optional<CommitError> parse_change(Reader& in, Commit& commit) {
    if (!in.has(kChangeHeaderSize)) return CommitError::truncated;
    const auto table = in.integer<std::uint8_t>();
    const auto kind = in.integer<std::uint8_t>();
    const auto partition = in.integer<std::uint16_t>();
    const auto key_size = in.integer<std::uint16_t>();
    if (kind > kPut || key_size == 0 || key_size > kMaxKeySize) return CommitError::bad_change;
    if (!in.has(key_size)) return CommitError::truncated;
    const ByteView key = in.bytes(key_size);
    std::optional<ByteView> value;
    if (kind == kPut) {
        if (!in.has(4)) return CommitError::truncated;
        const auto value_size = in.integer<std::uint32_t>();
        if (!in.has(value_size)) return CommitError::truncated;
        value = commit.copy(in.bytes(value_size));
    }
    commit.add(table, partition, key, value);
    return std::nullopt;
}

}  // namespace

ByteView Commit::copy(ByteView bytes) {
    if (bytes.empty()) return {};
    std::uint8_t* const at = arena_.allocate(bytes.size());
    std::memcpy(at, bytes.data(), bytes.size());
    return {at, bytes.size()};
}

void Commit::add(std::uint8_t table, Slot partition, ByteView key, std::optional<ByteView> value) {
    changes_.push_back({.table = table, .partition = partition, .key = copy(key), .value = value});
}

void Commit::clear() {
    position = 0;
    if (changes_.capacity() > kKeptChanges) {
        changes_ = {};
    } else {
        changes_.clear();
    }
    arena_.clear();
}

Bytes encode_commit(const Commit& commit) {
    std::size_t size = kHeaderSize;
    for (const Change& change : commit.changes()) {
        size +=
            kChangeHeaderSize + change.key.size() + (change.value ? 4 + change.value->size() : 0);
    }
    Bytes out(size);
    Writer writer(out.data());
    writer.integer(kVersion);
    writer.integer(commit.position);
    writer.integer(commit.epoch);
    writer.integer(static_cast<std::uint64_t>(to_unix_us(commit.time)));
    writer.integer(static_cast<std::uint32_t>(commit.changes().size()));
    for (const Change& change : commit.changes()) {
        writer.integer(change.table);
        writer.integer(change.value ? kPut : kErase);
        writer.integer(change.partition);
        writer.integer(static_cast<std::uint16_t>(change.key.size()));
        writer.bytes(change.key);
        if (!change.value) continue;
        writer.integer(static_cast<std::uint32_t>(change.value->size()));
        writer.bytes(*change.value);
    }
    return out;
}

Result<Commit, CommitError> parse_commit(ByteView bytes) {
    Reader in(bytes);
    if (!in.has(1)) return fail(CommitError::truncated);
    if (in.integer<std::uint8_t>() != kVersion) return fail(CommitError::unknown_version);
    if (!in.has(kHeaderSize - 1)) return fail(CommitError::truncated);
    Commit commit;
    commit.position = in.integer<std::uint64_t>();
    commit.epoch = in.integer<std::uint64_t>();
    commit.time = from_unix_us(static_cast<std::int64_t>(in.integer<std::uint64_t>()));
    const auto count = in.integer<std::uint32_t>();
    for (std::uint32_t i = 0; i < count; ++i) {
        if (const auto error = parse_change(in, commit)) return fail(*error);
    }
    if (in.left() != 0) return fail(CommitError::trailing_bytes);
    return commit;
}

}  // namespace helio::store
