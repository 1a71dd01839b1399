// file: appends the output as a line to a file below the folder for rules' files.
#include "bridge/rules/actions/make_actions.h"
#include "bridge/rules/file_path.h"

namespace helio::bridge::rules {
namespace {

class File final : public Action {
  public:
    File(sql::Template path, std::string separator)
        : path_(std::move(path)), separator_(std::move(separator)) {}

    void perform(const ActionInput& input, Ticket ticket, Dispatcher& dispatcher) override {
        FileAppend append{.path = path_.render(input.evaluation),
                          .line = Bytes(input.output.begin(), input.output.end()),
                          .max_file_bytes = dispatcher.limits().max_file_bytes};
        if (!is_safe_relative_path(append.path)) {
            return dispatcher.fail(ticket,
                                   {"FileAction",
                                    std::move(append.path),
                                    "the path is not below the folder for rules' files"});
        }
        if (*waiting_ >= dispatcher.limits().file_queue_messages) {
            return dispatcher.drop(
                ticket,
                {"FileAction", std::move(append.path), "too many lines wait to be written"});
        }
        append.line.insert(append.line.end(), separator_.begin(), separator_.end());
        const std::string_view topic = input.evaluation.scope().message().topic;
        RequestKey key =
            dispatcher.requests().put(input.rule, topic, append, ticket.execution.get());
        dispatcher.append(append, std::move(ticket), std::move(key), waiting_);
    }

  private:
    sql::Template path_;
    std::string separator_;
    std::shared_ptr<std::size_t> waiting_ = std::make_shared<std::size_t>(0);
};

}  // namespace

std::unique_ptr<Action> make_file(Parameters& p) {
    auto path = p.text("path", Parameters::Need::required);
    if (path && path->is_constant() && !is_safe_relative_path(path->text())) {
        p.refuse("path", "must be relative, of names without '..' and without a leading '.'");
    }
    auto separator = p.plain("separator", Parameters::Need::optional);
    if (p.error()) return nullptr;
    return std::make_unique<File>(std::move(*path), separator.value_or("\n"));
}

}  // namespace helio::bridge::rules
