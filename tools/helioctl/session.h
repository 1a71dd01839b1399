// What every verb is given: the settings, a client made on first use, and where to print.
#pragma once

#include "tools/helioctl/client.h"
#include "tools/helioctl/settings.h"

#include <boost/json/fwd.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace helio::ctl {

class Session {
  public:
    Settings settings;

    Client& client();

    // `text` for people, `value` with --json.
    void show(const boost::json::value& value, std::string_view text) const;
    void say(std::string_view text) const;  // only for people
    // Makes something.  Empty where there is one already and that is no matter; then it is said.
    std::optional<boost::json::object> create(const std::string& target,
                                              const boost::json::object& body,
                                              bool skip_existing,
                                              std::string_view what);

    // All elements of a list, page after page.  `target` may have a query.
    boost::json::array all(const std::string& target,
                           std::string_view list_name,
                           std::string_view service = "iotwireless");

    // The record of a device by DevEUI or Id; throws CtlError where there is none.
    boost::json::object device(const std::string& eui_or_id);
    std::string device_id(const std::string& eui_or_id);
    boost::json::object gateway(const std::string& eui_or_id);
    // By Id or name.
    bool has_profile(std::string_view name);
    std::string profile_id(const std::string& name_or_id);

    // The profile "default-REGION" and the destination "default": what is missing is made, and
    // said, or left alone (an empty answer).
    enum class Missing { make, leave };
    std::string default_profile(const std::string& region, Missing missing = Missing::make);
    std::string default_destination(Missing missing = Missing::make);
    // Of a service profile that asks devices for their status so often; made on demand.
    std::string status_profile(int requests_per_day);

  private:
    std::unique_ptr<Client> client_;
};

// "DevEui" and the like: whether a text has the form of an EUI (16 digits) or else is an Id.
bool is_eui(std::string_view text);

}  // namespace helio::ctl
