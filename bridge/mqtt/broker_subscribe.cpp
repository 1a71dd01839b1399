// SUBSCRIBE and UNSUBSCRIBE (§3.8.4, §3.10.4).
#include "bridge/mqtt/broker.h"

#include <algorithm>

namespace helio::bridge::mqtt {
namespace {

// Above: quota exceeded.  A packet has room for a hundred thousand times the same one.
constexpr std::size_t kFiltersOfOnePacket = 10'000;

bool shares_without_local(const Subscribe& packet) {
    return std::any_of(packet.entries.begin(), packet.entries.end(), [](const SubscribeEntry& e) {
        return e.options.no_local && e.filter.starts_with(TopicFilter::kShare);
    });
}

}  // namespace

void Broker::subscribe(LinkId id, const Subscribe& packet, Instant now) {
    Session* session = session_of(id);
    if (session == nullptr) return;
    if (shares_without_local(packet)) {  // [MQTT-3.8.3-4]
        ++stats_.protocol_errors;
        return close_link(id, ReasonCode::protocol_error, now);
    }
    const Limits::Strict& strict = limits_.strict;
    if (strict.on && packet.entries.size() > strict.max_filters_per_subscribe) {
        ++stats_.protocol_errors;
        return close_link(id, ReasonCode::quota_exceeded, now);
    }
    const std::uint32_t identifier =
        packet.properties.find<PropertyId::subscription_identifier>().value_or(0);
    if (strict.on && identifier != 0) {
        ++stats_.protocol_errors;
        return close_link(id, ReasonCode::subscription_identifiers_not_supported, now);
    }
    std::vector<std::string_view> granted;
    Effect suback{.position = 0, .link = id, .kind = EffectKind::suback, .id = packet.packet_id};
    for (const SubscribeEntry& entry : packet.entries) {
        const ReasonCode code = suback.codes.size() < kFiltersOfOnePacket
                                    ? subscribe_one(*session, entry, identifier, suback.position)
                                    : ReasonCode::quota_exceeded;
        if (!is_error(code)) granted.push_back(entry.filter);
        suback.codes.push_back(code);
    }
    LinkSlot& slot = *slot_of(id);
    suback.position = std::max(suback.position, slot.answers_wait_for);
    if (suback.position <= durable_) {
        slot.link->suback(packet.packet_id, suback.codes);
    } else {
        slot.answers_wait_for = suback.position;
        when_durable(std::move(suback));
    }
    if (!granted.empty()) {
        for (BrokerEvents* events : events_) events->subscribed(view_of(*session), granted, now);
    }
    pump_pages(*session, now);
}

ReasonCode Broker::subscribe_one(Session& session,
                                 SubscribeEntry entry,
                                 std::uint32_t identifier,
                                 Position& position) {
    const auto filter = TopicFilter::parse(entry.filter, limits_.max_topic_levels);
    if (!filter) return ReasonCode::topic_filter_invalid;
    const bool strict = limits_.strict.on;
    if (strict) {
        if (filter->filter().size() > limits_.strict.max_topic_bytes) {
            return ReasonCode::topic_filter_invalid;
        }
        entry.options.qos = std::min(entry.options.qos, Qos::at_least_once);
    }
    if (authorizer_ != nullptr &&
        !authorizer_->may_subscribe(session.identity.get(), session.client_id, filter->text())) {
        ++stats_.not_authorized;
        return ReasonCode::not_authorized;
    }
    if (session.subscriptions.size() >= limits_.max_subscriptions_per_session &&
        !holds(session, *filter)) {
        return ReasonCode::quota_exceeded;
    }
    if (strict && filter->shared()) {
        const ReasonCode reason = check_strict_share(*filter, session);
        if (is_error(reason)) return reason;
    }
    const Subscription subscription{
        .subscriber = session.id, .identifier = identifier, .options = to_byte(entry.options)};
    const auto added = tree_.add(*filter, subscription);
    if (added.is_new) {
        auto& held = session.subscriptions;
        held.insert(std::lower_bound(held.begin(), held.end(), added.handle), added.handle);
        ++subscriptions_;
    }
    if (session.durable) {
        position = std::max(
            position, rows_.put_subscription(session.client_id, filter->text(), subscription));
    }
    const RetainHandling handling = entry.options.retain_handling;
    const bool wants_retained = handling == RetainHandling::send ||
                                (handling == RetainHandling::send_if_new && added.is_new);
    if (wants_retained && !filter->shared() && !(strict && filter->has_wildcards()) &&
        retained_.may_have(filter->filter())) {
        if (!session.pages) session.pages = std::make_unique<RetainedPages>();
        session.pages->insert_or_assign(std::string(filter->text()),
                                        RetainedPage{.after = {}, .subscription = subscription});
    }
    return static_cast<ReasonCode>(entry.options.qos);
}

bool Broker::holds(const Session& session, const TopicFilter& filter) const {
    const auto handle = tree_.find(filter);
    return handle && tree_.find(*handle, session.id) != nullptr;
}

void Broker::unsubscribe(LinkId id, const Unsubscribe& packet, Instant now) {
    Session* session = session_of(id);
    if (session == nullptr) return;
    Effect unsuback{
        .position = 0, .link = id, .kind = EffectKind::unsuback, .id = packet.packet_id};
    std::vector<std::string_view> ended;
    for (const std::string_view filter : packet.filters) {
        const ReasonCode code = unsubscribe_one(*session, filter, unsuback.position);
        if (code == ReasonCode::success) ended.push_back(filter);
        unsuback.codes.push_back(code);
    }
    LinkSlot& slot = *slot_of(id);
    unsuback.position = std::max(unsuback.position, slot.answers_wait_for);
    if (unsuback.position <= durable_) {
        slot.link->unsuback(packet.packet_id, unsuback.codes);
    } else {
        slot.answers_wait_for = unsuback.position;
        when_durable(std::move(unsuback));
    }
    if (!ended.empty()) {
        for (BrokerEvents* events : events_) events->unsubscribed(view_of(*session), ended, now);
    }
}

ReasonCode Broker::unsubscribe_one(Session& session, std::string_view text, Position& position) {
    const auto filter = TopicFilter::parse(text, limits_.max_topic_levels);
    if (!filter) return ReasonCode::topic_filter_invalid;
    const auto handle = tree_.find(*filter);
    if (!handle || tree_.find(*handle, session.id) == nullptr) {
        return ReasonCode::no_subscription_existed;
    }
    auto& held = session.subscriptions;
    held.erase(std::lower_bound(held.begin(), held.end(), *handle));
    --subscriptions_;
    tree_.remove(*handle, session.id);
    if (session.pages) {
        if (const auto page = session.pages->find(text); page != session.pages->end()) {
            session.pages->erase(page);
        }
        if (session.pages->empty()) session.pages.reset();
    }
    if (session.durable) {
        position = std::max(position, rows_.erase_subscription(session.client_id, text));
    }
    return ReasonCode::success;
}

}  // namespace helio::bridge::mqtt
