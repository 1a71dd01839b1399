// TCP: a listener that hands over connections, and outgoing connections.
#pragma once

#include "base/io/loop.h"
#include "base/io/stream.h"

#include <functional>
#include <memory>

namespace helio::io {

class TcpListener {
  public:
    using OnStream = std::function<void(std::unique_ptr<Stream>)>;

    // `key` is the setting that the address came from, for the sentence of the std::runtime_error
    // that is thrown where the port cannot be opened.  The callback must not destroy the listener.
    TcpListener(Loop& loop, const Peer& bind_to, std::string_view key, OnStream on_stream);
    ~TcpListener();
    TcpListener(const TcpListener&) = delete;
    TcpListener& operator=(const TcpListener&) = delete;

    Peer local() const;  // with the port that the system chose for port 0

  private:
    struct State;
    std::unique_ptr<State> state_;
};

// What is written before the connection stands leaves once it does; where it does not come about,
// the handler gets on_close(refused).
std::unique_ptr<Stream> connect_tcp(Loop& loop, const Peer& to);

}  // namespace helio::io
