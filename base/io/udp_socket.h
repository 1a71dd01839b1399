// A bound UDP socket that receives and sends many datagrams a system call.
//
// Received datagrams come in batches and borrow from a reused buffer; sent ones are collected and
// leave together after the batch that caused them, or at the end of the turn.
#pragma once

#include "base/bytes.h"
#include "base/io/loop.h"
#include "base/io/peer.h"

#include <functional>
#include <memory>

namespace helio::io {

struct Datagram {
    ByteView bytes;
    Peer from;
};

struct UdpOptions {
    // The kernel's queue for datagrams that we have not read yet; more than the system's limit
    // needs CAP_NET_ADMIN, else the limit is taken.
    std::size_t receive_buffer_bytes = 8u << 20;
    // Datagrams that the kernel did not take yet; beyond it new ones are dropped and counted.
    std::size_t max_queued = 8192;
};

struct UdpStats {
    std::uint64_t received = 0;
    std::uint64_t received_bytes = 0;
    std::uint64_t receive_calls = 0;  // system calls that gave at least one datagram
    std::uint64_t unfinished_turns = 0;  // that left datagrams unread: more come than are handled
    std::uint64_t sent = 0;
    std::uint64_t dropped_queue_full = 0;
    std::uint64_t send_errors = 0;
};

class UdpSocket {
  public:
    // The callback must not destroy the socket.
    using OnDatagrams = std::function<void(std::span<const Datagram>)>;

    // `key` is the setting that the address came from, for the sentence of the std::runtime_error
    // that is thrown where the socket cannot be opened.
    UdpSocket(Loop& loop,
              const Peer& bind_to,
              std::string_view key,
              OnDatagrams on_datagrams,
              UdpOptions options = {});
    ~UdpSocket();
    UdpSocket(const UdpSocket&) = delete;
    UdpSocket& operator=(const UdpSocket&) = delete;

    void send(const Peer& to, ByteView bytes);
    void flush();  // at once instead of at the end of the turn

    Peer local() const;  // with the port that the system chose for port 0
    const UdpStats& stats() const;
    std::uint64_t kernel_drops() const;        // datagrams that found the receive buffer full
    std::size_t receive_buffer_bytes() const;  // what the system granted

  private:
    struct State;
    State* state_;  // freed by its close callback
};

}  // namespace helio::io
