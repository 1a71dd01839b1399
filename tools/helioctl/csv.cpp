#include "tools/helioctl/csv.h"

#include "base/bytes.h"

#include <algorithm>
#include <boost/json.hpp>
#include <fmt/format.h>
#include <map>

namespace helio::ctl {
namespace {

namespace json = boost::json;

struct Line {
    std::size_t number;
    std::vector<std::string> cells;
    bool open_quote = false;  // the file ended inside of a quoted cell
};

// Takes one record off the front of `rest`; a quoted cell may span lines.
Line next_line(std::string_view& rest, std::size_t& number, char separator) {
    Line line{.number = number, .cells = {""}};
    bool quoted = false;
    std::size_t i = 0;
    for (; i < rest.size(); ++i) {
        const char c = rest[i];
        if (c == '\n') ++number;
        if (quoted) {
            if (c != '"') {
                line.cells.back() += c;
            } else if (i + 1 < rest.size() && rest[i + 1] == '"') {
                line.cells.back() += '"';
                ++i;
            } else {
                quoted = false;
            }
        } else if (c == '"' && line.cells.back().empty()) {
            quoted = true;
        } else if (c == separator) {
            line.cells.emplace_back();
        } else if (c == '\n') {
            break;
        } else if (c != '\r') {
            line.cells.back() += c;
        }
    }
    line.open_quote = quoted;
    rest.remove_prefix(std::min(rest.size(), i + 1));
    return line;
}

std::string trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return "";
    return std::string(text.substr(first, text.find_last_not_of(" \t") - first + 1));
}

using Cell = std::string CsvDevice::*;

struct Column {
    std::string_view name;
    Cell cell;
    std::size_t digits;  // hexadecimal; 0: a text
};
constexpr Column kColumns[] = {
    {"name", &CsvDevice::name, 0},
    {"dev_eui", &CsvDevice::dev_eui, 16},
    {"join_eui", &CsvDevice::join_eui, 16},
    {"app_key", &CsvDevice::app_key, 32},
    {"nwk_s_key", &CsvDevice::nwk_s_key, 32},
    {"app_s_key", &CsvDevice::app_s_key, 32},
    {"dev_addr", &CsvDevice::dev_addr, 8},
    {"profile", &CsvDevice::profile, 0},
    {"destination", &CsvDevice::destination, 0},
};

// The digits alone where they may be grouped: "01-02-..." and "01:02:..." are common on labels.
std::string digits_of(const std::string& cell) {
    std::string out;
    std::ranges::copy_if(
        cell, std::back_inserter(out), [](char c) { return c != '-' && c != ':' && c != ' '; });
    return out;
}

class Reader {
  public:
    CsvDevices out;

    // Which column stands where; false where the first line cannot be used.
    bool read_head(const Line& head) {
        for (const std::string& cell : head.cells) {
            std::string name = trimmed(cell);
            std::ranges::transform(name, name.begin(), [](char c) {
                return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
            });
            const auto* column = std::ranges::find(kColumns, name, &Column::name);
            if (column == std::end(kColumns)) {
                note(head.number, name, "is no column: use " + names());
                return false;
            }
            if (std::ranges::find(columns_, column) != columns_.end()) {
                note(head.number, name, "stands there twice");
                return false;
            }
            columns_.push_back(column);
        }
        if (std::ranges::find(columns_, &kColumns[1]) == columns_.end()) {
            note(head.number, "dev_eui", "is missing from the first line, which names the columns");
            return false;
        }
        return true;
    }

    void read(const Line& line) {
        const std::size_t before = out.problems.size();
        if (line.open_quote) note(line.number, "", "a '\"' is not closed");
        if (line.cells.size() != columns_.size()) {
            note(line.number,
                 "",
                 fmt::format(
                     "has {} cells, the first line names {}", line.cells.size(), columns_.size()));
        }
        if (out.problems.size() != before) return;
        CsvDevice device{.line = line.number};
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            const Column& column = *columns_[i];
            std::string value = trimmed(line.cells[i]);
            if (column.digits > 0 && !value.empty()) {
                value = digits_of(value);
                if (value.size() != column.digits || !from_hex(value)) {
                    note(line.number,
                         column.name,
                         fmt::format("must be {} hexadecimal digits", column.digits));
                }
            }
            device.*column.cell = std::move(value);
        }
        check(device);
        if (out.problems.size() == before) out.devices.push_back(std::move(device));
    }

  private:
    void note(std::size_t line, std::string_view column, std::string message) {
        out.problems.push_back({line, std::string(column), std::move(message)});
    }

    static std::string names() {
        std::string all;
        for (const Column& column : kColumns) {
            if (!all.empty()) all += ", ";
            all += column.name;
        }
        return all;
    }

    void need(const CsvDevice& device, Cell cell, std::string_view column, const char* why) {
        if ((device.*cell).empty()) note(device.line, column, why);
    }

    void check(const CsvDevice& device) {
        need(device, &CsvDevice::dev_eui, "dev_eui", "is empty: every device has one");
        if (!device.dev_eui.empty()) {
            const auto [first, fresh] = lines_.emplace(device.dev_eui, device.line);
            if (!fresh) {
                note(device.line,
                     "dev_eui",
                     fmt::format("is the same as in line {}", first->second));
            }
        }
        if (device.is_abp()) {
            const char* why = "is empty: a device with a dev_addr (ABP) needs it";
            need(device, &CsvDevice::nwk_s_key, "nwk_s_key", why);
            need(device, &CsvDevice::app_s_key, "app_s_key", why);
            if (!device.app_key.empty()) {
                note(device.line, "app_key", "must be empty where dev_addr (ABP) is given");
            }
        } else {
            const char* why = "is empty: a device without a dev_addr (OTAA) needs it";
            need(device, &CsvDevice::app_key, "app_key", why);
            need(device, &CsvDevice::join_eui, "join_eui", why);
        }
    }

    std::vector<const Column*> columns_;
    std::map<std::string, std::size_t> lines_;  // DevEUI -> where it stands first
};

char separator_of(std::string_view text) {
    const std::string_view first = text.substr(0, text.find('\n'));
    return std::ranges::count(first, ';') > std::ranges::count(first, ',') ? ';' : ',';
}

}  // namespace

CsvDevices read_devices(std::string_view text) {
    constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    const char separator = separator_of(text);
    std::size_t number = 1;
    Reader reader;
    bool headed = false;
    while (!text.empty()) {
        const std::size_t at = number;
        Line line = next_line(text, number, separator);
        line.number = at;
        if (line.cells.size() == 1 && trimmed(line.cells[0]).empty()) continue;
        if (headed) {
            reader.read(line);
        } else if (!(headed = reader.read_head(line))) {
            break;
        }
    }
    if (!headed && reader.out.problems.empty()) {
        reader.out.problems.push_back({1, "", "the file is empty"});
    }
    return std::move(reader.out);
}

json::object device_request(const CsvDevice& device,
                            const std::string& profile_id,
                            const std::string& destination) {
    json::object lorawan{{"DevEui", device.dev_eui}, {"DeviceProfileId", profile_id}};
    if (device.is_abp()) {
        lorawan["AbpV1_0_x"] = json::object{
            {"DevAddr", device.dev_addr},
            {"SessionKeys",
             json::object{{"NwkSKey", device.nwk_s_key}, {"AppSKey", device.app_s_key}}}};
        if (device.allow_fcnt_reset) lorawan["AbpV1_0_x"].as_object()["AllowFCntReset"] = true;
    } else {
        lorawan["OtaaV1_0_x"] =
            json::object{{"AppKey", device.app_key}, {"AppEui", device.join_eui}};
    }
    json::object out{
        {"Type", "LoRaWAN"}, {"DestinationName", destination}, {"LoRaWAN", std::move(lorawan)}};
    if (!device.name.empty()) out["Name"] = device.name;
    return out;
}

std::string problem_text(std::string_view file, const CsvProblem& problem) {
    return fmt::format("{}:{}: {}{}{}",
                       file,
                       problem.line,
                       problem.column,
                       problem.column.empty() ? "" : " ",
                       problem.message);
}

}  // namespace helio::ctl
