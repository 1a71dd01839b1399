// Reads a figure of the server's own GET /metrics.
#pragma once

#include <cstdint>
#include <string>

namespace helio::bench {

// The sum over all labels; throws std::runtime_error where the server does not answer.
double read_metric(std::uint16_t http_port, const std::string& name);

}  // namespace helio::bench
