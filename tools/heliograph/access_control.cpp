#include "tools/heliograph/access_control.h"

namespace helio::server {

AccessControl::AccessControl(const bridge::api::KeyRing& keys, bool anonymous_on_loopback)
    : access_keys_(keys) {
    gate_.add(access_keys_);
    gate_.add(unknown_users_);
    if (anonymous_on_loopback) gate_.add(anonymous_);
}

}  // namespace helio::server
