// Enhanced authentication (§4.12): the conversation before the CONNACK, and the one that a client
// begins again later.
#include "bridge/mqtt/broker.h"

namespace helio::bridge::mqtt {
namespace {

// A method that has not come to an end by then never will.
constexpr int kMaxAuthSteps = 32;

}  // namespace

// Of a connection that uses a method: few do, so it stands aside.
struct Broker::Negotiation {
    std::string method;
    std::unique_ptr<AuthExchange> exchange;  // null while nothing goes on
    int steps = 0;
};

Broker::LinkSlot::LinkSlot() = default;
Broker::LinkSlot::LinkSlot(LinkSlot&&) noexcept = default;
Broker::LinkSlot& Broker::LinkSlot::operator=(LinkSlot&&) noexcept = default;
Broker::LinkSlot::~LinkSlot() = default;

void Broker::begin_negotiation(LinkId id, Instant now) {
    LinkSlot& slot = *slot_of(id);
    const ConnectRequest& request = *slot.pending;
    const std::string method = *request.authentication_method;
    auto exchange =
        enhanced_ == nullptr
            ? nullptr
            : enhanced_->begin(
                  {.method = method, .client_id = request.client_id, .request = &request});
    if (!exchange) return refuse_connect(id, ReasonCode::bad_authentication_method);
    slot.negotiation = std::make_unique<Negotiation>();
    slot.negotiation->method = method;
    slot.negotiation->exchange = std::move(exchange);
    const Bytes data = request.authentication_data;
    next_auth_step(id, data, now);
}

void Broker::next_auth_step(LinkId id, ByteView data, Instant now) {
    LinkSlot& slot = *slot_of(id);
    if (++slot.negotiation->steps > kMaxAuthSteps) {
        return on_auth_step(
            id, {.reason = ReasonCode::not_authorized, .data = {}, .identity = {}}, now);
    }
    const std::weak_ptr<int> alive = alive_;
    slot.negotiation->exchange->next(
        data, now, [this, alive, id](const AuthStep& step, Instant at) {
            if (!alive.expired()) on_auth_step(id, step, at);
        });
}

void Broker::on_auth_step(LinkId id, const AuthStep& step, Instant now) {
    LinkSlot* slot = slot_of(id);
    if (slot == nullptr || !slot->negotiation || !slot->negotiation->exchange) return;
    Negotiation& negotiation = *slot->negotiation;
    const bool goes_on = step.reason == ReasonCode::continue_authentication;
    // Its own call may be what is running: it goes when that has returned.
    if (!goes_on) ended_exchanges_.push_back(std::move(negotiation.exchange));
    if (slot->pending && !goes_on) {
        return complete_connect(
            id, {.reason = step.reason, .identity = step.identity}, now, step.data);
    }
    if (is_error(step.reason)) {  // [MQTT-4.12.1-2]
        ++stats_.not_authorized;
        return close_link(id, step.reason, now);
    }
    if (!goes_on) slot->session->identity = step.identity;
    if (!slot->link->auth(step.reason, negotiation.method, step.data)) {
        if (slot->pending) return refuse_connect(id, ReasonCode::packet_too_large);
        close_link(id, ReasonCode::packet_too_large, now);
    }
}

// The method is the one of the CONNECT [MQTT-4.12.0-5, 4.12.1-1].
void Broker::auth(LinkId id, const Auth& packet, Instant now) {
    ended_exchanges_.clear();
    LinkSlot* slot = slot_of(id);
    if (slot == nullptr) return;
    const bool again = packet.reason == ReasonCode::re_authenticate;
    const bool expected = slot->negotiation && packet.reason != ReasonCode::success &&
                          packet.properties.find<PropertyId::authentication_method>() ==
                              std::string_view(slot->negotiation->method) &&
                          again == (slot->negotiation->exchange == nullptr);
    if (!expected) {
        ++stats_.protocol_errors;
        if (slot->pending) return refuse_connect(id, ReasonCode::protocol_error);
        return close_link(id, ReasonCode::protocol_error, now);
    }
    Negotiation& negotiation = *slot->negotiation;
    if (again) {
        negotiation.steps = 0;
        negotiation.exchange = enhanced_->begin({.method = negotiation.method,
                                                 .client_id = slot->session->client_id,
                                                 .identity = slot->session->identity.get()});
        if (!negotiation.exchange)
            return close_link(id, ReasonCode::bad_authentication_method, now);
    }
    next_auth_step(
        id, packet.properties.find<PropertyId::authentication_data>().value_or(ByteView{}), now);
}

}  // namespace helio::bridge::mqtt
