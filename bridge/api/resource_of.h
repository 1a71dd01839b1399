// What an operation is done to, as policies name it: "arn:aws:iot:...:thing/pump", or "*" where no
// one resource is meant.
#pragma once

#include "bridge/api/operation.h"

#include <string>

namespace helio::bridge::api {

// "iot:CreateThing"
std::string action_of(const Operation& row);
std::string resource_of(const Operation& row, const Call& call, const ApiConfig& config);

}  // namespace helio::bridge::api
