// The connections of AWS IoT's data plane: what is known of a client, what it has subscribed to,
// and its end.
#include "bridge/api/handlers.h"
#include "bridge/api/registry_common.h"
#include "bridge/identity/principal.h"
#include "bridge/mqtt/broker.h"

#include <boost/json.hpp>

namespace helio::bridge::api {
namespace {

namespace json = boost::json;

std::int64_t ms_of(Instant at) { return to_unix_us(at) / 1000; }

ApiError not_here(std::string_view what, const std::string& client_id) {
    return {.status = 404,
            .code = "ResourceNotFoundException",
            .message = std::string(what) + " " + client_id};
}

// "192.0.2.7:51234", "[2001:db8::7]:51234"
void put_socket(json::object& body, const std::string& address) {
    const std::size_t colon = address.rfind(':');
    if (colon == std::string::npos) return;
    std::string ip = address.substr(0, colon);
    if (ip.starts_with('[')) ip = ip.substr(1, ip.size() - 2);
    body["sourceIp"] = ip;
    body["sourcePort"] = std::atoi(address.c_str() + colon + 1);
}

}  // namespace

Outcome get_connection(Context& context, const Call& call) {
    const std::string& client_id = call.label("clientId");
    const auto with_socket = flag_of(call, "includeSocketInformation");
    if (!with_socket) return fail(with_socket.error());
    const auto client = context.broker->client(client_id);
    if (!client) return fail(not_here("There is no session of", client_id));
    json::object body{{"clientId", client_id},
                      {"connected", client->connected_since.has_value()},
                      {"cleanSession", client->session_expiry_s == 0},
                      {"sessionExpiry", client->session_expiry_s}};
    if (client->away_since) body["disconnectedSince"] = ms_of(*client->away_since);
    if (!client->connected_since) return reply_with(body);
    body["connectedSince"] = ms_of(*client->connected_since);
    body["keepAliveDuration"] = client->keep_alive_s;
    if (*with_socket) put_socket(body, client->address);
    if (const auto* who = static_cast<const identity::Principal*>(client->identity.get())) {
        body["principalId"] = who->name();  // our own: AWS does not tell it
        if (const auto thing = context.iot.thing_of(*who)) body["thingName"] = thing->name;
    }
    return reply_with(body);
}

Outcome list_subscriptions(Context& context, const Call& call) {
    const std::string& client_id = call.label("clientId");
    const auto page = token_page(call);
    if (!page) return fail(page.error());
    if (!context.broker->client(client_id)) {
        return fail(not_here("There is no session of", client_id));
    }
    using Row = mqtt::ClientSubscription;
    json::object body;
    put_page(
        body,
        "subscriptions",
        context.broker->subscriptions_of(client_id),
        *page,
        [](const Row& row) { return row.filter; },
        [](const Row& row) {
            return json::value{{"topicFilter", row.filter}, {"qos", static_cast<int>(row.qos)}};
        });
    return reply_with(body);
}

Outcome delete_connection(Context& context, const Call& call) {
    const std::string& client_id = call.label("clientId");
    const auto drop_will = flag_of(call, "preventWillMessage");
    if (!drop_will) return fail(drop_will.error());
    const auto end_session = flag_of(call, "cleanSession");
    if (!end_session) return fail(end_session.error());
    const bool ended = context.broker->kick(client_id,
                                            {.why = mqtt::EndReason::api_initiated,
                                             .drop_will = *drop_will,
                                             .end_session = *end_session},
                                            call.now);
    if (!ended) return fail(not_here("No client is connected as", client_id));
    return Reply{.body = "{}"};
}

}  // namespace helio::bridge::api
