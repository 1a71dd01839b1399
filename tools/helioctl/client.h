// Signed calls to the server over one connection that is kept open.
#pragma once

#include "tools/helioctl/settings.h"

#include <boost/json/fwd.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace helio::ctl {

// The server's refusal: its sentence, and its code for those who handle one.
class Refused : public CtlError {
  public:
    Refused(int http_status, std::string error_code, const std::string& sentence)
        : CtlError(sentence), status(http_status), code(std::move(error_code)) {}
    int status;
    std::string code;
};

// No answer came at all.
class Unreachable : public CtlError {
  public:
    using CtlError::CtlError;
};

class Client {
  public:
    Client(std::string endpoint, FoundKey key, const std::string& ca_file);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    using Header = std::pair<std::string, std::string>;
    // The body of the answer.  Throws Refused where the status is no success.
    std::string call(std::string_view method,
                     const std::string& target,
                     std::string_view body = {},
                     std::string_view service = "iotwireless",
                     const std::vector<Header>& headers = {});
    boost::json::object get(const std::string& target, std::string_view service = "iotwireless");
    boost::json::object post(const std::string& target,
                             const boost::json::object& body,
                             std::string_view service = "iotwireless");

  private:
    struct State;
    std::unique_ptr<State> state_;
};

// For one segment of a path or one value of a query.
std::string escape(std::string_view text);

}  // namespace helio::ctl
