// The filter of a shared subscription, as its members wrote it: what is queued by it remembers it,
// for when another member has to take it over.
#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <cstdint>
#include <string>

namespace helio::bridge::mqtt {

class SharedFilter {
  public:
    static boost::intrusive_ptr<const SharedFilter> of(std::string text) {
        return boost::intrusive_ptr<const SharedFilter>(new SharedFilter(std::move(text)));
    }
    const std::string& text() const { return text_; }

  private:
    explicit SharedFilter(std::string text) : text_(std::move(text)) {}

    friend void intrusive_ptr_add_ref(const SharedFilter* f) { ++f->references_; }
    friend void intrusive_ptr_release(const SharedFilter* f) {
        if (--f->references_ == 0) delete f;
    }

    mutable std::uint32_t references_ = 0;  // of the loop thread only
    std::string text_;
};
using SharedFilterPtr = boost::intrusive_ptr<const SharedFilter>;

}  // namespace helio::bridge::mqtt
