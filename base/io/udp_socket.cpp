#include "base/io/udp_socket.h"

#include "base/io/loop_impl.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <numeric>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace helio::io {
namespace {

constexpr std::size_t kBatch = 64;
constexpr std::size_t kMaxDatagram = 65'536;
// Beyond a datagram's size, so that the beginnings of the slots do not all meet in one cache set.
constexpr std::size_t kSlot = kMaxDatagram + 9 * 64;
// So many batches a turn; then timers and other sockets have theirs.
constexpr std::size_t kBatchesPerTurn = 16;

// Of datagrams that the kernel cuts from one message.
constexpr std::size_t kMaxSegments = 64;
constexpr std::size_t kMaxSegmentSize = 1'200;  // fits every path without being fragmented
constexpr std::size_t kMaxMessage = 65'000;

constexpr std::size_t kMeminfoDrops = 8;  // SK_MEMINFO_DROPS of <linux/sock_diag.h>
constexpr std::size_t kMeminfoFields = 9;

int open_socket(const Peer& bind_to, std::string_view key) {
    const bool ipv4 = bind_to.is_ipv4();
    const int fd = socket(ipv4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) throw std::runtime_error(listen_error("UDP", bind_to, key, errno));
    if (!ipv4) {
        const int off = 0;  // [::] serves IPv4 as well
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
    }
    sockaddr_storage address;
    const socklen_t size = bind_to.to_sockaddr(address);
    if (bind(fd, reinterpret_cast<const sockaddr*>(&address), size) != 0) {
        const int error = errno;
        close(fd);
        throw std::runtime_error(listen_error("UDP", bind_to, key, error));
    }
    return fd;
}

void grow_receive_buffer(int fd, std::size_t bytes) {
    const int wanted = static_cast<int>(bytes);
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &wanted, sizeof(wanted)) != 0) {
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &wanted, sizeof(wanted));
    }
}

}  // namespace

struct UdpSocket::State final : Flushable {
    struct Outgoing {
        Peer to;
        std::size_t offset;
        std::size_t size;
    };

    State(Loop::Impl& l, OnDatagrams callback, UdpOptions o)
        : loop(l), on_datagrams(std::move(callback)), options(o) {}

    void prepare_receive();
    void receive();
    std::size_t receive_batch();
    void enqueue(const Peer& to, ByteView bytes);
    void flush() override;
    // Answers how many datagrams are dealt with; 0 where the kernel takes no more.
    std::size_t send_batch(std::size_t from);
    std::size_t run_at(std::size_t from) const;
    void drop_sent();
    void wait_for(int events);
    static void ready(uv_poll_t* handle, int status, int events);

    Loop::Impl& loop;
    OnDatagrams on_datagrams;
    UdpOptions options;
    UdpStats stats;
    uv_poll_t poll{};
    int fd = -1;
    bool is_ipv6 = false;
    bool waiting_to_send = false;
    bool can_cut =
        true;  // the kernel cuts messages into datagrams; what it refuses is not tried again

    std::unique_ptr<std::uint8_t[]> buffer;
    std::array<mmsghdr, kBatch> headers{};
    std::array<iovec, kBatch> vectors{};
    std::array<sockaddr_storage, kBatch> addresses{};
    std::array<Datagram, kBatch> datagrams{};

    std::vector<Outgoing> queue;
    std::size_t queue_at = 0;  // those before it have left
    Bytes arena;               // the bytes of the queue
};

void UdpSocket::State::prepare_receive() {
    buffer = std::make_unique_for_overwrite<std::uint8_t[]>(kBatch * kSlot);
    for (std::size_t i = 0; i < kBatch; ++i) {
        vectors[i] = {buffer.get() + i * kSlot, kMaxDatagram};
        headers[i].msg_hdr.msg_iov = &vectors[i];
        headers[i].msg_hdr.msg_iovlen = 1;
        headers[i].msg_hdr.msg_name = &addresses[i];
    }
}

std::size_t UdpSocket::State::receive_batch() {
    for (mmsghdr& header : headers) header.msg_hdr.msg_namelen = sizeof(sockaddr_storage);
    int got = 0;
    do {
        got = recvmmsg(fd, headers.data(), kBatch, MSG_DONTWAIT, nullptr);
    } while (got < 0 && errno == EINTR);
    if (got <= 0) return 0;

    const auto count = static_cast<std::size_t>(got);
    for (std::size_t i = 0; i < count; ++i) {
        datagrams[i].bytes = {buffer.get() + i * kSlot, headers[i].msg_len};
        datagrams[i].from = Peer::from_sockaddr(reinterpret_cast<const sockaddr&>(addresses[i]));
        stats.received_bytes += headers[i].msg_len;
    }
    stats.received += count;
    ++stats.receive_calls;
    on_datagrams(std::span(datagrams).first(count));
    return count;
}

void UdpSocket::State::receive() {
    for (std::size_t i = 0; i < kBatchesPerTurn; ++i) {
        const std::size_t got = receive_batch();
        if (queue_at < queue.size()) flush();  // answers leave before the next batch is read
        if (got < kBatch) return;
    }
    ++stats.unfinished_turns;
}

void UdpSocket::State::enqueue(const Peer& to, ByteView bytes) {
    if (queue.size() - queue_at >= options.max_queued) {
        ++stats.dropped_queue_full;
        return;
    }
    queue.push_back({to, arena.size(), bytes.size()});
    arena.insert(arena.end(), bytes.begin(), bytes.end());
    if (!waiting_to_send) loop.flush_later(*this);
}

// How many datagrams from this one on are of one size and to one peer.  They lie one behind the
// other, and go as one message that the kernel cuts: one walk down its stack for all of them.
std::size_t UdpSocket::State::run_at(std::size_t from) const {
    const Outgoing& first = queue[from];
    if (!can_cut || first.size == 0 || first.size > kMaxSegmentSize) return 1;
    const std::size_t most =
        std::min({kMaxSegments, kMaxMessage / first.size, queue.size() - from});
    std::size_t count = 1;
    while (count < most && queue[from + count].size == first.size &&
           queue[from + count].to == first.to) {
        ++count;
    }
    return count;
}

std::size_t UdpSocket::State::send_batch(std::size_t from) {
    struct alignas(cmsghdr) Control {
        std::array<std::uint8_t, CMSG_SPACE(sizeof(std::uint16_t))> bytes;
    };
    std::array<mmsghdr, kBatch> out{};
    std::array<iovec, kBatch> parts;
    std::array<sockaddr_storage, kBatch> to;
    std::array<Control, kBatch> controls;
    std::array<std::size_t, kBatch> runs;
    std::size_t count = 0;
    for (std::size_t at = from; count < kBatch && at < queue.size(); at += runs[count++]) {
        const Outgoing& item = queue[at];
        runs[count] = run_at(at);
        parts[count] = {arena.data() + item.offset, item.size * runs[count]};
        msghdr& message = out[count].msg_hdr;
        message.msg_iov = &parts[count];
        message.msg_iovlen = 1;
        message.msg_name = &to[count];
        message.msg_namelen = item.to.to_sockaddr(to[count], is_ipv6);
        if (runs[count] == 1) continue;
        controls[count] = {};
        message.msg_control = &controls[count];
        message.msg_controllen = sizeof(Control);
        cmsghdr* const header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_UDP;
        header->cmsg_type = UDP_SEGMENT;
        header->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
        const auto size = static_cast<std::uint16_t>(item.size);
        std::memcpy(CMSG_DATA(header), &size, sizeof size);
    }
    const int sent = sendmmsg(fd, out.data(), static_cast<unsigned>(count), MSG_DONTWAIT);
    if (sent > 0) {
        const std::size_t done = std::accumulate(runs.begin(), runs.begin() + sent, std::size_t{0});
        stats.sent += done;
        return done;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS) return 0;
    if (errno == EINTR) return send_batch(from);
    const bool was_no_cut = errno == EINVAL || errno == EIO || errno == EMSGSIZE;
    if (runs[0] > 1 && was_no_cut) {
        can_cut = false;
        return send_batch(from);
    }
    ++stats.send_errors;  // of the first one: unreachable, filtered or too long
    return 1;
}

void UdpSocket::State::flush() {
    while (queue_at < queue.size()) {
        const std::size_t done = send_batch(queue_at);
        if (done == 0) {
            if (!waiting_to_send) wait_for(UV_READABLE | UV_WRITABLE);
            waiting_to_send = true;
            return drop_sent();
        }
        queue_at += done;
    }
    if (waiting_to_send) wait_for(UV_READABLE);
    waiting_to_send = false;
    drop_sent();
}

// Moves what is left to the front, once that is less than half, so that the queue stays bounded
// even if it is never empty.
void UdpSocket::State::drop_sent() {
    if (queue_at < queue.size() && queue_at < queue.size() / 2) return;
    const std::size_t bytes = queue_at < queue.size() ? queue[queue_at].offset : arena.size();
    arena.erase(arena.begin(), arena.begin() + static_cast<std::ptrdiff_t>(bytes));
    queue.erase(queue.begin(), queue.begin() + static_cast<std::ptrdiff_t>(queue_at));
    for (Outgoing& item : queue) item.offset -= bytes;
    queue_at = 0;
}

void UdpSocket::State::wait_for(int events) { uv_poll_start(&poll, events, ready); }

void UdpSocket::State::ready(uv_poll_t* handle, int status, int events) {
    auto& self = *static_cast<State*>(handle->data);
    if (status == 0 && (events & UV_WRITABLE) != 0) self.flush();
    // On an error, too: reading it takes it off the socket.
    if (status != 0 || (events & UV_READABLE) != 0) self.receive();
}

UdpSocket::UdpSocket(Loop& loop,
                     const Peer& bind_to,
                     std::string_view key,
                     OnDatagrams on_datagrams,
                     UdpOptions options) {
    const int fd = open_socket(bind_to, key);
    grow_receive_buffer(fd, options.receive_buffer_bytes);
    state_ = new State(loop.impl(), std::move(on_datagrams), options);
    state_->fd = fd;
    state_->is_ipv6 = !bind_to.is_ipv4();
    state_->prepare_receive();
    uv_poll_init(&state_->loop.loop, &state_->poll, fd);
    state_->poll.data = state_;
    state_->wait_for(UV_READABLE);
}

UdpSocket::~UdpSocket() {
    state_->flush();
    state_->loop.forget(*state_);
    uv_poll_stop(&state_->poll);
    uv_close(reinterpret_cast<uv_handle_t*>(&state_->poll),
             [](uv_handle_t* handle) { delete static_cast<State*>(handle->data); });
    close(state_->fd);  // now and not in the callback: the port is free at once
}

void UdpSocket::send(const Peer& to, ByteView bytes) { state_->enqueue(to, bytes); }

void UdpSocket::flush() { state_->flush(); }

Peer UdpSocket::local() const {
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    getsockname(state_->fd, reinterpret_cast<sockaddr*>(&address), &size);
    return Peer::from_sockaddr(reinterpret_cast<const sockaddr&>(address));
}

const UdpStats& UdpSocket::stats() const { return state_->stats; }

std::uint64_t UdpSocket::kernel_drops() const {
    std::array<std::uint32_t, kMeminfoFields> info{};
    socklen_t size = sizeof(info);
    if (getsockopt(state_->fd, SOL_SOCKET, SO_MEMINFO, info.data(), &size) != 0) return 0;
    return info[kMeminfoDrops];
}

std::size_t UdpSocket::receive_buffer_bytes() const {
    int bytes = 0;
    socklen_t size = sizeof(bytes);
    getsockopt(state_->fd, SOL_SOCKET, SO_RCVBUF, &bytes, &size);
    return static_cast<std::size_t>(bytes) / 2;  // the kernel doubles it for its own bookkeeping
}

}  // namespace helio::io
