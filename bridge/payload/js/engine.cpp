#include "bridge/payload/js/engine.h"

#include "bridge/payload/js/prelude.h"
#include "bridge/payload/js/watchdog.h"

#include <charconv>
#include <js/Array.h>
#include <js/CallAndConstruct.h>
#include <js/CharacterEncoding.h>
#include <js/CompilationAndEvaluation.h>
#include <js/Conversions.h>
#include <js/ErrorReport.h>
#include <js/Exception.h>
#include <js/Initialization.h>
#include <js/Interrupt.h>
#include <js/SourceText.h>
#include <jsapi.h>
#include <jsfriendapi.h>
#include <list>
#include <stdexcept>
#include <unordered_map>

namespace helio::bridge::payload::js {
namespace {

constexpr std::size_t kNativeStack = 512u << 10;

// As a Lambda function finds them.  Codecs get none: some look for it and would hide in it.
constexpr std::string_view kModule = "var module = {exports: {}}; var exports = module.exports;";

constexpr JSClass kGlobalClass = {"Codec", JSCLASS_GLOBAL_FLAGS, &JS::DefaultGlobalClassOps};

// A codec that is ready to be called.  Its rooted objects keep the global alive.
struct Compiled {
    explicit Compiled(JSContext* context)
        : global(context), decode(context), encode(context), check(context), authorize(context) {}
    JS::PersistentRootedObject global;
    JS::PersistentRootedValue decode;
    JS::PersistentRootedValue encode;
    JS::PersistentRootedValue check;
    JS::PersistentRootedValue authorize;
};

std::string to_utf8(JSContext* context, JS::HandleValue value) {
    JS::RootedString text(context, JS::ToString(context, value));
    if (!text) {
        JS_ClearPendingException(context);
        return {};
    }
    const JS::UniqueChars chars = JS_EncodeStringToUTF8(context, text);
    return chars ? std::string(chars.get()) : std::string();
}

bool evaluate(JSContext* context,
              std::string_view source,
              const char* name,
              JS::MutableHandleValue out) {
    JS::CompileOptions options(context);
    options.setFileAndLine(name, 1);
    JS::SourceText<mozilla::Utf8Unit> text;
    return text.init(context, source.data(), source.size(), JS::SourceOwnership::Borrowed) &&
           JS::Evaluate(context, options, text, out);
}

std::string take_exception(JSContext* context) {
    JS::ExceptionStack stack(context);
    if (!JS_IsExceptionPending(context) || !JS::StealPendingExceptionStack(context, &stack)) {
        JS_ClearPendingException(context);
        return {};
    }
    JS::ErrorReportBuilder report(context);
    if (!report.init(context, stack, JS::ErrorReportBuilder::NoSideEffects)) {
        JS_ClearPendingException(context);
        return "the codec threw something that cannot be shown";
    }
    std::string text = report.toStringResult() ? report.toStringResult().c_str() : "it threw";
    if (report.report() != nullptr && report.report()->lineno != 0) {
        text += " (line " + std::to_string(report.report()->lineno) + ")";
    }
    return text;
}

// What is for people to read is not what fills the pipe.
std::string shortened(std::string text) {
    constexpr std::size_t kMaxText = 1'000;
    if (text.size() <= kMaxText) return text;
    std::size_t end = kMaxText;
    while (end > 0 && (text[end] & 0xc0) == 0x80) --end;  // in the middle of a character
    return text.substr(0, end) + "...";
}

bool is_valid_utf8(std::string_view text) {
    return mozilla::IsUtf8(mozilla::Span(text.data(), text.size()));
}

}  // namespace

struct Engine::State {
    explicit State(EngineLimits limits_in) : limits(limits_in) {}

    using Recent = std::list<std::pair<std::uint64_t, std::unique_ptr<Compiled>>>;

    EngineLimits limits;
    JSContext* context = nullptr;
    std::unique_ptr<Watchdog> watchdog;
    Recent recent;  // front: the last used
    std::unordered_map<std::uint64_t, Recent::iterator> by_id;

    Compiled* find_or_compile(const proto::Job& job, proto::Answer& answer);
    void forget(std::uint64_t codec);
    bool call(const proto::Job& job, Compiled& codec, JS::MutableHandleValue result);
    void read_result(const proto::Job& job, JS::HandleValue result, proto::Answer& answer);
    void explain_failure(proto::Answer& answer);
    std::string element(JS::HandleObject list, std::uint32_t index);
};

Engine::Engine(EngineLimits limits) : state_(std::make_unique<State>(limits)) {
    if (!JS_Init()) throw std::runtime_error("the JavaScript engine could not start");
    state_->context = JS_NewContext(limits.heap_bytes);
    if (state_->context == nullptr) {
        throw std::runtime_error("the JavaScript engine has no memory for its context");
    }
    JS_SetNativeStackQuota(state_->context, kNativeStack);
    if (!::js::UseInternalJobQueues(state_->context) || !JS::InitSelfHostedCode(state_->context)) {
        throw std::runtime_error("the JavaScript engine could not load its own library");
    }
    JS_AddInterruptCallback(state_->context, [](JSContext* context) {
        return !static_cast<Watchdog*>(JS_GetContextPrivate(context))->expired();
    });
    JSContext* const context = state_->context;
    state_->watchdog =
        std::make_unique<Watchdog>([context] { JS_RequestInterruptCallback(context); });
    JS_SetContextPrivate(context, state_->watchdog.get());
}

Engine::~Engine() {
    state_->watchdog.reset();
    state_->by_id.clear();
    state_->recent.clear();
    JS_DestroyContext(state_->context);
    JS_ShutDown();
}

void Engine::State::forget(std::uint64_t codec) {
    const auto found = by_id.find(codec);
    if (found == by_id.end()) return;
    recent.erase(found->second);
    by_id.erase(found);
}

Compiled* Engine::State::find_or_compile(const proto::Job& job, proto::Answer& answer) {
    if (const auto found = by_id.find(job.codec()); found != by_id.end()) {
        recent.splice(recent.begin(), recent, found->second);
        return found->second->second.get();
    }
    if (job.source().empty()) {
        answer.set_error("the codec's source is not known to the codec host");
        answer.set_forget_codec(true);
        return nullptr;
    }
    if (!is_valid_utf8(job.source())) {
        answer.set_error("the codec's source is not UTF-8");
        return nullptr;
    }
    JS::RealmOptions options;
    auto codec = std::make_unique<Compiled>(context);
    codec->global =
        JS_NewGlobalObject(context, &kGlobalClass, nullptr, JS::FireOnNewGlobalHook, options);
    if (!codec->global) {
        answer.set_error("the codec host is out of memory");
        return nullptr;
    }
    const JSAutoRealm realm(context, codec->global);
    JS::RootedValue value(context);
    if (!JS::InitRealmStandardClasses(context) ||
        !evaluate(context, prelude(), "prelude.js", &value)) {
        answer.set_error("the codec host is out of memory");
        JS_ClearPendingException(context);
        return nullptr;
    }
    JS::RootedObject functions(context, &value.toObject());
    if (!JS_GetProperty(context, functions, "decode", &codec->decode) ||
        !JS_GetProperty(context, functions, "encode", &codec->encode) ||
        !JS_GetProperty(context, functions, "check", &codec->check) ||
        !JS_GetProperty(context, functions, "authorize", &codec->authorize) ||
        (job.function() == proto::Job::AUTHORIZE &&
         !evaluate(context, kModule, "prelude.js", &value)) ||
        !evaluate(context, job.source(), "codec.js", &value)) {
        explain_failure(answer);
        answer.set_forget_codec(true);
        return nullptr;
    }
    if (recent.size() >= limits.kept_codecs) {
        by_id.erase(recent.back().first);
        recent.pop_back();
    }
    recent.emplace_front(job.codec(), std::move(codec));
    by_id[job.codec()] = recent.begin();
    return recent.front().second.get();
}

void Engine::State::explain_failure(proto::Answer& answer) {
    if (watchdog->expired()) {
        JS_ClearPendingException(context);
        answer.set_out_of_time(true);
        answer.set_error("the codec ran longer than " + std::to_string(limits.run_time.count()) +
                         " ms");
        return;
    }
    std::string text = shortened(take_exception(context));
    answer.set_error(text.empty() ? "the codec was stopped: it ran out of memory" : text);
}

bool Engine::State::call(const proto::Job& job, Compiled& codec, JS::MutableHandleValue result) {
    const auto string_value = [this](std::string_view text, JS::MutableHandleValue out) {
        JSString* const string =
            JS_NewStringCopyUTF8N(context, JS::UTF8Chars(text.data(), text.size()));
        if (string == nullptr) return false;
        out.setString(string);
        return true;
    };
    JS::RootedVector<JS::Value> arguments(context);
    if (job.function() == proto::Job::CHECK) {
        return JS_CallFunctionValue(context, nullptr, codec.check, arguments, result);
    }
    JS::RootedValue variables(context);
    if (!string_value(job.variables_json(), &variables)) return false;
    const JS::RootedValue fport(context, JS::NumberValue(job.fport()));
    if (job.function() == proto::Job::DECODE_UPLINK) {
        JS::RootedVector<JS::Value> bytes(context);
        if (!bytes.reserve(job.data().size())) return false;
        for (const char byte : job.data()) {
            bytes.infallibleAppend(JS::Int32Value(static_cast<std::uint8_t>(byte)));
        }
        JS::RootedObject list(context, JS::NewArrayObject(context, bytes));
        if (!list) return false;
        return arguments.append(JS::ObjectValue(*list)) && arguments.append(fport) &&
               arguments.append(JS::NumberValue(static_cast<double>(job.received_at_ms()))) &&
               arguments.append(variables) &&
               JS_CallFunctionValue(context, nullptr, codec.decode, arguments, result);
    }
    JS::RootedValue object(context);
    if (!string_value(job.object_json(), &object)) return false;
    if (job.function() == proto::Job::AUTHORIZE) {
        return arguments.append(object) &&
               JS_CallFunctionValue(context, nullptr, codec.authorize, arguments, result);
    }
    return arguments.append(object) && arguments.append(fport) && arguments.append(variables) &&
           JS_CallFunctionValue(context, nullptr, codec.encode, arguments, result);
}

std::string Engine::State::element(JS::HandleObject list, std::uint32_t index) {
    JS::RootedValue value(context);
    if (!JS_GetElement(context, list, index, &value)) {
        JS_ClearPendingException(context);
        return {};
    }
    return to_utf8(context, value);
}

// "FPort,byte,byte..." as the prelude's encode gives it.
static bool parse_encoded(const std::string& text, proto::Answer& answer) {
    const char* at = text.data();
    const char* const end = at + text.size();
    const auto number = [&](unsigned& out) {
        const auto [next, error] = std::from_chars(at, end, out);
        at = next;
        return error == std::errc();
    };
    unsigned value = 0;
    if (!number(value) || value > 255) return false;
    answer.set_fport(value);
    while (at != end) {
        if (*at++ != ',' || !number(value) || value > 255) return false;
        answer.mutable_data()->push_back(static_cast<char>(value));
    }
    return true;
}

void Engine::State::read_result(const proto::Job& job,
                                JS::HandleValue result,
                                proto::Answer& answer) {
    if (!result.isObject()) {  // it changed what arrays do, of which the prelude's answer is one
        return answer.set_error("the codec broke the library of its context");
    }
    JS::RootedObject list(context, &result.toObject());
    std::uint32_t size = 0;
    if (!JS::GetArrayLength(context, list, &size)) return explain_failure(answer);
    std::string value = element(list, 0);
    std::string error = shortened(element(list, 1));
    for (std::uint32_t i = 2; i < size && i < 12; ++i) {
        answer.add_warnings(shortened(element(list, i)));
    }
    if (!error.empty()) {
        answer.set_error(std::move(error));
    } else if (value.size() > limits.max_result_bytes) {
        answer.set_error("the codec's result is larger than " +
                         std::to_string(limits.max_result_bytes) + " bytes");
    } else if (job.function() != proto::Job::ENCODE_DOWNLINK) {
        answer.set_object_json(std::move(value));
    } else if (!parse_encoded(value, answer)) {
        answer.clear_data();
        answer.set_error("encodeDownlink returned an FPort that is no number from 1 to 255");
    }
}

void Engine::run(const proto::Job& job, proto::Answer& answer) {
    State& state = *state_;
    answer.set_id(job.id());
    const Watchdog::Armed armed(*state.watchdog, state.limits.run_time);
    Compiled* const codec = state.find_or_compile(job, answer);
    if (codec == nullptr) return;
    {
        const JSAutoRealm realm(state.context, codec->global);
        JS::RootedValue result(state.context);
        const bool returned = state.call(job, *codec, &result);
        if (!returned) state.explain_failure(answer);
        ::js::RunJobs(state.context);  // what was promised
        if (returned && state.watchdog->expired()) state.explain_failure(answer);
        if (returned && !answer.out_of_time()) state.read_result(job, result, answer);
    }
    // What a stopped run left behind in its global is unknown.
    if (answer.out_of_time()) {
        state.forget(job.codec());
        answer.set_forget_codec(true);
        JS_GC(state.context);
    }
}

}  // namespace helio::bridge::payload::js
