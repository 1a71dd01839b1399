// A value or the reason why there is none.  For input that is wrong: the caller decides and counts.
#pragma once

#include <tl/expected.hpp>

#include <type_traits>

namespace helio {

template <class T, class E>
using Result = tl::expected<T, E>;

template <class E>
constexpr tl::unexpected<std::decay_t<E>> fail(E&& error) {
    return tl::unexpected<std::decay_t<E>>(std::forward<E>(error));
}

}  // namespace helio
