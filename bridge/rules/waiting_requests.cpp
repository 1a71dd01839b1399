#include "bridge/rules/waiting_requests.h"

#include "base/store/typed_table.h"
#include "bridge/rules/proto/waiting_request.pb.h"

#include <algorithm>
#include <utility>

namespace helio::store {

template <>
struct KeyCodec<bridge::rules::RequestKey> {
    static void write(KeyBuffer& out, const bridge::rules::RequestKey& key) {
        out.sized_text(key.topic);
        out.end_of_partition();
        out.u64(key.position);
        out.u32(key.index);
    }
    static bridge::rules::RequestKey read(KeyReader& in) {
        std::string topic(in.sized_text());
        const Position position = in.u64();
        return {std::move(topic), position, in.u32()};
    }
};

}  // namespace helio::store

namespace helio::bridge::rules {
namespace {

constexpr store::TypedTable<RequestKey, proto::WaitingRequest> kRequests(kRequestTable);
constexpr std::size_t kMaxTopicInKey = 256;

void set_original(proto::WaitingRequest::Original& out, const Execution& execution) {
    const Message& message = execution.message.get();
    out.set_topic(std::string(message.topic));
    out.set_payload(message.payload.data(), message.payload.size());
    out.set_client_id(std::string(message.client_id));
    out.set_trace_id(execution.trace_id);
}

std::shared_ptr<Execution> execution_of(const proto::WaitingRequest& stored) {
    if (!stored.has_original()) return nullptr;
    const auto& original = stored.original();
    auto execution = std::make_shared<Execution>(stored.rule(),
                                                 original.trace_id(),
                                                 Message{.topic = original.topic(),
                                                         .payload = bytes_of(original.payload()),
                                                         .client_id = original.client_id()});
    execution->pending = 1;
    return execution;
}

HttpRequest request_of(const proto::WaitingRequest& stored) {
    HttpRequest request;
    request.url = stored.url();
    for (const auto& header : stored.headers()) {
        request.headers.emplace_back(header.name(), header.value());
    }
    request.body.assign(stored.body().begin(), stored.body().end());
    return request;
}

void fill(proto::WaitingRequest& row, const HttpRequest& request) {
    row.set_url(request.url);
    for (const auto& [name, value] : request.headers) {
        auto& header = *row.add_headers();
        header.set_name(name);
        header.set_value(value);
    }
    row.set_body(request.body.data(), request.body.size());
}

void fill(proto::WaitingRequest& row, const FileAppend& append) {
    row.mutable_file()->set_path(append.path);
    row.mutable_file()->set_line(append.line.data(), append.line.size());
}

Work work_of(const proto::WaitingRequest& stored) {
    if (!stored.has_file()) return request_of(stored);
    const std::string& line = stored.file().line();
    return FileAppend{.path = stored.file().path(), .line = Bytes(line.begin(), line.end())};
}

}  // namespace

RequestKey WaitingRequests::put(std::string_view rule,
                                std::string_view topic,
                                const Work& work,
                                const Execution* execution) {
    proto::WaitingRequest row;
    row.set_rule(std::string(rule));
    std::visit([&](const auto& what) { fill(row, what); }, work);
    if (execution != nullptr) set_original(*row.mutable_original(), *execution);

    const store::Position position = store_.filling();
    index_ = position == kept_at_ ? index_ + 1 : 0;
    RequestKey key{std::string(topic.substr(0, kMaxTopicInKey)), position, index_};
    auto transaction = store_.begin(kRequests.slot(key));
    kRequests.put(transaction, key, row);
    kept_at_ = transaction.commit();
    return key;
}

void WaitingRequests::erase(const RequestKey& key) {
    auto transaction = store_.begin(kRequests.slot(key));
    kRequests.erase(transaction, key);
    transaction.commit();
}

std::vector<WaitingRequests::Waiting> WaitingRequests::load() const {
    std::vector<Waiting> all;
    kRequests.scan(store_, [&](const RequestKey& key, proto::WaitingRequest& stored) {
        all.push_back({key, stored.rule(), work_of(stored), execution_of(stored)});
        return true;
    });
    std::ranges::sort(
        all, {}, [](const Waiting& one) { return std::pair(one.key.position, one.key.index); });
    return all;
}

}  // namespace helio::bridge::rules
