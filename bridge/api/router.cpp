#include "bridge/api/operation.h"

#include <cassert>

namespace helio::bridge::api {
namespace {

std::string_view next_segment(std::string_view& rest) {
    assert(rest.starts_with('/'));
    rest.remove_prefix(1);
    const std::string_view segment = rest.substr(0, rest.find('/'));
    rest.remove_prefix(segment.size());
    return segment;
}

using Labels = decltype(Call::labels);

// Labels are decoded after the path is split, so that an encoded slash stays inside its segment.
bool fits(std::string_view pattern, std::string_view path, Labels& labels) {
    labels.clear();
    while (pattern.starts_with('/') && path.starts_with('/')) {
        const std::string_view expected = next_segment(pattern);
        const std::string_view segment = next_segment(path);
        if (!expected.starts_with('{')) {
            if (segment != expected) return false;
            continue;
        }
        auto value = crypto::sigv4::uri_decode(segment);
        if (!value || value->empty()) return false;
        labels.emplace_back(expected.substr(1, expected.size() - 2), *std::move(value));
    }
    return pattern.empty() && path.empty();
}

}  // namespace

std::optional<Service> service_named(std::string_view scope_service) {
    if (scope_service == "iotwireless") return Service::iotwireless;
    // Old botocore signed the control plane as execute-api.
    if (scope_service == "iot" || scope_service == "execute-api") return Service::iot;
    if (scope_service == "iotdata" || scope_service == "iotdevicegateway") return Service::iotdata;
    return std::nullopt;
}

const std::string& Call::label(std::string_view name) const {
    for (const auto& [label, value] : labels) {
        if (label == name) return value;
    }
    assert(false && "the pattern of the operation has no such label");
    static const std::string kNone;
    return kNone;
}

std::optional<std::string_view> Call::parameter(std::string_view name) const {
    for (const auto& [key, value] : query) {
        if (key == name) return value;
    }
    return std::nullopt;
}

std::vector<std::string_view> Call::parameters(std::string_view name) const {
    std::vector<std::string_view> values;
    for (const auto& [key, value] : query) {
        if (key == name) values.push_back(value);
    }
    return values;
}

const Operation* find_operation(std::span<const Operation> rows,
                                Service service,
                                std::string_view method,
                                std::string_view path,
                                Call& call) {
    for (const Operation& row : rows) {
        if (row.service == service && row.method == method && fits(row.uri, path, call.labels)) {
            return &row;
        }
    }
    return nullptr;
}

}  // namespace helio::bridge::api
