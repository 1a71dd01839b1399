// republish: publishes the output on another topic.
#include "base/base64.h"
#include "bridge/rules/actions/make_actions.h"
#include "bridge/rules/sql/conversion.h"

#include <charconv>

namespace helio::bridge::rules {
namespace {

constexpr std::size_t kMaxTopic = 65'535;
constexpr std::size_t kMaxUserProperties = 100;

struct Headers {
    std::optional<sql::Template> payload_format;
    std::optional<sql::Template> content_type;
    std::optional<sql::Template> response_topic;
    std::optional<sql::Template> correlation_data;
    std::optional<sql::Template> message_expiry;
    std::vector<KeyValueTemplate> user_properties;
    // The whole list by one expression: "${get_user_properties()}".
    std::optional<sql::Template> all_user_properties;
};

// Why nothing can be published on `topic`; empty where it can.
std::string_view objection(std::string_view topic) {
    if (topic.empty()) return "the topic is empty";
    if (topic.size() > kMaxTopic) return "the topic is too long";
    if (topic.find_first_of(std::string_view("+#\0", 3)) != topic.npos) {
        return "the topic has a wildcard or a NUL in it";
    }
    if (topic.starts_with("$aws/things/") && topic.find("/jobs/") != topic.npos) {
        return "rules cannot publish on topics of jobs";
    }
    return {};
}

class Republish final : public Action {
  public:
    Republish(sql::Template topic, std::uint8_t qos, Headers headers)
        : topic_(std::move(topic)), qos_(qos), headers_(std::move(headers)) {}

    void perform(const ActionInput& input, Ticket ticket, Dispatcher& dispatcher) override {
        sql::Evaluation& evaluation = input.evaluation;
        Publication publication;
        publication.topic = topic_.render(evaluation);
        // "$$aws/..." is how a rule writes "$aws/...".
        if (publication.topic.starts_with("$$")) publication.topic.erase(0, 1);
        std::string_view wrong = objection(publication.topic);
        publication.payload.assign(input.output.begin(), input.output.end());
        publication.qos = qos_;
        publication.depth = static_cast<std::uint8_t>(input.depth + 1);
        if (wrong.empty()) wrong = add_headers(publication, evaluation);
        if (!wrong.empty()) {
            return dispatcher.fail(
                ticket, {"RepublishAction", std::move(publication.topic), std::string(wrong)});
        }
        dispatcher.publish(std::move(publication), std::move(ticket), input.now);
    }

  private:
    // What is wrong with them; empty where nothing is.
    std::string_view add_headers(Publication& publication, sql::Evaluation& evaluation) const {
        const auto render = [&](const std::optional<sql::Template>& text) {
            return text ? std::optional(text->render(evaluation)) : std::nullopt;
        };
        if (const auto format = render(headers_.payload_format)) {
            if (*format != "UTF8_DATA" && *format != "UNSPECIFIED_BYTES") {
                return "payloadFormatIndicator is neither UTF8_DATA nor UNSPECIFIED_BYTES";
            }
            publication.payload_is_utf8 = *format == "UTF8_DATA";
        }
        publication.content_type = render(headers_.content_type);
        publication.response_topic = render(headers_.response_topic);
        if (publication.response_topic && !objection(*publication.response_topic).empty()) {
            return "responseTopic is no topic";
        }
        if (const auto encoded = render(headers_.correlation_data)) {
            publication.correlation_data = from_base64(*encoded);
            if (!publication.correlation_data) return "correlationData is no base64";
        }
        if (const auto expiry = render(headers_.message_expiry)) {
            std::uint32_t seconds = 0;
            const char* last = expiry->data() + expiry->size();
            const auto end = std::from_chars(expiry->data(), last, seconds);
            if (end.ec != std::errc{} || end.ptr != last) {
                return "messageExpiry is no number of seconds";
            }
            publication.message_expiry_s = seconds;
        }
        for (const auto& [key, value] : headers_.user_properties) {
            publication.user_properties.emplace_back(key, value.render(evaluation));
        }
        if (headers_.all_user_properties) add_all(publication, evaluation);
        return {};
    }

    // An array of one-member objects, as get_user_properties() makes it.
    void add_all(Publication& publication, sql::Evaluation& evaluation) const {
        const sql::Value list = headers_.all_user_properties->value(evaluation);
        if (!list.is(sql::Type::array)) return;
        for (const sql::Value& item : list.as_array()) {
            if (!item.is(sql::Type::object)) continue;
            for (const sql::Member& member : item.as_object()) {
                std::string text;
                sql::append_string(text, member.value, evaluation.version());
                publication.user_properties.emplace_back(member.key, std::move(text));
            }
        }
    }

    sql::Template topic_;
    std::uint8_t qos_;
    Headers headers_;
};

Headers read_headers(Parameters& p) {
    constexpr auto kOptional = Parameters::Need::optional;
    Headers headers;
    headers.payload_format = p.text("payloadFormatIndicator", kOptional);
    headers.content_type = p.text("contentType", kOptional);
    headers.response_topic = p.text("responseTopic", kOptional);
    headers.correlation_data = p.text("correlationData", kOptional);
    headers.message_expiry = p.text("messageExpiry", kOptional);
    const auto* properties = p.find("userProperties");
    if (properties && properties->is_string()) {
        headers.all_user_properties = p.text("userProperties", kOptional);
    } else {
        headers.user_properties = read_key_values(p, "userProperties", kMaxUserProperties);
    }
    return headers;
}

}  // namespace

std::unique_ptr<Action> make_republish(Parameters& p) {
    auto topic = p.text("topic", Parameters::Need::required);
    if (topic && topic->text().empty()) p.refuse("topic", "is empty");
    p.plain("roleArn", Parameters::Need::optional);  // AWS's; means nothing here
    const auto qos = static_cast<std::uint8_t>(p.integer("qos", 0, 1, 0));
    Headers headers;
    if (const auto* value = p.find("headers")) {
        if (const auto* object = value->if_object()) {
            Parameters inner(*object, p.path() + ".headers", p.context());
            headers = read_headers(inner);
            p.adopt(inner);
        } else {
            p.refuse("headers", "must be an object");
        }
    }
    if (p.error()) return nullptr;
    return std::make_unique<Republish>(std::move(*topic), qos, std::move(headers));
}

}  // namespace helio::bridge::rules
