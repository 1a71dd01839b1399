// Who may come in, and what they may do: the hooks that the wiring fills.
//
// The broker itself lets everybody do everything that the protocol allows.
#pragma once

#include "bridge/mqtt/packet/protocol.h"
#include "bridge/mqtt/packet/reason_code.h"
#include "bridge/mqtt/session/connect_request.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace helio::bridge::mqtt {

// Whatever an Authenticator finds out; subclasses carry what an Authorizer needs.
class Identity {
  public:
    explicit Identity(std::string name) : name_(std::move(name)) {}
    virtual ~Identity() = default;
    Identity(const Identity&) = delete;
    Identity& operator=(const Identity&) = delete;
    const std::string& name() const { return name_; }

  private:
    std::string name_;
};
using IdentityPtr = std::shared_ptr<const Identity>;

struct AuthResult {
    ReasonCode reason = ReasonCode::not_authorized;  // success lets in
    IdentityPtr identity;
};

class Authenticator {
  public:
    virtual ~Authenticator() = default;
    // Calls `answer` once, before it returns or later on the loop thread.  `request` is not kept.
    using Answer = std::function<void(AuthResult, Instant now)>;
    virtual void authenticate(const ConnectRequest& request, Instant now, Answer answer) = 0;
};

class Authorizer {
  public:
    virtual ~Authorizer() = default;
    virtual bool may_connect(const Identity* who, std::string_view client_id) = 0;
    virtual bool may_publish(const Identity* who,
                             std::string_view client_id,
                             std::string_view topic,
                             bool retain) = 0;
    // `filter` as the client wrote it: with $share/group/.
    virtual bool may_subscribe(const Identity* who,
                               std::string_view client_id,
                               std::string_view filter) = 0;
    // Asked for each delivery, and only where checks_receive() says so.
    virtual bool checks_receive() const { return false; }
    virtual bool may_receive(const Identity*, std::string_view /*client_id*/, std::string_view) {
        return true;
    }
};

}  // namespace helio::bridge::mqtt
