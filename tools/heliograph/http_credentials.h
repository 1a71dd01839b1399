// What an HTTP request shows of who sends it.
#pragma once

#include "base/io/http_server.h"
#include "bridge/identity/credentials.h"

namespace helio::server {

bridge::identity::Credentials http_credentials(net::HttpRequest&& request,
                                               const io::Responder& from);

}  // namespace helio::server
