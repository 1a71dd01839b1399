// Reads what a person names on the command line.
#pragma once

#include <string>

namespace helio::ctl {

// "-" is the standard input.  Throws CtlError where the file cannot be read.
std::string read_file(const std::string& path);

}  // namespace helio::ctl
