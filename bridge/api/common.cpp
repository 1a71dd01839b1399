#include "bridge/api/common.h"

#include "crypto/digest.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cassert>
#include <charconv>
#include <fmt/format.h>

namespace helio::bridge::api {

namespace json = boost::json;

std::string new_id(Context& context, std::string_view operation, const std::string& token) {
    if (token.empty()) return crypto::uuid4(context.random);
    const auto digest = crypto::sha256(
        bytes_of(fmt::format("{}\n{}\n{}", context.config.account, operation, token)));
    return crypto::uuid4([&](std::span<std::uint8_t> out) {
        assert(out.size() <= digest.size());
        std::copy_n(digest.begin(), out.size(), out.begin());
    });
}

std::string token_of(const Fields& body) {
    return body.text("ClientRequestToken", kTokenRule).value_or("");
}

void read_tags(const Fields& body, TagMap& tags) {
    const auto read = body.tags();
    if (!read) return;
    for (const auto& [key, value] : *read) tags[key] = value;
}

ApiError refusal(lns::RegistryError error, std::string_view resource_type, std::string_view id) {
    using enum lns::RegistryError;
    switch (error) {
        case not_found:
            return api::not_found(resource_type, id);
        case already_exists:
        case dev_eui_taken:
        case gateway_eui_taken:
        case in_use:
            return conflict(std::string(describe(error)), resource_type, id);
        default:
            return validation(std::string(describe(error)));
    }
}

Reply created(const std::string& arn, const std::string& id, store::Position wait_for) {
    return reply_with(json::object{{"Arn", arn}, {"Id", id}}, wait_for);
}

Result<Page, ApiError> page_of(const Call& call, std::size_t max_size) {
    Page page{.size = max_size, .after = std::string(call.parameter("nextToken").value_or(""))};
    if (const auto text = call.parameter("maxResults")) {
        std::size_t size = 0;
        const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), size);
        if (error != std::errc{} || end != text->data() + text->size() || size > max_size) {
            return fail(validation(
                fmt::format("MaxResults must be a whole number from 1 to {}.", max_size)));
        }
        if (size > 0) page.size = size;
    }
    return page;
}

bool PageWriter::wants_more() {
    more_ = rows_.size() >= page_.size || visited_ >= kMaxVisited;
    return !more_;
}

void PageWriter::add(std::string key, json::object row) {
    rows_.push_back(std::move(row));
    pass(std::move(key));
}

void PageWriter::pass(std::string key) {
    ++visited_;
    last_key_ = std::move(key);
}

void PageWriter::finish(json::object& body, std::string_view token_name) const {
    if (more_) body[token_name] = last_key_;
}

Reply reply_with(const json::object& body, store::Position wait_for) {
    return {.body = json::serialize(body), .wait_for = wait_for};
}

void merge_kept(const std::string& kept, json::object& target) {
    if (kept.empty()) return;
    boost::system::error_code error;
    const json::value value = json::parse(kept, error);
    if (error || !value.is_object()) return;
    for (const auto& member : value.get_object()) target[member.key()] = member.value();
}

std::string time_text(Instant at) { return to_rfc3339(at, 3); }

}  // namespace helio::bridge::api
