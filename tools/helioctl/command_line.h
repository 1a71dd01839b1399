// The command line of helioctl: its verbs, their options and their help.
#pragma once

namespace helio::ctl {

// Answers the exit status: 0, 1 where the answer is "no" or something went wrong, 2 for a wrong
// command line.
int run(int argc, char* argv[]);

}  // namespace helio::ctl
