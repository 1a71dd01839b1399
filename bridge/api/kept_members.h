// AWS's members that this server keeps and gives back without acting on them: checked as AWS checks
// them, so that what is given back is what a client's parser expects.
#pragma once

#include "bridge/api/fields.h"

namespace helio::bridge::api {

// JoinEuiFilters, NetIdFilters and Beaconing of a gateway.
void check_gateway_members(const Fields& in);

// FPorts of a device's LoRaWAN object.
void check_fports(const Fields& lorawan);

// "Enabled" or "Disabled".
void check_positioning(const Fields& body);

}  // namespace helio::bridge::api
