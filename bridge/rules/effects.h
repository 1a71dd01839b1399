// What rule actions need of the world, as interfaces: the engine decides, these carry.
//
// HttpSender and FileSink return at once and answer later, on the loop thread, through
// RuleEngine::on_http_answer and on_file_answer with the number they were given.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "bridge/rules/message.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace helio::bridge::rules {

class Publisher {
  public:
    virtual ~Publisher() = default;
    // An error is one sentence for a person.
    virtual Result<void, std::string> publish(const Publication& publication) = 0;
};

using CallId = std::uint64_t;

struct HttpRequest {
    std::string method = "POST";
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers;
    Bytes body;
    std::chrono::milliseconds timeout{3'000};
};
struct HttpAnswer {
    int status = 0;     // 0: no answer came
    std::string error;  // why none came, for a person
};
class HttpSender {
  public:
    virtual ~HttpSender() = default;
    virtual void send(CallId call, const HttpRequest& request) = 0;
};

struct FileAppend {
    std::string path;  // relative to the folder for rules' files: segments of plain names
    Bytes line;        // to be appended as it is
    std::uint64_t max_file_bytes = 0;
};
class FileSink {
  public:
    virtual ~FileSink() = default;
    virtual void append(CallId call, const FileAppend& append) = 0;
};

}  // namespace helio::bridge::rules
