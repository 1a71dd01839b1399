#include "tools/helioctl/files.h"
#include "tools/helioctl/output.h"
#include "tools/helioctl/verbs.h"

#include <boost/json.hpp>
#include <cstdio>
#include <fmt/format.h>
#include <iostream>
#include <termios.h>
#include <unistd.h>

namespace helio::ctl {
namespace {

namespace json = boost::json;

// What is typed is not shown while it lives.
class Silence {
  public:
    Silence() {
        ok_ = tcgetattr(STDIN_FILENO, &before_) == 0;
        if (!ok_) return;
        termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    }
    ~Silence() {
        if (ok_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    }
    Silence(const Silence&) = delete;
    Silence& operator=(const Silence&) = delete;

  private:
    termios before_{};
    bool ok_ = false;
};

std::string ask(const char* question) {
    std::fputs(question, stderr);
    const Silence silence;
    std::string line;
    std::getline(std::cin, line);
    std::fputs("\n", stderr);
    return line;
}

// Never an argument: those are seen by everybody on the machine.
std::string password_of(const UserPassword& options) {
    std::string password;
    if (!options.password_file.empty() || isatty(STDIN_FILENO) == 0) {
        password = read_file(options.password_file.empty() ? "-" : options.password_file);
        password.resize(std::min(password.size(), password.find_first_of("\r\n")));
    } else {
        password = ask("Password: ");
        if (ask("Again: ") != password) throw CtlError("The two passwords differ.");
    }
    if (password.empty()) throw CtlError("A password must not be empty.");
    return password;
}

}  // namespace

void user_add(Session& session, const UserPassword& options) {
    const json::object made = session.client().post(
        "/users", {{"Name", options.name}, {"Password", password_of(options)}});
    session.show(made, fmt::format("Made the user {}.\n", options.name));
}

void user_passwd(Session& session, const UserPassword& options) {
    session.client().call("PUT",
                          "/users/" + escape(options.name),
                          json::serialize(json::object{{"Password", password_of(options)}}));
    session.show(json::object{{"Name", options.name}},
                 fmt::format("The user {} has another password.\n", options.name));
}

void user_list(Session& session) {
    json::array rows = session.all("/users", "UserList");
    Table table({"NAME", "CREATED", "PASSWORD OF"});
    for (const json::value& row : rows) {
        const json::object& user = row.as_object();
        table.add(
            {member(user, "Name"), member(user, "CreatedAt"), member(user, "PasswordChangedAt")});
    }
    session.show(rows, table.text("There is no user: `helioctl user add NAME`."));
}

void user_remove(Session& session, const std::string& name) {
    session.client().call("DELETE", "/users/" + escape(name));
    session.show(json::object{{"Name", name}}, fmt::format("Removed the user {}.\n", name));
}

}  // namespace helio::ctl
