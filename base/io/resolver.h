// Addresses of names, looked up on another thread: the first that the system gives.
#pragma once

#include "base/io/peer.h"
#include "base/io/worker.h"

#include <functional>
#include <optional>
#include <string>

namespace helio::io {

class Resolver {
  public:
    // Absent where there is none.  On the loop, later; not once the Resolver is gone.
    using Done = std::function<void(std::optional<Peer>)>;

    explicit Resolver(Loop& loop) : worker_(loop, 100) {}

    // `host` is a name or an address, without brackets.
    void resolve(const std::string& host, std::uint16_t port, Done done);

  private:
    Worker worker_;
};

}  // namespace helio::io
