// What a device did lately and how it stands: statistics, session, frames, and everybody's events.
#include "bridge/api/device_state.h"

#include "bridge/api/device_json.h"
#include "bridge/api/handlers.h"
#include "bridge/api/recent_events.h"
#include "lns/device/sessions.h"

#include <boost/json.hpp>
#include <charconv>
#include <fmt/format.h>

namespace helio::bridge::api {
namespace {

namespace json = boost::json;
namespace proto = lns::proto;

constexpr std::size_t kMaxEvents = 500;  // an answer

Result<Eui64, ApiError> device_of(const Context& context, const std::string& id) {
    const auto eui = context.registry.dev_eui_of(id);
    if (!eui) return fail(not_found(kDeviceKind, id));
    return *eui;
}

Result<std::size_t, ApiError> count_of(const Call& call,
                                       std::string_view name,
                                       std::size_t fallback) {
    const auto text = call.parameter(name);
    if (!text) return fallback;
    std::size_t count = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), count);
    if (error != std::errc{} || end != text->data() + text->size() || count > kMaxEvents) {
        return fail(
            validation(fmt::format("{} must be a whole number up to {}.", name, kMaxEvents)));
    }
    return count;
}

json::object parameters_json(const proto::MacParameters& mac) {
    return {{"DataRate", mac.data_rate()},
            {"TxPowerIndex", mac.tx_power_index()},
            {"NbTrans", mac.nb_trans()},
            {"RxDelay1", mac.rx_delay_1_s()},
            {"RxDrOffset1", mac.rx1_dr_offset()},
            {"RxDataRate2", mac.rx2_data_rate()},
            {"RxFrequency2", mac.rx2_frequency_hz()}};
}

json::array events_json(const std::vector<RecentEvent>& events) {
    json::array out;
    for (const RecentEvent& event : events) out.push_back(event_json(event));
    return out;
}

}  // namespace

std::optional<Instant> last_uplink_at(const Context& context, Eui64 dev_eui) {
    const auto addresses = lns::addresses_of(context.store, dev_eui);
    if (!addresses.active) return std::nullopt;
    const auto state = lns::find_frame_state(context.store, *addresses.active, dev_eui);
    if (!state || !state->heard) return std::nullopt;
    return state->last_uplink_at;
}

Outcome get_wireless_device_statistics(Context& context, const Call& call) {
    const auto dev_eui = device_of(context, call.label("Id"));
    if (!dev_eui) return fail(dev_eui.error());
    json::object body{{"WirelessDeviceId", call.label("Id")}};
    if (const auto at = last_uplink_at(context, *dev_eui)) {
        body["LastUplinkReceivedAt"] = time_text(*at);
    }
    json::object lorawan{{"DevEui", dev_eui->to_text()}};
    const auto last = newest_events(context.store, 1, [&](const proto::Event& event) {
        return event.dev_eui() == dev_eui->value() && event.has_up();
    });
    if (!last.empty()) {
        const json::object event = event_json(last.front());
        for (const char* name : {"FPort", "DataRate", "Frequency", "Gateways"}) {
            if (const auto* value = event.if_contains(name)) lorawan[name] = *value;
        }
        lorawan["Timestamp"] = event.at("Time");
    }
    body["LoRaWAN"] = std::move(lorawan);
    return reply_with(body);
}

Outcome get_device_session(Context& context, const Call& call) {
    const auto dev_eui = device_of(context, call.label("Id"));
    if (!dev_eui) return fail(dev_eui.error());
    const auto addresses = lns::addresses_of(context.store, *dev_eui);
    const auto address = addresses.active ? addresses.active : addresses.joining;
    const auto session =
        address ? lns::find_session(context.store, *address, *dev_eui) : std::nullopt;
    if (!session) {
        return fail(ApiError{.status = 404,
                             .code = "ResourceNotFoundException",
                             .message = "The device has no session: it has not joined yet.",
                             .resource_type = "Session",
                             .resource_id = call.label("Id")});
    }
    json::object body{{"WirelessDeviceId", call.label("Id")},
                      {"DevEui", dev_eui->to_text()},
                      {"DevAddr", address->to_text()},
                      {"State", addresses.active ? "Active" : "Joining"},
                      {"Activation", session->abp() ? "ABP" : "OTAA"},
                      {"RfRegion", session->region()},
                      {"StartedAt", time_text(from_unix_us(session->started_at_us()))}};
    if (const auto state = lns::find_frame_state(context.store, *address, *dev_eui)) {
        body["FCntUp"] = state->fcnt_up_next;
        body["FCntDown"] = state->fcnt_down_next;
        body["Adr"] = state->adr;
        if (state->heard) body["LastUplinkReceivedAt"] = time_text(state->last_uplink_at);
    }
    if (const auto decision = context.network.explain_adr(*dev_eui)) {
        body["AdrDecision"] = *decision;
    }
    if (session->has_current()) body["Current"] = parameters_json(session->current());
    body["PendingCommands"] = session->pending_size();
    return reply_with(body);
}

Outcome list_device_frames(Context& context, const Call& call) {
    const auto dev_eui = device_of(context, call.label("Id"));
    if (!dev_eui) return fail(dev_eui.error());
    const auto count = count_of(call, "maxResults", 50);
    if (!count) return fail(count.error());
    const auto events = newest_events(context.store, *count, [&](const proto::Event& event) {
        return event.dev_eui() == dev_eui->value();
    });
    return reply_with(json::object{{"Frames", events_json(events)}});
}

// GET /events?after=SEQUENCE: what has happened since.  Without `after`, the newest `last` events;
// the answer's Next goes on from there.
Outcome list_events(Context& context, const Call& call) {
    const auto last = count_of(call, "last", 0);
    if (!last) return fail(last.error());
    std::vector<RecentEvent> events;
    store::Sequence next;
    if (const auto after = call.parameter("after")) {
        const auto sequence = sequence_from(*after);
        if (!sequence) return fail(validation("after must be the Next of an earlier answer."));
        events = events_after(context.store, *sequence, kMaxEvents);
        next = *sequence;
    } else {
        events = newest_events(context.store, *last, [](const proto::Event&) { return true; });
        next = {context.store.durable(), std::numeric_limits<std::uint32_t>::max()};
    }
    if (!events.empty()) next = std::max(next, events.back().sequence);
    return reply_with(json::object{{"Events", events_json(events)}, {"Next", sequence_text(next)}});
}

}  // namespace helio::bridge::api
