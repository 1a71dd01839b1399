// The broker on the network: listeners, one Connection a stream, keep-alive, limits, an orderly
// end.
//
// Everything is on the loop thread.  Drives Broker::on_time; the wiring drives Broker::on_durable.
#pragma once

#include "base/io/http_server.h"
#include "base/io/loop.h"
#include "base/io/peer.h"
#include "bridge/mqtt/broker.h"

#include <memory>
#include <string_view>

namespace helio::bridge::mqtt {

// Does the name that ALPN has agreed on say how a client shows who it is (AWS: `mqtt` is for custom
// authorizers)?  Only on a port that several protocols share.
enum class Alpn : std::uint8_t { ignored, decides };

class MqttServer {
  public:
    MqttServer(io::Loop& loop, Broker& broker);
    // Ends what is left without a word.
    ~MqttServer();
    MqttServer(const MqttServer&) = delete;
    MqttServer& operator=(const MqttServer&) = delete;

    // Any number of listeners.  `key` names the setting, for the std::runtime_error that is thrown
    // where the port cannot be opened.  Answers the address with the port that was chosen.
    io::Peer listen_tcp(const io::Peer& at, std::string_view key);
    // A stream that another listener took (TLS, ALPN), with nothing of MQTT read yet.
    void adopt(std::unique_ptr<io::Stream> stream, Alpn alpn = Alpn::ignored) {
        take(std::move(stream), nullptr, alpn);
    }
    // A request for a WebSocket with the sub-protocol of MQTT; answered with what is wrong where it
    // is none [MQTT 5 §6].
    void upgrade(net::HttpRequest&& request, io::Responder responder);

    // No new clients; those that are there are told and closed [MQTT 5: 0x8B].  Their streams are
    // gone when client_count() is 0.
    void shut_down();

    std::size_t client_count() const;

  private:
    class Client;
    struct State;
    void take(std::unique_ptr<io::Stream> stream,
              std::shared_ptr<const net::HttpRequest> upgrade,
              Alpn alpn);

    std::shared_ptr<State> state_;  // shared with calls that the loop makes later
};

}  // namespace helio::bridge::mqtt
