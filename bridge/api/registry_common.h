// What the operations on certificates, policies and things share: the registry's refusals, pages in
// AWS's two manners, and how its values look in JSON.
#pragma once

#include "bridge/api/common.h"
#include "bridge/registry/registry.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace helio::bridge::identity::authorizers {
struct AuthorizerError;
}

namespace helio::bridge::api {

ApiError refusal(const registry::Error& error);
ApiError refusal(const identity::authorizers::AuthorizerError& error);  // authorizers.cpp
// Of a change that answers nothing: it leaves with its commit.
Outcome outcome_of(const Result<store::Position, registry::Error>& change);

// iot's times are seconds since 1970, as numbers.
double epoch_seconds(std::int64_t us);

// A parameter of the query that is true or false.
Result<bool, ApiError> flag_of(const Call& call, std::string_view name, bool otherwise = false);
// A whole number from 0 on; absent where the parameter is.
Result<std::optional<std::uint64_t>, ApiError> number_of(const Call& call, std::string_view name);
// A header that must be there.
Result<std::string, ApiError> header_of(const Call& call, std::string_view name);

// Which rows of a list are wanted: those after a key, and how many.  `nextToken` and `maxResults`,
// or `marker` (base64 of the key) and `pageSize`.
struct ListPage {
    std::size_t size = 0;
    std::string after;
    std::string_view next_name;  // under which the answer says where to go on
    bool ascending = true;       // isAscendingOrder
};
Result<ListPage, ApiError> token_page(const Call& call);
Result<ListPage, ApiError> marker_page(const Call& call);
void set_next(boost::json::object& body, const ListPage& page, std::string_view last_key);

// Of lists in the order of creation: where a page goes on.
registry::Direction direction_of(const ListPage& page);
Result<std::optional<registry::CreationPlace>, ApiError> place_after(const ListPage& page);
void set_next(boost::json::object& body,
              const ListPage& page,
              const std::optional<registry::CreationPlace>& place);

// One page of a list that is at hand as a whole, in the order of keys: the rows as JSON, and where
// to go on.  `key_of(row)` is a text that names a row; the one where a page ended may be gone.
template <class Row, class KeyOf, class JsonOf>
void put_page(boost::json::object& body,
              std::string_view name,
              std::vector<Row> rows,
              const ListPage& page,
              const KeyOf& key_of,
              const JsonOf& json_of) {
    const auto is_before = [&](const auto& a, const auto& b) {
        return page.ascending ? a < b : b < a;
    };
    std::sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) {
        return is_before(key_of(a), key_of(b));
    });
    boost::json::array out;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::string key = key_of(rows[i]);
        if (!page.after.empty() && !is_before(page.after, key)) continue;
        out.push_back(json_of(rows[i]));
        if (out.size() < page.size) continue;
        if (i + 1 < rows.size()) set_next(body, page, key);
        break;
    }
    body[name] = std::move(out);
}

// The ids of certificates in paths: 64 hexadecimal digits.
Result<registry::CertificateId, ApiError> certificate_id(const Call& call, std::string_view label);
Result<registry::Target, ApiError> target_of(const Context& context, std::string_view arn);

// [{"Key", "Value"}] of iot, where the value may be missing.
registry::Tags iot_tags(const Fields& body);

// {"attributes": {...}, "merge": true}
registry::AttributesChange attribute_payload(const Fields& body);
boost::json::object json_of(const google::protobuf::Map<std::string, std::string>& texts);

extern const TextRule kThingNameRule;
extern const TextRule kPolicyNameRule;
extern const TextRule kTagKeyRule;
extern const TextRule kRegistryDescriptionRule;  // of thing groups and types
inline constexpr TextRule kPemRule{.min = 1, .max = 65'536};

}  // namespace helio::bridge::api
