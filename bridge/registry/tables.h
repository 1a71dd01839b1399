// The tables of the registry, 80..99.  Keys are written by the KeyCodecs of bridge/registry/keys.h.
//
// What is one principal's or one thing's is partitioned by it; what finds it from the other side is
// an index, which a cluster keeps everywhere.
#pragma once

#include "base/store/typed_table.h"
#include "bridge/registry/keys.h"
#include "bridge/registry/proto/registry.pb.h"

#include <array>

namespace helio::bridge::registry {

using store::PartitionedBy;
using store::TypedTable;

// clang-format off
//                                                                                             key -> value
inline constexpr TypedTable<CertificateId, proto::Certificate> kCertificates(
    {80, "certificates", PartitionedBy::principal});                                      // slot id -> Certificate
inline constexpr TypedTable<CertificateByTime, Bytes> kCertificatesByTime(
    {81, "certificates_by_time", PartitionedBy::global});                                 // authority, direction, time, id -> nothing
inline constexpr TypedTable<CertificateId, proto::Authority> kAuthorities(
    {82, "certificate_authorities", PartitionedBy::global});                              // id -> Authority
inline constexpr TypedTable<AuthorityBySubject, Bytes> kAuthoritiesBySubject(
    {83, "certificate_authorities_by_subject", PartitionedBy::global});                   // digest(subject), id -> nothing
inline constexpr TypedTable<std::string, std::string> kRegistrySettings(
    {84, "registry_settings", PartitionedBy::global});                                    // name -> text
inline constexpr TypedTable<std::string, proto::Policy> kPolicies(
    {85, "policies", PartitionedBy::global});                                             // name -> Policy
inline constexpr TypedTable<PolicyAtTarget, Bytes> kPolicyAttachments(
    {86, "policy_attachments", PartitionedBy::principal});                                // slot target, policy -> nothing
inline constexpr TypedTable<TargetOfName, Bytes> kPolicyTargets(
    {87, "policy_targets", PartitionedBy::global});                                       // policy, target -> nothing
inline constexpr TypedTable<std::string, proto::Thing> kThings(
    {88, "things", PartitionedBy::thing});                                                // slot name -> Thing
inline constexpr TypedTable<TargetOfName, proto::ThingPrincipal> kThingPrincipals(
    {89, "thing_principals", PartitionedBy::thing});                                      // slot thing, principal -> ThingPrincipal
inline constexpr TypedTable<ThingOfPrincipal, proto::ThingPrincipal> kPrincipalThings(
    {90, "principal_things", PartitionedBy::principal});                                  // slot principal, thing -> ThingPrincipal
inline constexpr TypedTable<std::string, proto::ThingType> kThingTypes(
    {91, "thing_types", PartitionedBy::global});                                          // name -> ThingType
inline constexpr TypedTable<std::string, proto::ThingGroup> kThingGroups(
    {92, "thing_groups", PartitionedBy::global});                                         // name -> ThingGroup
inline constexpr TypedTable<NamePair, Bytes> kThingGroupChildren(
    {93, "thing_group_children", PartitionedBy::global});                                 // parent, child -> nothing
inline constexpr TypedTable<NamePair, Bytes> kGroupsOfThing(
    {94, "groups_of_thing", PartitionedBy::thing});                                       // slot thing, group -> nothing
inline constexpr TypedTable<NamePair, Bytes> kThingsInGroup(
    {95, "things_in_group", PartitionedBy::global});                                      // group, thing -> nothing
inline constexpr TypedTable<std::string, proto::AccessKey> kAccessKeys(
    {96, "access_keys", PartitionedBy::global});                                          // id -> AccessKey
inline constexpr TypedTable<NamePair, Bytes> kThingsOfType(
    {97, "things_of_type", PartitionedBy::global});                                       // type, thing -> nothing
// clang-format on

inline constexpr std::array kTables = {
    kCertificates.spec(),         kCertificatesByTime.spec(), kAuthorities.spec(),
    kAuthoritiesBySubject.spec(), kRegistrySettings.spec(),   kPolicies.spec(),
    kPolicyAttachments.spec(),    kPolicyTargets.spec(),      kThings.spec(),
    kThingPrincipals.spec(),      kPrincipalThings.spec(),    kThingTypes.spec(),
    kThingGroups.spec(),          kThingGroupChildren.spec(), kGroupsOfThing.spec(),
    kThingsInGroup.spec(),        kAccessKeys.spec(),         kThingsOfType.spec(),
};

}  // namespace helio::bridge::registry
