// A broker over a store in memory, and clients in memory: each case is a few verbs.
//
// What a client receives is text, one line a packet: "PUBLISH a/b qos1 id1: hello".
#pragma once

#include "base/store/memory_log.h"
#include "base/store/store.h"
#include "bridge/mqtt/broker.h"
#include "bridge/mqtt/connection.h"
#include "bridge/mqtt/packet/packet.h"
#include "bridge/mqtt/session/tables.h"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace helio::bridge::mqtt::testing {

using Lines = std::vector<std::string>;

std::string describe(const Packet& packet, Version version);

class TestAccess final : public Authenticator, public Authorizer {
  public:
    void authenticate(const ConnectRequest& request, Instant now, Answer answer) override;
    bool may_connect(const Identity* who, std::string_view client_id) override {
        if (instead != nullptr) return instead->may_connect(who, client_id);
        return client_id != "banned";
    }
    bool may_publish(const Identity* who,
                     std::string_view client_id,
                     std::string_view topic,
                     bool retain) override {
        if (instead != nullptr) return instead->may_publish(who, client_id, topic, retain);
        return !topic.starts_with("secret");
    }
    bool may_subscribe(const Identity* who,
                       std::string_view client_id,
                       std::string_view filter) override {
        if (instead != nullptr) return instead->may_subscribe(who, client_id, filter);
        return !filter.starts_with("secret");
    }
    bool checks_receive() const override { return receive_checked; }
    bool may_receive(const Identity* who,
                     std::string_view client_id,
                     std::string_view topic) override {
        if (instead != nullptr) return instead->may_receive(who, client_id, topic);
        return client_id != "deaf";
    }

    bool later = false;  // answers wait for answer_all()
    bool receive_checked = false;
    std::vector<Answer> waiting;
    // In place of the rules above; `identify` makes what it is asked about.
    Authorizer* instead = nullptr;
    std::function<IdentityPtr(const ConnectRequest&)> identify;
};

struct ConnectOptions {
    Version version = Version::v5;
    bool clean_start = true;
    std::uint32_t session_expiry_s = 0;  // 3.1.1: clean_start alone says it
    std::uint16_t keep_alive_s = 0;
    std::uint16_t receive_maximum = 0;      // 0: not said
    std::uint32_t maximum_packet_size = 0;  // 0: not said
    std::string user_name;
    std::optional<WillFields> will;
};

class BrokerFixture;

class Client final : private Wire {
  public:
    Client(BrokerFixture& fixture, std::string client_id, ClientAddress address);
    ~Client();

    Client& connect(const ConnectOptions& options = {});
    Client& send(const Packet& packet);
    Client& send_bytes(ByteView bytes);
    Client& send_hex(std::string_view digits);
    Client& publish(std::string_view topic,
                    std::string_view payload,
                    int qos = 0,
                    PacketId id = 0,
                    bool retain = false,
                    const Properties& properties = {});
    Client& subscribe(std::string_view filter, SubscribeOptions options = {}, std::uint32_t id = 0);
    Client& subscribe(std::string_view filter, int qos) {
        return subscribe(filter, SubscribeOptions{.qos = static_cast<Qos>(qos)});
    }
    Client& unsubscribe(std::string_view filter);
    Client& answer(PacketType type, PacketId id, ReasonCode reason = ReasonCode::success);
    Client& disconnect(ReasonCode reason = ReasonCode::success);
    // The network goes away.
    Client& vanish();

    // What came since the last call.
    Lines take();
    Bytes take_bytes() { return std::exchange(received_, {}); }
    bool ended() const { return ended_; }  // by the server
    bool woken() const { return woken_; }
    Connection& connection() { return *connection_; }

    std::size_t queued = 0;  // what the socket has not taken yet

  private:
    void write(ByteView bytes) override {
        received_.insert(received_.end(), bytes.begin(), bytes.end());
    }
    std::size_t queued_bytes() const override { return queued; }
    void end() override { ended_ = true; }
    void wake() override { woken_ = true; }

    BrokerFixture& fixture_;
    std::string client_id_;
    Version version_ = Version::v5;
    std::unique_ptr<Connection> connection_;
    Bytes received_;
    bool ended_ = false;
    bool woken_ = false;
};

class BrokerFixture {
  public:
    explicit BrokerFixture(Limits limits = {},
                           store::MemoryLog::Answers answers = store::MemoryLog::Answers::at_once);
    ~BrokerFixture();

    Client& client(const std::string& client_id);
    // By a WebSocket, of a client that has no other connection.
    Client& websocket(const std::string& client_id);
    // A fresh connection that has said nothing yet.
    Client& stranger();
    // The end of a turn: what was changed becomes durable (not with Answers::when_stepped).
    void turn();
    // The commits in flight become durable, one after the other.
    void commit();
    void advance(Duration by);
    // The process ends and starts again; every connection is gone.
    void crash(store::MemoryLog::Crash when = store::MemoryLog::Crash::before_commit);

    Instant now = from_unix_us(1'700'000'000'000'000);
    Limits limits;
    TestAccess access;
    store::MemoryLog log;
    std::unique_ptr<store::Store> store;
    std::unique_ptr<Broker> broker;

  private:
    void start();
    std::map<std::string, std::unique_ptr<Client>> clients_;
    int strangers_ = 0;
};

// A connected client whose CONNACK has been read.
inline Client& in(BrokerFixture& f, const std::string& id, const ConnectOptions& options = {}) {
    Client& client = f.client(id).connect(options);
    client.take();
    return client;
}

}  // namespace helio::bridge::mqtt::testing
