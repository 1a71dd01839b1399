#include "bridge/mqtt/sys/sys_topics.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iterator>

namespace helio::bridge::mqtt {
namespace {

constexpr std::string_view kRoot = "$SYS/broker/";

std::uint64_t dropped(const Stats& s) {
    return s.dropped_slow_consumer + s.dropped_queue_full + s.dropped_expired +
           s.dropped_too_large + s.dropped_deferred_full;
}

struct Row {
    std::string_view topic;  // below kRoot
    std::uint64_t (*value)(const Broker&);
};

constexpr Row kRows[] = {
    {"clients/total", [](const Broker& b) -> std::uint64_t { return b.session_count(); }},
    {"clients/connected", [](const Broker& b) -> std::uint64_t { return b.connection_count(); }},
    {"clients/disconnected",
     [](const Broker& b) -> std::uint64_t { return b.session_count() - b.connection_count(); }},
    {"clients/expired", [](const Broker& b) { return b.stats().sessions_expired; }},
    {"messages/received", [](const Broker& b) { return b.stats().packets_received; }},
    {"messages/sent", [](const Broker& b) { return b.stats().packets_sent; }},
    {"publish/messages/received", [](const Broker& b) { return b.stats().messages_received; }},
    {"publish/messages/sent", [](const Broker& b) { return b.stats().messages_sent; }},
    {"publish/messages/dropped", [](const Broker& b) { return dropped(b.stats()); }},
    {"bytes/received", [](const Broker& b) { return b.stats().bytes_received; }},
    {"bytes/sent", [](const Broker& b) { return b.stats().bytes_sent; }},
    {"store/messages/count",
     [](const Broker& b) -> std::uint64_t { return b.stored_messages() + b.retained().size(); }},
    {"retained messages/count",
     [](const Broker& b) -> std::uint64_t { return b.retained().size(); }},
    {"subscriptions/count",
     [](const Broker& b) -> std::uint64_t { return b.subscription_count(); }},
};

constexpr Row kLoads[] = {
    {"load/messages/received", [](const Broker& b) { return b.stats().packets_received; }},
    {"load/messages/sent", [](const Broker& b) { return b.stats().packets_sent; }},
    {"load/publish/received", [](const Broker& b) { return b.stats().messages_received; }},
    {"load/publish/sent", [](const Broker& b) { return b.stats().messages_sent; }},
    {"load/publish/dropped", [](const Broker& b) { return dropped(b.stats()); }},
    {"load/bytes/received", [](const Broker& b) { return b.stats().bytes_received; }},
    {"load/bytes/sent", [](const Broker& b) { return b.stats().bytes_sent; }},
    {"load/sockets", [](const Broker& b) { return b.stats().connections_accepted; }},
};

struct Window {
    std::string_view name;
    double seconds;
};
constexpr Window kWindows[] = {{"/1min", 60}, {"/5min", 300}, {"/15min", 900}};

bool asks_for_sys(std::string_view filter) {
    if (filter.starts_with(TopicFilter::kShare)) {
        filter.remove_prefix(std::min(filter.find('/', TopicFilter::kShare.size()), filter.size()));
        if (!filter.empty()) filter.remove_prefix(1);
    }
    return filter.starts_with("$SYS");
}

}  // namespace

SysTopics::SysTopics(Broker& broker, std::string_view version, Instant started)
    : broker_(broker),
      version_("heliograph " + std::string(version)),
      started_(started),
      measured_at_(started),
      next_(started + kPeriod),
      loads_(std::size(kLoads)) {}

void SysTopics::connected(const ClientView&, Instant) {
    most_clients_ = std::max(most_clients_, broker_.connection_count());
}

void SysTopics::subscribed(const ClientView&,
                           std::span<const std::string_view> filters,
                           Instant now) {
    if (std::any_of(filters.begin(), filters.end(), asks_for_sys)) next_ = std::min(next_, now);
}

Instant SysTopics::on_time(Instant now) {
    if (now < next_) return next_;
    if (now - measured_at_ >= kPeriod) measure(now);
    publish_all(now);
    next_ = now + kPeriod;
    return next_;
}

void SysTopics::measure(Instant now) {
    const double seconds = std::chrono::duration<double>(now - measured_at_).count();
    measured_at_ = now;
    for (std::size_t i = 0; i < loads_.size(); ++i) {
        Load& load = loads_[i];
        const std::uint64_t counted = kLoads[i].value(broker_);
        const double per_minute = static_cast<double>(counted - load.counted) * 60 / seconds;
        load.counted = counted;
        for (std::size_t w = 0; w < load.averages.size(); ++w) {
            const double kept = std::exp(-seconds / kWindows[w].seconds);
            load.averages[w] = per_minute + kept * (load.averages[w] - per_minute);
        }
    }
}

void SysTopics::publish(std::string_view topic, std::string_view value, Instant now) {
    topic_ = kRoot;
    topic_ += topic;
    if (!broker_.has_subscriber(topic_)) return;
    broker_.publish({.topic = topic_, .payload = bytes_of(value)}, now);
}

void SysTopics::publish_all(Instant now) {
    publish("version", version_, now);
    const auto up = std::chrono::duration_cast<std::chrono::seconds>(now - started_).count();
    publish("uptime", std::to_string(up) + " seconds", now);
    publish("clients/maximum", std::to_string(most_clients_), now);
    for (const Row& row : kRows) publish(row.topic, std::to_string(row.value(broker_)), now);
    for (std::size_t i = 0; i < loads_.size(); ++i) {
        for (std::size_t w = 0; w < std::size(kWindows); ++w) {
            char text[32];
            std::snprintf(text, sizeof(text), "%.2f", loads_[i].averages[w]);
            publish(std::string(kLoads[i].topic) + std::string(kWindows[w].name), text, now);
        }
    }
}

}  // namespace helio::bridge::mqtt
