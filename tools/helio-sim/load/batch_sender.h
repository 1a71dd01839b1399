// A UDP socket that sends up to 64 datagrams of one size in a system call, by the kernel's
// segmentation offload where it has that (the cheapest way by far), else by sendmmsg.
#pragma once

#include "base/bytes.h"
#include "base/io/peer.h"

namespace helio::sim {

class BatchSender {
  public:
    static constexpr std::size_t kMost = 64;

    // Throws std::runtime_error where no socket can be had.
    explicit BatchSender(const io::Peer& to);
    ~BatchSender();
    BatchSender(const BatchSender&) = delete;
    BatchSender& operator=(const BatchSender&) = delete;

    // `bytes` are datagrams of `size`, one behind the other; how many were sent.
    std::size_t send(ByteView bytes, std::size_t size);

    // Reads what has come back and throws it away; how many PUSH_ACK were among it.
    std::size_t drain();

  private:
    std::size_t send_segmented(ByteView bytes, std::size_t size);
    std::size_t send_each(ByteView bytes, std::size_t size);

    int fd_;
    bool segmentation_ = true;
};

}  // namespace helio::sim
