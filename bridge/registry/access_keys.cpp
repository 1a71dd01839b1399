#include "bridge/registry/access_keys.h"

#include "bridge/registry/attachments.h"
#include "bridge/registry/tables.h"

#include <fmt/format.h>

namespace helio::bridge::registry {
namespace {

using Kind = Error::Kind;
constexpr store::Slot kGlobal = 0;

}  // namespace

AccessKeys::AccessKeys(Core& core, api::KeyRing& ring) : core_(core), ring_(ring) {
    for (const auto& [id, record] : list()) ring_.add({id, record.secret()});
}

Result<AccessKeys::Made, Error> AccessKeys::create(const std::string& name, Instant now) {
    if (list().size() >= core_.limits.max_access_keys) {
        return fail(Error{Kind::limit_exceeded, "There are too many access keys: delete some."});
    }
    Made made{.key = api::make_access_key(core_.random)};
    proto::AccessKey record;
    record.set_secret(made.key.secret);
    record.set_name(name);
    record.set_created_at_us(to_unix_us(now));
    auto tx = core_.store.begin(kGlobal);
    kAccessKeys.put(tx, made.key.id, record);
    made.position = tx.commit();
    ring_.add(made.key);
    core_.changed();
    return made;
}

Result<Position, Error> AccessKeys::erase(const std::string& id) {
    if (!kAccessKeys.contains(core_.store, id)) {
        return fail(Error{Kind::not_found, fmt::format("There is no access key {}.", id)});
    }
    const Target target{Target::Kind::access_key, id};
    const auto policies = policies_of(core_.store, target);
    const auto things = things_of(core_.store, target);
    auto tx = core_.store.begin(kGlobal);
    for (const std::string& policy : policies) detach(tx, target, policy);
    for (const std::string& thing : things) {
        kThingPrincipals.erase(tx, {thing, target});
        kPrincipalThings.erase(tx, {target, thing});
    }
    kAccessKeys.erase(tx, id);
    const Position position = tx.commit();
    ring_.remove(id);
    core_.changed();
    core_.lapsed(target);
    return position;
}

std::optional<proto::AccessKey> AccessKeys::find(const std::string& id) const {
    auto record = kAccessKeys.get(core_.store, id);
    return record ? std::optional(*std::move(record)) : std::nullopt;
}

std::vector<std::pair<std::string, proto::AccessKey>> AccessKeys::list() const {
    std::vector<std::pair<std::string, proto::AccessKey>> out;
    kAccessKeys.scan(core_.store, [&](const std::string& id, proto::AccessKey& record) {
        out.emplace_back(id, std::move(record));
        return true;
    });
    return out;
}

}  // namespace helio::bridge::registry
