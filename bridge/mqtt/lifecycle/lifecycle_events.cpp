#include "bridge/mqtt/lifecycle/lifecycle_events.h"

#include "bridge/integration/json_text.h"

#include <array>
#include <cstring>

namespace helio::bridge::mqtt {
namespace {

constexpr std::string_view kPresence = "$aws/events/presence/";
constexpr std::string_view kSubscriptions = "$aws/events/subscriptions/";

// "192.0.2.7" of "192.0.2.7:51234", "2001:db8::1" of "[2001:db8::1]:51234".
std::string_view without_port(std::string_view address) {
    if (address.starts_with('[')) return address.substr(1, address.find(']') - 1);
    return address.substr(0, address.rfind(':'));
}

// Such an id would make a topic that is none.
bool is_silent(const ClientView& client) {
    return client.client_id.empty() ||
           client.client_id.find_first_of("+#") != std::string_view::npos;
}

// A bijection: two connections of one run never get the same.
std::uint64_t mixed(std::uint64_t x) {
    x = (x ^ x >> 30) * 0xbf58'476d'1ce4'e5b9u;
    x = (x ^ x >> 27) * 0x94d0'49bb'1331'11ebu;
    return x ^ x >> 31;
}

}  // namespace

LifecycleEvents::LifecycleEvents(Broker& broker,
                                 const crypto::Random& random,
                                 ExclusiveThing thing_of)
    : broker_(broker), thing_of_(std::move(thing_of)) {
    std::array<std::uint8_t, 16> bytes{};
    random(bytes);
    std::memcpy(&run_, bytes.data(), 8);
    std::memcpy(&mask_, bytes.data() + 8, 8);
}

void LifecycleEvents::begin(std::string_view event, const ClientView& client, Instant now) {
    json_ = "{\"clientId\":";
    integration::append_json_string(json_, client.client_id);
    json_ += ",\"timestamp\":";
    integration::append_number(json_, std::int64_t{to_unix_us(now) / 1000});
    add_text("eventType", event);
}

void LifecycleEvents::add_text(std::string_view name, std::string_view text) {
    json_ += ",\"";
    json_ += name;
    json_ += "\":";
    integration::append_json_string(json_, text);
}

void LifecycleEvents::add_session(const ClientView& client) {
    const std::uint64_t link =
        std::uint64_t{client.connection.generation} << 32 | client.connection.index;
    json_ += ",\"sessionIdentifier\":\"";
    integration::append_hex64(json_, mixed(link ^ mask_));
    integration::append_hex64(json_, run_);
    json_ += '"';
    add_text("principalIdentifier", client.identity == nullptr ? "" : client.identity->name());
}

void LifecycleEvents::add_thing(const ClientView& client) {
    if (!thing_of_) return;
    const std::string thing = thing_of_(client);
    if (!thing.empty()) add_text("thingName", thing);
}

void LifecycleEvents::publish(std::string_view folder,
                              std::string_view event,
                              const ClientView& client,
                              Instant now) {
    json_ += '}';
    topic_ = folder;
    topic_ += event;
    topic_ += '/';
    topic_ += client.client_id;
    broker_.publish({.topic = topic_, .payload = bytes_of(json_), .qos = Qos::at_least_once}, now);
}

void LifecycleEvents::connected(const ClientView& client, Instant now) {
    if (is_silent(client)) return;
    begin("connected", client, now);
    add_session(client);
    add_text("ipAddress", without_port(client.address));
    json_ += ",\"versionNumber\":";
    integration::append_number(json_, client.version);
    add_thing(client);
    publish(kPresence, "connected", client, now);
}

void LifecycleEvents::disconnected(const ClientView& client, EndReason reason, Instant now) {
    if (is_silent(client)) return;
    begin("disconnected", client, now);
    json_ += ",\"clientInitiatedDisconnect\":";
    integration::append_bool(json_, reason == EndReason::client_initiated);
    add_text("disconnectReason", name_of(reason));
    add_session(client);
    json_ += ",\"versionNumber\":";
    integration::append_number(json_, client.version);
    add_thing(client);
    publish(kPresence, "disconnected", client, now);
}

void LifecycleEvents::connect_refused(const ClientView& client, ReasonCode, Instant now) {
    if (is_silent(client)) return;
    begin("connect_failed", client, now);
    add_session(client);
    add_text("connectFailureReason", "AUTHORIZATION_FAILED");
    add_text("ipAddress", without_port(client.address));
    publish(kPresence, "connect_failed", client, now);
}

void LifecycleEvents::subscription(std::string_view event,
                                   const ClientView& client,
                                   std::span<const std::string_view> filters,
                                   Instant now) {
    if (is_silent(client)) return;
    begin(event, client, now);
    add_session(client);
    json_ += ",\"topics\":[";
    for (const std::string_view filter : filters) {
        if (filter.data() != filters.front().data()) json_ += ',';
        integration::append_json_string(json_, filter);
    }
    json_ += ']';
    publish(kSubscriptions, event, client, now);
}

void LifecycleEvents::subscribed(const ClientView& client,
                                 std::span<const std::string_view> filters,
                                 Instant now) {
    subscription("subscribed", client, filters, now);
}

void LifecycleEvents::unsubscribed(const ClientView& client,
                                   std::span<const std::string_view> filters,
                                   Instant now) {
    subscription("unsubscribed", client, filters, now);
}

}  // namespace helio::bridge::mqtt
