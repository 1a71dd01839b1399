// The verbs of one run of helioctl, in groups.
//
// Options live as long as the parser that fills them; a verb's callback only notes what is to be
// done, so that errors of the command line and of the work are told apart.
#pragma once

#include "tools/helioctl/session.h"

#include <CLI/CLI.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace helio::ctl {

class VerbTree {
  public:
    using Work = std::function<int()>;

    // The group of that name, made where there is none.
    CLI::App* group(const char* name, const char* help) {
        CLI::App*& made = groups_[name];
        if (made != nullptr) return made;
        made = app_.add_subcommand(name, help);
        made->require_subcommand(1);
        return made;
    }
    // A verb with options of type T; `work(session, options)`.
    template <class T, class F>
    std::pair<CLI::App*, T*> verb(CLI::App* parent, const char* name, const char* help, F work) {
        auto options = std::make_shared<T>();
        CLI::App* made = parent->add_subcommand(name, help);
        made->callback([this, options, work] {
            if (work_) return;  // of a verb inside of this one, which speaks first
            work_ = [this, options, work] {
                if constexpr (std::is_void_v<decltype(work(session_, *options))>) {
                    work(session_, *options);
                    return 0;
                } else {
                    return work(session_, *options);
                }
            };
        });
        return {made, options.get()};
    }
    // A verb whose only argument is a text.
    void verb_on(CLI::App* parent,
                 const char* name,
                 const char* help,
                 const char* argument,
                 void (*work)(Session&, const std::string&)) {
        auto [made, text] = verb<std::string>(parent, name, help, work);
        made->add_option(argument, *text)->required();
    }
    void bare_verb(CLI::App* parent, const char* name, const char* help, void (*work)(Session&)) {
        verb<int>(parent, name, help, [work](Session& session, int) { work(session); });
    }

  protected:
    Session session_;
    CLI::App app_{"Heliograph from the command line: gateways, devices, rules, identities."};
    Work work_;

  private:
    std::map<std::string, CLI::App*> groups_;
};

// identity_commands.cpp: certificates, CAs, policies, things, access keys.
void add_identity_verbs(VerbTree& tree);

}  // namespace helio::ctl
