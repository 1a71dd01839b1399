#include "tools/helioctl/completion.h"

#include <cassert>
#include <fmt/format.h>

namespace helio::ctl {
namespace {

std::string bash_script(const std::vector<CompletionRow>& rows) {
    std::string cases;
    for (const CompletionRow& row : rows) {
        cases +=
            fmt::format("        \"{}\") words=\"{}\" ;;\n", row.path, fmt::join(row.words, " "));
    }
    return R"(# helioctl completion for bash: source it, or put it into
# ~/.local/share/bash-completion/completions/helioctl
_helioctl() {
    local path="" word words i
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        case "$word" in -*) continue ;; esac
        case " $(_helioctl_words "$path") " in *" $word "*) path="${path:+$path }$word" ;; esac
    done
    words=$(_helioctl_words "$path")
    COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))
    if [ ${#COMPREPLY[@]} -eq 0 ]; then COMPREPLY=($(compgen -f -- "${COMP_WORDS[COMP_CWORD]}")); fi
}
_helioctl_words() {
    local words=""
    case "$1" in
)" + cases +
           R"(    esac
    echo "$words"
}
complete -F _helioctl helioctl
)";
}

std::string zsh_script(const std::vector<CompletionRow>& rows) {
    return "#compdef helioctl\n"
           "# helioctl completion for zsh: source it after `compinit`.\n"
           "autoload -U +X bashcompinit && bashcompinit\n" +
           bash_script(rows);
}

std::string fish_script(const std::vector<CompletionRow>& rows) {
    std::string out =
        "# helioctl completion for fish: put it into ~/.config/fish/completions/helioctl.fish\n"
        "function __helioctl_path\n"
        "    set -l words (commandline -opc | string match -v -- '-*')\n"
        "    echo (string join ' ' -- $words[2..-1])\n"
        "end\n"
        "complete -c helioctl -f\n";
    for (const CompletionRow& row : rows) {
        std::vector<std::string> plain;
        for (const std::string& word : row.words) {
            if (word.starts_with("--")) {
                const std::string name = word.substr(2);
                const std::string condition =
                    row.path.empty()
                        ? ""
                        : fmt::format(" -n \"string match -q -- '{}*' (__helioctl_path)\"",
                                      row.path);
                out += fmt::format("complete -c helioctl{} -l {}\n", condition, name);
            } else {
                plain.push_back(word);
            }
        }
        if (plain.empty()) continue;
        out += fmt::format("complete -c helioctl -n \"test (__helioctl_path) = '{}'\" -a '{}'\n",
                           row.path,
                           fmt::join(plain, " "));
    }
    return out;
}

}  // namespace

std::string completion_script(std::string_view shell, const std::vector<CompletionRow>& rows) {
    if (shell == "zsh") return zsh_script(rows);
    if (shell == "fish") return fish_script(rows);
    assert(shell == "bash");
    return bash_script(rows);
}

}  // namespace helio::ctl
