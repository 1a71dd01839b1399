// What the handlers of several operations share: pages of lists, ids of new things, and the
// registry's refusals as API errors.
#pragma once

#include "bridge/api/fields.h"
#include "bridge/api/operation.h"

#include <boost/json/fwd.hpp>
#include <string>

namespace helio::bridge::api {

// The id of what a create operation makes.  A client's token decides it, so that a request sent
// twice names the same thing without anything being remembered; without a token it is random.
std::string new_id(Context& context, std::string_view operation, const std::string& token);

std::string token_of(const Fields& body);

using TagMap = google::protobuf::Map<std::string, std::string>;
void read_tags(const Fields& body, TagMap& tags);

ApiError refusal(lns::RegistryError error, std::string_view resource_type, std::string_view id);

// {"Arn": ..., "Id": ...}
Reply created(const std::string& arn, const std::string& id, store::Position wait_for);

struct Page {
    std::size_t size;
    std::string after;  // the last key of the page before; empty: from the start
};
// Reads maxResults and nextToken.
Result<Page, ApiError> page_of(const Call& call, std::size_t max_size);
inline constexpr std::size_t kMaxPage = 250;

// Collects one page of rows: `row(text of the key, JSON)` answers whether another one is wanted.
// A page may be short where a filter passes over many rows: the next token tells that there is
// more.
class PageWriter {
  public:
    PageWriter(const Page& page, boost::json::array& rows) : page_(page), rows_(rows) {}

    // False when the page is full: the row that `key` names is then the first of the next page.
    bool wants_more();
    void add(std::string key, boost::json::object row);
    void pass(std::string key);
    // Adds NextToken to `body` where there is more.
    void finish(boost::json::object& body, std::string_view token_name = "NextToken") const;

  private:
    static constexpr std::size_t kMaxVisited = 20'000;
    const Page& page_;
    boost::json::array& rows_;
    std::size_t visited_ = 0;
    std::string last_key_;
    bool more_ = false;
};

Reply reply_with(const boost::json::object& body, store::Position wait_for = 0);

// Puts the members of a kept JSON text (Fields::keep) into `target`.
void merge_kept(const std::string& kept, boost::json::object& target);

// "2026-11-21T09:30:00.123Z", as iotwireless writes times.
std::string time_text(Instant at);

}  // namespace helio::bridge::api
