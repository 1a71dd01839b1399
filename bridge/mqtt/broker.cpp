#include "bridge/mqtt/broker.h"

#include <algorithm>
#include <stdexcept>

namespace helio::bridge::mqtt {
Broker::Broker(store::Store& store,
               Limits limits,
               crypto::Random random,
               Authenticator& authenticator,
               Authorizer* authorizer,
               Instant now)
    : store_(store),
      limits_(limits),
      random_(std::move(random)),
      authenticator_(authenticator),
      authorizer_(authorizer),
      rows_(store, stats_.corrupt_rows),
      retained_({.messages = limits.max_retained_messages, .bytes = limits.max_retained_bytes}),
      durable_(store.durable()),
      work_(limits.steps_per_turn),
      alive_(std::make_shared<int>(0)) {
    if (limits_.strict.on) {
        strict_ = std::make_unique<StrictState>(limits_.strict);
        tree_.keep_hash_below();
    }
    load(now);
}

Broker::~Broker() = default;

LinkId Broker::open(Link& link) {
    auto index = static_cast<std::uint32_t>(links_.size());
    if (free_links_.empty()) {
        links_.emplace_back();
    } else {
        index = free_links_.back();
        free_links_.pop_back();
    }
    links_[index].link = &link;
    ++stats_.connections_accepted;
    return {index, links_[index].generation};
}

Broker::LinkSlot* Broker::slot_of(LinkId id) {
    if (id.index >= links_.size() || links_[id.index].generation != id.generation) return nullptr;
    return &links_[id.index];
}

Session* Broker::session_of(LinkId id) {
    LinkSlot* slot = slot_of(id);
    return slot == nullptr ? nullptr : slot->session;
}

Broker::InternalId Broker::subscribe_internal(std::string_view filter, OnPublish callback) {
    const auto parsed = TopicFilter::parse(filter, limits_.max_topic_levels);
    if (!parsed || parsed->shared()) {
        throw std::invalid_argument("\"" + std::string(filter) + "\" is no topic filter");
    }
    const auto free = std::find_if(
        internals_.begin(), internals_.end(), [](const Internal& i) { return !i.callback; });
    const auto id = static_cast<InternalId>(free - internals_.begin());
    if (free == internals_.end()) internals_.emplace_back();
    const SubscribeOptions options{.qos = Qos::exactly_once, .retain_as_published = true};
    const auto added =
        tree_.add(*parsed, {.subscriber = kInternal | id, .options = to_byte(options)});
    internals_[id] = {added.handle, std::make_shared<const OnPublish>(std::move(callback))};
    return id;
}

void Broker::unsubscribe_internal(InternalId id) {
    tree_.remove(internals_[id].handle, kInternal | id);
    internals_[id] = {};
}

std::optional<Instant> Broker::on_time(Instant now) {
    work_.begin(now);
    go_on_with_sessions(now);
    run_timers(now);
    go_on_with_endings(now);
    std::optional<Instant> next;
    if (strict_) next = on_strict_time(now);
    run_deferred(now);
    if (has_more_to_do()) return now;
    if (!timers_.empty()) next = std::min(next.value_or(kNever), timers_.top().at);
    return next;
}

bool Broker::kick(std::string_view client_id, ReasonCode reason, Instant now) {
    return kick(client_id, {.reason = reason, .why = end_reason_of(reason)}, now);
}

bool Broker::kick(std::string_view client_id, const Kick& how, Instant now) {
    Session* session = sessions_.find(client_id);
    if (session == nullptr) return false;
    const bool connected = session->link != nullptr;
    if (how.end_session) session->expiry_s = 0;
    if (connected) {
        close_link(session->link_id, how, now);
    } else if (how.end_session) {
        end_session(*session, now);
    }
    return connected;
}

std::size_t Broker::kick_if(const Picks& picks, ReasonCode reason, Instant now) {
    return kick_if(picks, {.reason = reason, .why = end_reason_of(reason)}, now);
}

std::size_t Broker::kick_if(const Picks& picks, const Kick& how, Instant now) {
    std::size_t count = 0;
    for (std::uint32_t i = 0; i < links_.size(); ++i) {
        const Session* session = links_[i].session;
        if (session == nullptr || !picks(session->identity.get(), session->client_id)) continue;
        close_link(session->link_id, how, now);
        ++count;
    }
    run_deferred(now);
    return count;
}

}  // namespace helio::bridge::mqtt
