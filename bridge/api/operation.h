// One row an operation: all there is to say about it but what its handler does.
//
// Services share paths; the service name in the signature's scope decides which row is meant.
#pragma once

#include "base/time.h"
#include "bridge/api/context.h"
#include "bridge/api/error.h"
#include "bridge/api/request.h"

#include <boost/json/fwd.hpp>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace helio::bridge::api {

enum class Service : std::uint8_t {
    open,  // for everybody, unsigned
    iotwireless,
    iot,
    iotdata,
};

// The names in a signature's scope that mean a service; absent for a foreign one.
std::optional<Service> service_named(std::string_view scope_service);

// What an operation is given: decoded labels of the path, decoded query, body.
struct Call {
    const HttpRequest& request;
    Instant now;
    std::vector<std::pair<std::string_view, std::string>> labels{};
    std::vector<std::pair<std::string, std::string>> query{};

    // The label must be one of the row's pattern.
    const std::string& label(std::string_view name) const;
    std::optional<std::string_view> parameter(std::string_view name) const;
    std::vector<std::string_view> parameters(std::string_view name) const;
};

struct Reply;
using Outcome = Result<Reply, ApiError>;
using Finish = std::function<void(Outcome)>;

struct Reply {
    std::string body{};
    store::Position wait_for = 0;
    std::string_view content_type = "application/json";
    // Set: the answer comes later.  It is called once with what takes the answer, from the loop
    // thread; the rest of this reply means nothing.
    std::function<void(Finish)> later{};
};
using Handler = Outcome (*)(Context&, const Call&);

struct Operation {
    Service service;
    std::string_view name;
    std::string_view method;
    std::string_view uri;  // "/wireless-devices/{Id}/data": a label is one segment of the path
    int status;            // of success
    Handler handler;
};

std::span<const Operation> operations();

// Fills the labels of `call`; nullptr where no row fits.
const Operation* find_operation(std::span<const Operation> rows,
                                Service service,
                                std::string_view method,
                                std::string_view path,
                                Call& call);

}  // namespace helio::bridge::api
