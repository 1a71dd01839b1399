// Devices as lines of a CSV file (RFC 4180; ',' or ';' as spreadsheets write it), each cell
// checked.
//
// The first line names the columns, in any order: name, dev_eui, join_eui, app_key, nwk_s_key,
// app_s_key, dev_addr, profile, destination.
#pragma once

#include <boost/json/fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace helio::ctl {

struct CsvDevice {
    std::size_t line = 0;  // of the file, from 1
    std::string name, dev_eui, join_eui, app_key, nwk_s_key, app_s_key, dev_addr;
    std::string profile, destination;  // names; empty: the defaults
    bool allow_fcnt_reset = false;     // not a column: a choice for one device at a time
    bool is_abp() const { return !dev_addr.empty(); }
};

struct CsvProblem {
    std::size_t line = 0;
    std::string column;   // empty: the whole line
    std::string message;  // "must be 16 hexadecimal digits"
    friend bool operator==(const CsvProblem&, const CsvProblem&) = default;
};

struct CsvDevices {
    std::vector<CsvDevice> devices;  // the good ones
    std::vector<CsvProblem> problems;
};

CsvDevices read_devices(std::string_view text);

// As CreateWirelessDevice takes it.
boost::json::object device_request(const CsvDevice& device,
                                   const std::string& profile_id,
                                   const std::string& destination);

// "FILE:7: app_key must be 32 hexadecimal digits"
std::string problem_text(std::string_view file, const CsvProblem& problem);

}  // namespace helio::ctl
