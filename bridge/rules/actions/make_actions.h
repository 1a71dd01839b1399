// The makers of the actions that are served, one file each; action_table.cpp walks them.
//
// Each reads its parameters and answers null where the Parameters have an error.
#pragma once

#include "bridge/rules/actions/parameters.h"

namespace helio::bridge::rules {

std::unique_ptr<Action> make_republish(Parameters& parameters);
std::unique_ptr<Action> make_http(Parameters& parameters);
std::unique_ptr<Action> make_file(Parameters& parameters);

}  // namespace helio::bridge::rules
