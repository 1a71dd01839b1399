// Data folders with a network in them, written by the same code that the server reads them with, so
// that a million devices are there in a minute.
#pragma once

#include "tools/helio-sim/identity.h"

#include <filesystem>
#include <string>

namespace helio::bench {

struct NetworkPlan {
    std::uint32_t devices = 10'000;
    sim::Activation activation = sim::Activation::abp;
    std::string codec;  // JavaScript for all of them; empty: none
};

// A folder that is removed with its owner.
class TemporaryFolder {
  public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

// One registered gateway (the load generator's first) and the devices of sim::IdentityBase{}.
void make_network(const std::filesystem::path& data, const NetworkPlan& plan);

}  // namespace helio::bench
