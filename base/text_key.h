// Hashing for sets and maps that are looked up by a std::string_view, whatever they hold.
//
// Nothing is copied to look something up.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>
#include <type_traits>

namespace helio {

// Of keys that are texts; the equality to go with it is std::equal_to<>.
struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
        return std::hash<std::string_view>{}(text);
    }
};

// Hash and equality of elements that are found by a text: `text_of(element)` is the text.
template <class TextOf>
struct KeyedByText {
    using is_transparent = void;
    TextOf text_of{};

    template <class K>
    std::size_t operator()(const K& key) const {
        return std::hash<std::string_view>{}(text(key));
    }
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
        return text(a) == text(b);
    }

  private:
    template <class K>
    std::string_view text(const K& key) const {
        if constexpr (std::is_convertible_v<const K&, std::string_view>) {
            return key;
        } else {
            return text_of(key);
        }
    }
};

}  // namespace helio
