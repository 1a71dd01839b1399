// Log lines for people and machines: a time, a level, a message and `key=value` fields.
//
// main owns the Log and hands it on by reference.  What input can provoke is logged with `sampled`
// only, so that nobody can make lines at full rate.
#pragma once

#include <atomic>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace helio::log {

enum class Level : std::uint8_t { debug, info, warning, error, off };

std::optional<Level> level_from_text(std::string_view text);

// Borrows its texts: made in the argument list of a call and not kept.
struct Field {
    Field(std::string_view k, std::string_view v) : key(k), value(v) {}
    Field(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
    Field(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}
    Field(std::string_view k, bool v) : key(k), value(v) {}
    template <std::signed_integral T>
    Field(std::string_view k, T v) : key(k), value(static_cast<std::int64_t>(v)) {}
    template <std::unsigned_integral T>
        requires(!std::same_as<T, bool>)
    Field(std::string_view k, T v) : key(k), value(static_cast<std::uint64_t>(v)) {}
    template <std::floating_point T>
    Field(std::string_view k, T v) : key(k), value(static_cast<double>(v)) {}

    std::string_view key;
    std::variant<std::string_view, bool, std::int64_t, std::uint64_t, double> value;
};
using Fields = std::initializer_list<Field>;

class Log {
  public:
    // Lines go to standard error: standard output belongs to what people pipe.
    explicit Log(Level level = Level::info);
    // Lines go to `sink`, without time and newline: `level=info msg="..." key=value`.
    Log(Level level, std::function<void(std::string_view line)> sink);
    ~Log();
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;

    // `message` is a constant text; what varies belongs into fields.
    void debug(std::string_view message, Fields fields = {}) {
        write(Level::debug, message, fields);
    }
    void info(std::string_view message, Fields fields = {}) { write(Level::info, message, fields); }
    void warning(std::string_view message, Fields fields = {}) {
        write(Level::warning, message, fields);
    }
    void error(std::string_view message, Fields fields = {}) {
        write(Level::error, message, fields);
    }

    // At most one line each kSampleInterval for a message; the next one says how many were left
    // out.
    static constexpr std::chrono::seconds kSampleInterval{10};
    void sampled(Level level, std::string_view message, Fields fields = {});

    bool enabled(Level level) const { return level >= level_; }
    // Any thread may log and change the level.
    void set_level(Level level) { level_ = level; }

  private:
    struct Impl;
    void write(Level level, std::string_view message, Fields fields, std::uint64_t left_out = 0);
    std::atomic<Level> level_;
    std::unique_ptr<Impl> impl_;
};

}  // namespace helio::log
