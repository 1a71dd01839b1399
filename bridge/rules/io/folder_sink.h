// File actions: lines are appended to files below one folder, by a worker.
//
// Lines that came in one turn are written together and are on the disk when they are answered; a
// file over its limit takes no more.
#pragma once

#include "base/io/worker.h"
#include "bridge/rules/effects.h"
#include "bridge/rules/rule_engine.h"

#include <filesystem>
#include <vector>

namespace helio::bridge::rules {

class FolderSink final : public FileSink {
  public:
    // The folder is made when the first line comes.
    FolderSink(io::Loop& loop, std::filesystem::path folder);

    // Who is told the answers; the engine needs a sink before it exists.
    void connect(RuleEngine& engine) { engine_ = &engine; }

    void append(CallId call, const FileAppend& append) override;
    // Nothing waits to be written.
    bool idle() const { return !writing_ && waiting_.empty(); }

  private:
    struct Line {
        CallId call;
        FileAppend append;
        std::string error;
    };
    void write_batch();
    static void write_lines(std::vector<Line>& lines, const std::filesystem::path& folder);

    io::Loop& loop_;
    std::filesystem::path folder_;
    RuleEngine* engine_ = nullptr;
    std::vector<Line> waiting_;
    bool writing_ = false;
    io::Worker worker_;
};

}  // namespace helio::bridge::rules
