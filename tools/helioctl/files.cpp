#include "tools/helioctl/files.h"

#include "tools/helioctl/settings.h"

#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <iostream>
#include <iterator>

namespace helio::ctl {

std::string read_file(const std::string& path) {
    if (path == "-") return {std::istreambuf_iterator<char>(std::cin), {}};
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        throw CtlError(
            fmt::format("{} cannot be read ({}): check the path.", path, std::strerror(errno)));
    }
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace helio::ctl
