#include "bridge/api/http_publish.h"

#include "bridge/api/http_publication.h"
#include "bridge/mqtt/topic/reserved_topics.h"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace helio::bridge::api {
namespace {

mqtt::PublishMessage message_of(const HttpPublication& publication,
                                std::string_view payload,
                                const identity::Principal& who,
                                std::span<const mqtt::UserProperty> properties) {
    mqtt::PublishMessage out{
        .topic = publication.topic,
        .payload = bytes_of(payload),
        .qos = publication.at_least_once ? mqtt::Qos::at_least_once : mqtt::Qos::at_most_once,
        .retain = publication.retain,
        .user_properties = properties,
        .payload_is_utf8 = publication.payload_is_utf8,
        .expiry_s = publication.expiry_s,
        .identity = &who,
        .address = who.shown().address,
    };
    if (publication.content_type) out.content_type = *publication.content_type;
    if (publication.response_topic) out.response_topic = *publication.response_topic;
    if (publication.correlation_data) out.correlation_data = *publication.correlation_data;
    return out;
}

}  // namespace

HttpPublish::HttpPublish(identity::Gate& gate,
                         mqtt::Broker& broker,
                         mqtt::Authorizer* authorizer,
                         crypto::Random random)
    : gate_(gate), broker_(broker), authorizer_(authorizer), random_(std::move(random)) {}

bool HttpPublish::is_for(const net::HttpRequest& request) {
    return request.path().starts_with(kPublishPath);
}

void HttpPublish::handle(identity::Credentials shown, Instant now, Answer answer) {
    if (shown.http->method != "POST") {
        ++stats_.bad_requests;
        return answer(answer_with(405, "MethodNotAllowedException", "A message is sent by POST."));
    }
    const auto request = shown.http;
    gate_.identify(
        shown,
        now,
        [this, request, answer = std::move(answer)](const identity::Identified& who, Instant at) {
            answer(publish(*request, who, at));
        });
}

ApiAnswer HttpPublish::publish(const net::HttpRequest& request,
                               const identity::Identified& who,
                               Instant now) {
    using Kind = identity::Refusal::Kind;
    if (!who && who.error().kind == Kind::unavailable) {
        return answer_with(503, "ServiceUnavailableException", "Try again in a second.");
    }
    if (!who && who.error().kind == Kind::busy) {
        return answer_with(429, "ThrottlingException", "Try again in a second.");
    }
    if (!who) {
        ++stats_.forbidden;
        return answer_with(403, "ForbiddenException", "Forbidden");
    }
    const auto publication = parse_http_publication(request);
    if (!publication) {
        ++stats_.bad_requests;
        return answer_with(400, "InvalidRequestException", publication.error());
    }
    if (mqtt::client_publish_to(publication->topic) != mqtt::PublishTo::allowed) {
        ++stats_.forbidden;
        return answer_with(403, "ForbiddenException", "Forbidden");
    }
    if (authorizer_ != nullptr &&
        !authorizer_->may_publish(who->get(), "", publication->topic, publication->retain)) {
        ++stats_.forbidden;
        return answer_with(403, "ForbiddenException", "Forbidden");
    }
    if (broker_.overloaded()) {
        return answer_with(503, "ServiceUnavailableException", "Try again in a second.");
    }
    std::vector<mqtt::UserProperty> properties;
    for (const auto& [name, value] : publication->user_properties) {
        properties.push_back({name, value});
    }
    const auto message = message_of(*publication, request.body, **who, properties);
    if (const mqtt::ReasonCode reason = broker_.check(message); mqtt::is_error(reason)) {
        return refuse(reason);
    }
    ++stats_.published;
    const store::Position position = broker_.publish(message, now);
    ApiAnswer out = answer_with(200, "", "OK");
    if (publication->at_least_once) out.wait_for = position;
    return out;
}

ApiAnswer HttpPublish::refuse(mqtt::ReasonCode reason) {
    ++stats_.bad_requests;
    if (reason == mqtt::ReasonCode::packet_too_large) {
        return answer_with(413, "RequestEntityTooLargeException", "The payload is too large.");
    }
    return answer_with(400,
                       "InvalidRequestException",
                       reason == mqtt::ReasonCode::topic_name_invalid
                           ? "A topic is too long or has too many levels."
                           : "contentType, correlation data or user properties are too large.");
}

ApiAnswer HttpPublish::answer_with(int status,
                                   std::string_view error_type,
                                   std::string_view message) {
    const std::string trace = crypto::uuid4(random_);
    ApiAnswer out{.status = status,
                  .headers = {{"Content-Type", "application/json"}, {"x-amzn-RequestId", trace}},
                  .body = boost::json::serialize(
                      boost::json::object{{"message", message}, {"traceId", trace}})};
    if (!error_type.empty()) out.headers.emplace_back("x-amzn-ErrorType", error_type);
    return out;
}

}  // namespace helio::bridge::api
