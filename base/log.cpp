#include "base/log.h"

#include <array>
#include <charconv>
#include <mutex>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <unordered_map>

namespace helio::log {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::array<std::string_view, 5> kLevelNames = {
    "debug", "info", "warning", "error", "off"};

// Messages are constants of the program; the bound only guards against a caller who forgets that.
constexpr std::size_t kMaxSampledMessages = 1000;

bool is_plain(std::string_view text) {
    if (text.empty()) return false;
    for (const char c : text) {
        const auto u = static_cast<unsigned char>(c);
        if (u <= ' ' || u == 0x7f || c == '"' || c == '=' || c == '\\') return false;
    }
    return true;
}

// Quoted where needed, and without any byte that could end the line or steer a terminal.
void append_text(std::string& out, std::string_view text) {
    if (is_plain(text)) {
        out += text;
        return;
    }
    constexpr char kDigits[] = "0123456789abcdef";
    out += '"';
    for (const char c : text) {
        const auto u = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (u < ' ' || u == 0x7f) {
            out += "\\x";
            out += kDigits[u >> 4];
            out += kDigits[u & 15];
        } else {
            out += c;
        }
    }
    out += '"';
}

struct ValueWriter {
    std::string& out;
    void operator()(std::string_view text) const { append_text(out, text); }
    void operator()(bool value) const { out += value ? "true" : "false"; }
    void operator()(auto number) const {
        std::array<char, 32> buffer;
        const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
        out.append(buffer.data(), end);
    }
};

std::shared_ptr<spdlog::logger> standard_error_logger() {
    auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    auto logger = std::make_shared<spdlog::logger>("heliograph", std::move(sink));
    logger->set_formatter(std::make_unique<spdlog::pattern_formatter>(
        "%Y-%m-%dT%H:%M:%S.%eZ %v", spdlog::pattern_time_type::utc));
    logger->set_level(spdlog::level::trace);  // filtered here, before a line is made
    logger->flush_on(spdlog::level::trace);
    return logger;
}

}  // namespace

std::optional<Level> level_from_text(std::string_view text) {
    for (std::size_t i = 0; i < kLevelNames.size(); ++i) {
        if (kLevelNames[i] == text) return static_cast<Level>(i);
    }
    return std::nullopt;
}

struct Log::Impl {
    struct Sampled {
        SteadyTime next{};
        std::uint64_t left_out = 0;
    };
    std::shared_ptr<spdlog::logger> logger;
    std::function<void(std::string_view)> sink;
    std::mutex mutex;
    std::unordered_map<std::string, Sampled> sampled;
};

Log::Log(Level level) : level_(level), impl_(std::make_unique<Impl>()) {
    impl_->logger = standard_error_logger();
}

Log::Log(Level level, std::function<void(std::string_view)> sink)
    : level_(level), impl_(std::make_unique<Impl>()) {
    impl_->sink = std::move(sink);
}

Log::~Log() = default;

void Log::write(Level level, std::string_view message, Fields fields, std::uint64_t left_out) {
    if (!enabled(level)) return;
    std::string line = "level=";
    line += kLevelNames[static_cast<std::size_t>(level)];
    line += " msg=";
    append_text(line, message);
    const auto append_field = [&line](const Field& field) {
        line += ' ';
        line += field.key;
        line += '=';
        std::visit(ValueWriter{line}, field.value);
    };
    for (const Field& field : fields) append_field(field);
    if (left_out != 0) append_field({"left_out", left_out});

    if (impl_->sink) {
        impl_->sink(line);
    } else {
        impl_->logger->info(spdlog::string_view_t(line.data(), line.size()));
    }
}

void Log::sampled(Level level, std::string_view message, Fields fields) {
    if (!enabled(level)) return;
    std::uint64_t left_out = 0;
    {
        const SteadyTime now = std::chrono::steady_clock::now();
        const std::lock_guard lock(impl_->mutex);
        auto found = impl_->sampled.find(std::string(message));
        if (found == impl_->sampled.end()) {
            if (impl_->sampled.size() >= kMaxSampledMessages) return;
            found = impl_->sampled.emplace(message, Impl::Sampled{}).first;
        }
        Impl::Sampled& sample = found->second;
        if (now < sample.next) {
            ++sample.left_out;
            return;
        }
        left_out = std::exchange(sample.left_out, 0);
        sample.next = now + kSampleInterval;
    }
    write(level, message, fields, left_out);
}

}  // namespace helio::log
