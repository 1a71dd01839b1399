// Shell completion as scripts: which words may follow which.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace helio::ctl {

// "device queue" -> {"list", "send", "flush", "--json"}
struct CompletionRow {
    std::string path;
    std::vector<std::string> words;
};

// `shell` is bash, zsh or fish.
std::string completion_script(std::string_view shell, const std::vector<CompletionRow>& rows);

}  // namespace helio::ctl
