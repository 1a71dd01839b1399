// Who signed this HTTP request or this upgrade to a WebSocket (AWS Signature Version 4)?
//
// A request is signed for iotdata or iotdevicegateway; an upgrade in its query for
// iotdevicegateway, where the security token is added behind the signature.
#pragma once

#include "bridge/api/credentials.h"
#include "bridge/identity/gate.h"

#include <string>

namespace helio::bridge::identity {

class SigV4Checker final : public Checker {
  public:
    explicit SigV4Checker(const api::KeyRing& keys) : keys_(keys) {}

    bool is_for(const Credentials& shown) const override;
    void check(const Credentials& shown, Instant now, Answer answer) override;

    // Before there is a CONNECT, an upgrade that is signed wrongly can be refused as HTTP.
    static bool is_signed(const net::HttpRequest& request);
    // The access key id.
    Result<std::string, Refusal> signer_of(const net::HttpRequest& request,
                                           Way way,
                                           Instant now) const;

  private:
    const api::KeyRing& keys_;
};

}  // namespace helio::bridge::identity
