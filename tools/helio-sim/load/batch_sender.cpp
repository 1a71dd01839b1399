#include "tools/helio-sim/load/batch_sender.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

namespace helio::sim {
namespace {

constexpr int kUdpSegment = 103;                // UDP_SEGMENT of <linux/udp.h>
constexpr std::size_t kMostSegmented = 60'000;  // bytes of one IP packet before it is cut
constexpr std::uint8_t kPushAck = 1;

int connected_socket(const io::Peer& to) {
    const int fd = socket(to.is_ipv4() ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_storage address{};
    const socklen_t size = to.to_sockaddr(address);
    if (fd < 0 || connect(fd, reinterpret_cast<const sockaddr*>(&address), size) != 0) {
        const std::string why = std::strerror(errno);
        if (fd >= 0) close(fd);
        throw std::runtime_error("no UDP socket to " + to.text() + ": " + why);
    }
    return fd;
}

}  // namespace

BatchSender::BatchSender(const io::Peer& to) : fd_(connected_socket(to)) {}

BatchSender::~BatchSender() { close(fd_); }

std::size_t BatchSender::send(ByteView bytes, std::size_t size) {
    if (segmentation_ && bytes.size() <= kMostSegmented && bytes.size() > size) {
        const std::size_t sent = send_segmented(bytes, size);
        if (segmentation_) return sent;
    }
    return send_each(bytes, size);
}

std::size_t BatchSender::send_segmented(ByteView bytes, std::size_t size) {
    iovec part{const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(std::uint16_t))> control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_UDP;
    header->cmsg_type = kUdpSegment;
    header->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
    const auto segment = static_cast<std::uint16_t>(size);
    std::memcpy(CMSG_DATA(header), &segment, sizeof(segment));
    if (sendmsg(fd_, &message, 0) >= 0) return bytes.size() / size;
    if (errno == EINVAL || errno == EIO || errno == EOPNOTSUPP) segmentation_ = false;
    return 0;
}

std::size_t BatchSender::send_each(ByteView bytes, std::size_t size) {
    std::array<mmsghdr, kMost> messages{};
    std::array<iovec, kMost> parts;
    const std::size_t count = bytes.size() / size;
    for (std::size_t i = 0; i < count; ++i) {
        parts[i] = {const_cast<std::uint8_t*>(bytes.data()) + i * size, size};
        messages[i].msg_hdr.msg_iov = &parts[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    const int sent = sendmmsg(fd_, messages.data(), static_cast<unsigned>(count), 0);
    return sent < 0 ? 0 : static_cast<std::size_t>(sent);
}

std::size_t BatchSender::drain() {
    std::array<std::array<std::uint8_t, 4>, kMost> heads;
    std::array<mmsghdr, kMost> messages{};
    std::array<iovec, kMost> parts;
    std::size_t push_acks = 0;
    for (int got = kMost; got == static_cast<int>(kMost);) {
        for (std::size_t i = 0; i < kMost; ++i) {
            parts[i] = {heads[i].data(), heads[i].size()};
            messages[i].msg_hdr.msg_iov = &parts[i];
            messages[i].msg_hdr.msg_iovlen = 1;
        }
        got = recvmmsg(fd_, messages.data(), kMost, MSG_DONTWAIT | MSG_TRUNC, nullptr);
        for (int i = 0; i < got; ++i)
            push_acks += heads[static_cast<std::size_t>(i)][3] == kPushAck;
    }
    return push_acks;
}

}  // namespace helio::sim
