#include "tests/bridge/mqtt/support/broker_fixture.h"

#include "tests/support/catch.h"

#include <fmt/format.h>

namespace helio::bridge::mqtt::testing {
namespace {

std::string properties_text(const Properties& p) {
    std::string out;
    if (const auto v = p.find<PropertyId::message_expiry_interval>())
        out += fmt::format(" expiry{}", *v);
    if (const auto v = p.find<PropertyId::content_type>()) out += fmt::format(" type={}", *v);
    if (const auto v = p.find<PropertyId::response_topic>()) out += fmt::format(" reply={}", *v);
    if (const auto v = p.find<PropertyId::correlation_data>()) {
        out += fmt::format(" correlation={}", text_of(*v));
    }
    p.each_subscription_identifier([&](std::uint32_t id) { out += fmt::format(" sub{}", id); });
    p.each_user_property(
        [&](const UserProperty& u) { out += fmt::format(" {}={}", u.name, u.value); });
    return out;
}

std::string auth_text(const Properties& p) {
    std::string out;
    if (const auto v = p.find<PropertyId::authentication_method>())
        out += fmt::format(" method={}", *v);
    if (const auto v = p.find<PropertyId::authentication_data>()) {
        out += fmt::format(" data={}", text_of(*v));
    }
    return out;
}

struct Describer {
    Version version;

    std::string operator()(const Connack& p) const {
        std::string out = fmt::format("CONNACK {}", p.code);
        if (p.session_present) out += " present";
        if (const auto v = p.properties.find<PropertyId::assigned_client_identifier>()) {
            out += fmt::format(" assigned={}", *v);
        }
        if (const auto v = p.properties.find<PropertyId::session_expiry_interval>()) {
            out += fmt::format(" expiry={}", *v);
        }
        if (const auto v = p.properties.find<PropertyId::server_keep_alive>()) {
            out += fmt::format(" keep_alive={}", *v);
        }
        return out + auth_text(p.properties);
    }
    std::string operator()(const Publish& p) const {
        std::string out = fmt::format("PUBLISH {}", p.topic);
        if (p.qos != Qos::at_most_once) {
            out += fmt::format(" qos{} id{}", static_cast<int>(p.qos), p.packet_id);
        }
        if (p.dup) out += " dup";
        if (p.retain) out += " retain";
        return out + properties_text(p.properties) + ": " + std::string(text_of(p.payload));
    }
    std::string operator()(const PublishAnswer& p) const {
        static const char* const names[] = {"PUBACK", "PUBREC", "PUBREL", "PUBCOMP"};
        std::string out = fmt::format("{} {}", names[static_cast<int>(p.type) - 4], p.packet_id);
        if (p.reason != ReasonCode::success) out += fmt::format(" {}", name_of(p.reason));
        return out;
    }
    std::string operator()(const Suback& p) const {
        std::string out = fmt::format("SUBACK {}", p.packet_id);
        for (const ReasonCode code : p.codes)
            out += fmt::format(" {:#04x}", static_cast<int>(code));
        return out;
    }
    std::string operator()(const Unsuback& p) const {
        std::string out = fmt::format("UNSUBACK {}", p.packet_id);
        for (const ReasonCode code : p.codes)
            out += fmt::format(" {:#04x}", static_cast<int>(code));
        return out;
    }
    std::string operator()(const Pingresp&) const { return "PINGRESP"; }
    std::string operator()(const Auth& p) const {
        return fmt::format("AUTH {}", name_of(p.reason)) + auth_text(p.properties);
    }
    std::string operator()(const Disconnect& p) const {
        return fmt::format("DISCONNECT {}", name_of(p.reason));
    }
    template <class Other>
    std::string operator()(const Other&) const {
        return "a packet that no server sends";
    }
};

}  // namespace

std::string describe(const Packet& packet, Version version) {
    return std::visit(Describer{version}, packet);
}

void TestAccess::authenticate(const ConnectRequest& request, Instant now, Answer answer) {
    if (later) return waiting.push_back(std::move(answer));
    if (identify) return answer({ReasonCode::success, identify(request)}, now);
    const bool wrong = request.user_name == "wrong";
    answer({.reason = wrong ? ReasonCode::bad_user_name_or_password : ReasonCode::success,
            .identity = std::make_shared<Identity>(request.user_name.value_or("nobody"))},
           now);
}

Client::Client(BrokerFixture& fixture, std::string client_id, ClientAddress address)
    : fixture_(fixture), client_id_(std::move(client_id)) {
    Wire& wire = *this;
    connection_ = std::make_unique<Connection>(*fixture_.broker,
                                               wire,
                                               fixture_.limits,
                                               fixture_.broker->stats(),
                                               std::move(address),
                                               fixture_.now);
}

Client::~Client() = default;

Client& Client::connect(const ConnectOptions& options) {
    version_ = options.version;
    PropertyList properties;
    if (options.session_expiry_s != 0) {
        properties.add<PropertyId::session_expiry_interval>(options.session_expiry_s);
    }
    if (options.receive_maximum != 0) {
        properties.add<PropertyId::receive_maximum>(options.receive_maximum);
    }
    if (options.maximum_packet_size != 0) {
        properties.add<PropertyId::maximum_packet_size>(options.maximum_packet_size);
    }
    Connect packet{.version = options.version,
                   .client_id = client_id_,
                   .clean_start = options.clean_start,
                   .keep_alive_s = options.keep_alive_s,
                   .will = options.will,
                   .properties = properties.view()};
    if (!options.user_name.empty()) packet.user_name = options.user_name;
    return send(packet);
}

Client& Client::send(const Packet& packet) {
    Bytes bytes;
    encode_packet(packet, version_, bytes);
    return send_bytes(bytes);
}

Client& Client::send_bytes(ByteView bytes) {
    connection_->on_bytes(bytes, fixture_.now);
    fixture_.turn();
    return *this;
}

Client& Client::send_hex(std::string_view digits) { return send_bytes(from_hex(digits).value()); }

Client& Client::publish(std::string_view topic,
                        std::string_view payload,
                        int qos,
                        PacketId id,
                        bool retain,
                        const Properties& properties) {
    return send(Publish{.qos = static_cast<Qos>(qos),
                        .retain = retain,
                        .topic = topic,
                        .packet_id = id,
                        .properties = properties,
                        .payload = bytes_of(payload)});
}

Client& Client::subscribe(std::string_view filter, SubscribeOptions options, std::uint32_t id) {
    PropertyList properties;
    if (id != 0) properties.add<PropertyId::subscription_identifier>(id);
    return send(
        Subscribe{.packet_id = 9, .properties = properties.view(), .entries = {{filter, options}}});
}

Client& Client::unsubscribe(std::string_view filter) {
    return send(Unsubscribe{.packet_id = 8, .filters = {filter}});
}

Client& Client::answer(PacketType type, PacketId id, ReasonCode reason) {
    return send(PublishAnswer{.type = type, .packet_id = id, .reason = reason});
}

Client& Client::disconnect(ReasonCode reason) { return send(Disconnect{.reason = reason}); }

Client& Client::vanish() {
    connection_->on_closed(fixture_.now);
    fixture_.turn();
    return *this;
}

Lines Client::take() {
    Lines lines;
    StreamDecoder decoder(kMaxPacketBytes);
    const auto fed = decoder.feed(received_, [&](const Frame& frame) {
        const auto packet = parse_packet(frame, version_);
        lines.push_back(packet ? describe(*packet, version_)
                               : fmt::format("unreadable: {}", name_of(packet.error())));
        return Next::more;
    });
    REQUIRE(fed);
    REQUIRE(decoder.kept_bytes() == 0);
    received_.clear();
    return lines;
}

BrokerFixture::BrokerFixture(Limits l, store::MemoryLog::Answers answers)
    : limits(l), log(answers) {
    start();
}

BrokerFixture::~BrokerFixture() { clients_.clear(); }

void BrokerFixture::start() {
    store = std::make_unique<store::Store>(kTables, log);
    broker =
        std::make_unique<Broker>(*store, limits, crypto::seeded_random(1), access, &access, now);
    store->on_durable([this](store::Position p) { broker->on_durable(p, now); });
    turn();
}

Client& BrokerFixture::client(const std::string& client_id) {
    auto& client = clients_[client_id];
    if (client && !client->connection().closed()) {
        // The same client comes again while the server still has the old connection.
        clients_[client_id + "'s old connection " + std::to_string(++strangers_)] =
            std::move(client);
    }
    client = std::make_unique<Client>(
        *this, client_id, ClientAddress{.text = "192.0.2.7:51234", .loopback = true});
    return *client;
}

Client& BrokerFixture::websocket(const std::string& client_id) {
    auto& client = clients_[client_id];
    client = std::make_unique<Client>(
        *this,
        client_id,
        ClientAddress{.text = "192.0.2.7:51234",
                      .upgrade = std::make_shared<const net::HttpRequest>()});
    return *client;
}

Client& BrokerFixture::stranger() { return client("stranger" + std::to_string(++strangers_)); }

void BrokerFixture::turn() {
    store->flush(now);
    store->poll();
}

void BrokerFixture::commit() {
    for (int i = 0; i < 3; ++i) {
        turn();
        if (log.in_flight()) log.step();
        turn();
    }
}

void BrokerFixture::advance(Duration by) {
    now += by;
    for (const auto& [id, client] : clients_) client->connection().on_time(now);
    broker->on_time(now);
    turn();
}

void BrokerFixture::crash(store::MemoryLog::Crash when) {
    log.crash(when);
    clients_.clear();
    broker.reset();
    store.reset();
    start();
    broker->on_time(now);
    turn();
}

}  // namespace helio::bridge::mqtt::testing
