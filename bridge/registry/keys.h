// The keys of the registry's tables as values, and how they are written.
//
//   certificates          | slot(id) 2 | id in hexadecimal 64 |
//   certificates_by_time  | authority 32 (zeros: all) | direction 1 | time 8 | id 32 |
//   policy_attachments    | slot(name) 2 | target's name | 00 | its kind 1 | policy |
//   thing_principals      | slot(thing) 2 | thing | 00 | principal's kind 1 | its name |
//
// No name has a NUL in it, and each has at most 128 bytes, so that a name ends where the NUL stands
// and the slot is computed of the name alone, in every table.
#pragma once

#include "base/store/key.h"
#include "base/time.h"
#include "bridge/registry/target.h"

#include <algorithm>
#include <array>
#include <string>

namespace helio::bridge::registry {

// SHA-256 of the DER.
struct CertificateId {
    std::array<std::uint8_t, 32> bytes{};

    static CertificateId of(ByteView der);
    // 64 hexadecimal digits; absent for anything else.
    static std::optional<CertificateId> from_hex(std::string_view text);
    static CertificateId from_bytes(ByteView bytes);  // of 32
    std::string hex() const { return to_hex(bytes); }
    friend auto operator<=>(const CertificateId&, const CertificateId&) = default;
};

// Lists go by the time of creation in both directions; the store reads forwards only.
enum class Direction : std::uint8_t { oldest_first, newest_first };

struct CertificateByTime {
    CertificateId authority;  // zeros: of all
    Direction direction = Direction::oldest_first;
    std::uint64_t order = 0;  // the time, or its complement
    CertificateId id;
    friend bool operator==(const CertificateByTime&, const CertificateByTime&) = default;
};
CertificateByTime by_time(const CertificateId& authority,
                          Direction direction,
                          std::int64_t created_at_us,
                          const CertificateId& id);

// All of an authority's, or of everybody's.
struct CertificatesOf {
    CertificateId authority;
    Direction direction = Direction::oldest_first;
};

using Digest = std::array<std::uint8_t, 32>;
struct AuthorityBySubject {
    Digest subject{};  // SHA-256 of the name's DER
    CertificateId id;
    friend bool operator==(const AuthorityBySubject&, const AuthorityBySubject&) = default;
};

struct PolicyAtTarget {
    Target target;
    std::string policy;
    friend bool operator==(const PolicyAtTarget&, const PolicyAtTarget&) = default;
};
struct ThingOfPrincipal {
    Target principal;
    std::string thing;
    friend bool operator==(const ThingOfPrincipal&, const ThingOfPrincipal&) = default;
};
// A target of a policy, or a principal of a thing.
struct TargetOfName {
    std::string name;
    Target target;
    friend bool operator==(const TargetOfName&, const TargetOfName&) = default;
};
struct NamePair {
    std::string first;
    std::string second;
    friend bool operator==(const NamePair&, const NamePair&) = default;
};

// What all rows of one first part begin with.
struct OfName {
    std::string_view name;
};
struct OfTarget {
    const Target& target;
};

struct SplitName {
    std::string_view name;
    std::string_view rest;
};
SplitName split_name(ByteView key);
struct SplitTarget {
    Target target;
    std::string_view rest;
};
SplitTarget split_target(ByteView key);

}  // namespace helio::bridge::registry

namespace helio::store {

template <>
struct KeyCodec<bridge::registry::CertificateId> {
    using Id = bridge::registry::CertificateId;
    static void write(KeyBuffer& out, const Id& id) { out.bytes(bytes_of(id.hex())); }
    static Id read(KeyReader& in) {
        return Id::from_hex(text_of(in.bytes(64))).value_or(Id());
    }
};

template <>
struct KeyCodec<bridge::registry::CertificateByTime> {
    using Key = bridge::registry::CertificateByTime;
    static void write(KeyBuffer& out, const Key& key) {
        out.bytes(key.authority.bytes);
        out.u8(static_cast<std::uint8_t>(key.direction));
        out.u64(key.order);
        out.bytes(key.id.bytes);
    }
    static Key read(KeyReader& in) {
        using Id = bridge::registry::CertificateId;
        Key key{.authority = Id::from_bytes(in.bytes(32))};
        key.direction = static_cast<bridge::registry::Direction>(in.u8());
        key.order = in.u64();
        key.id = Id::from_bytes(in.bytes(32));
        return key;
    }
};
template <>
struct KeyCodec<bridge::registry::CertificatesOf> {
    static void write(KeyBuffer& out, const bridge::registry::CertificatesOf& list) {
        out.bytes(list.authority.bytes);
        out.u8(static_cast<std::uint8_t>(list.direction));
    }
};

template <>
struct KeyCodec<bridge::registry::AuthorityBySubject> {
    using Key = bridge::registry::AuthorityBySubject;
    static void write(KeyBuffer& out, const Key& key) {
        out.bytes(key.subject);
        out.bytes(key.id.bytes);
    }
    static Key read(KeyReader& in) {
        using Id = bridge::registry::CertificateId;
        const auto subject = Id::from_bytes(in.bytes(32)).bytes;
        return {.subject = subject, .id = Id::from_bytes(in.bytes(32))};
    }
};
template <>
struct KeyCodec<bridge::registry::Digest> {
    static void write(KeyBuffer& out, const bridge::registry::Digest& digest) {
        out.bytes(digest);
    }
};

template <>
struct KeyCodec<bridge::registry::OfName> {
    static void write(KeyBuffer& out, const bridge::registry::OfName& first) {
        out.bytes(bytes_of(first.name));
        out.end_of_partition();
        out.u8(0);
    }
};
template <>
struct KeyCodec<bridge::registry::OfTarget> {
    static void write(KeyBuffer& out, const bridge::registry::OfTarget& first) {
        KeyCodec<bridge::registry::OfName>::write(out, {first.target.name});
        out.u8(static_cast<std::uint8_t>(first.target.kind));
    }
};

template <>
struct KeyCodec<bridge::registry::PolicyAtTarget> {
    using Key = bridge::registry::PolicyAtTarget;
    static void write(KeyBuffer& out, const Key& key) {
        KeyCodec<bridge::registry::OfTarget>::write(out, {key.target});
        out.bytes(bytes_of(key.policy));
    }
    static Key read(KeyReader& in) {
        auto [target, policy] = bridge::registry::split_target(in.rest());
        return {std::move(target), std::string(policy)};
    }
};
template <>
struct KeyCodec<bridge::registry::ThingOfPrincipal> {
    using Key = bridge::registry::ThingOfPrincipal;
    static void write(KeyBuffer& out, const Key& key) {
        KeyCodec<bridge::registry::OfTarget>::write(out, {key.principal});
        out.bytes(bytes_of(key.thing));
    }
    static Key read(KeyReader& in) {
        auto [target, thing] = bridge::registry::split_target(in.rest());
        return {std::move(target), std::string(thing)};
    }
};

template <>
struct KeyCodec<bridge::registry::TargetOfName> {
    using Key = bridge::registry::TargetOfName;
    static void write(KeyBuffer& out, const Key& key) {
        KeyCodec<bridge::registry::OfName>::write(out, {key.name});
        out.u8(static_cast<std::uint8_t>(key.target.kind));
        out.bytes(bytes_of(key.target.name));
    }
    static Key read(KeyReader& in) {
        const auto [name, rest] = bridge::registry::split_name(in.rest());
        if (rest.empty()) return {};
        using Kind = bridge::registry::Target::Kind;
        return {std::string(name), {static_cast<Kind>(rest[0]), std::string(rest.substr(1))}};
    }
};

template <>
struct KeyCodec<bridge::registry::NamePair> {
    using Key = bridge::registry::NamePair;
    static void write(KeyBuffer& out, const Key& key) {
        KeyCodec<bridge::registry::OfName>::write(out, {key.first});
        out.bytes(bytes_of(key.second));
    }
    static Key read(KeyReader& in) {
        const auto [first, second] = bridge::registry::split_name(in.rest());
        return {std::string(first), std::string(second)};
    }
};

}  // namespace helio::store
