#include "bridge/policy/template.h"

#include <algorithm>

namespace helio::bridge::policy {
namespace {

using Piece = Template::Piece;
using Kind = Piece::Kind;

// Reads what follows "${" and takes it with its "}" off `text`.
class VariableReader {
  public:
    explicit VariableReader(std::string_view& text) : text_(text) {}

    Result<Piece, std::string> read() {
        Piece piece{.kind = Kind::variable, .text = {}};
        const std::size_t size = end_of_name();
        if (size == std::string_view::npos) return fail(std::string("a ${ has no }"));
        const std::string_view name = trimmed(text_.substr(0, size));
        text_.remove_prefix(size);
        if (name.empty() || name.find_first_of("${' \t") != std::string_view::npos) {
            return fail("\"" + std::string(name) + "\" is no name of a policy variable");
        }
        if (text_.front() == ',') {
            text_.remove_prefix(1);
            if (!read_default(piece.text)) {
                return fail("the default of ${" + std::string(name) +
                            "} must stand in single quotes");
            }
            piece.has_default = true;
        }
        text_.remove_prefix(1);  // }
        if (!piece.has_default && (name == "*" || name == "?")) {
            return Piece{.kind = Kind::text, .text = std::string(name)};
        }
        piece.variable = Variable::parse(name);
        return piece;
    }

  private:
    static std::string_view trimmed(std::string_view text) {
        while (text.starts_with(' ')) text.remove_prefix(1);
        while (text.ends_with(' ')) text.remove_suffix(1);
        return text;
    }

    // A thing attribute's name, in brackets, may have a comma in it.
    std::size_t end_of_name() const {
        bool in_brackets = false;
        for (std::size_t i = 0; i < text_.size(); ++i) {
            if (text_[i] == '[') in_brackets = true;
            if (text_[i] == ']') in_brackets = false;
            if (text_[i] == '}' || (text_[i] == ',' && !in_brackets)) return i;
        }
        return std::string_view::npos;
    }

    void skip_spaces() {
        while (text_.starts_with(' ')) text_.remove_prefix(1);
    }

    // Up to the "}"; false where there is no text in quotes before one.
    bool read_default(std::string& out) {
        skip_spaces();
        if (!text_.starts_with('\'')) return false;
        text_.remove_prefix(1);
        while (true) {
            const std::size_t quote = text_.find('\'');
            if (quote == std::string_view::npos) return false;
            out += text_.substr(0, quote);
            text_.remove_prefix(quote + 1);
            if (!text_.starts_with('\'')) break;
            out += '\'';
            text_.remove_prefix(1);
        }
        skip_spaces();
        return text_.starts_with('}');
    }

    std::string_view& text_;
};

void add_text(std::vector<Piece>& pieces, std::string_view text) {
    if (text.empty()) return;
    if (pieces.empty() || pieces.back().kind != Kind::text) {
        pieces.push_back({.kind = Kind::text, .text = {}});
    }
    pieces.back().text += text;
}

void add_to(Pattern& pattern, const Piece& piece) {
    switch (piece.kind) {
        case Kind::any_run:
            pattern.add_any_run();
            break;
        case Kind::any_character:
            pattern.add_any_character();
            break;
        case Kind::text:
        case Kind::variable:
            pattern.add_literal(piece.text);
            break;
    }
}

Result<std::vector<Piece>, std::string> split(std::string_view text,
                                              Wildcards wildcards,
                                              Variables variables) {
    std::vector<Piece> out;
    const std::string_view special = wildcards == Wildcards::match ? "*?$" : "$";
    while (!text.empty()) {
        const std::size_t plain = std::min(text.find_first_of(special), text.size());
        add_text(out, text.substr(0, plain));
        text.remove_prefix(plain);
        if (text.empty()) break;
        if (text.front() != '$') {
            out.push_back(
                {.kind = text.front() == '*' ? Kind::any_run : Kind::any_character, .text = {}});
            text.remove_prefix(1);
        } else if (variables == Variables::are_text || !text.starts_with("${")) {
            add_text(out, text.substr(0, 1));
            text.remove_prefix(1);
        } else if (text.starts_with("${$}")) {
            add_text(out, "$");
            text.remove_prefix(4);
        } else {
            text.remove_prefix(2);
            auto piece = VariableReader(text).read();
            if (!piece) return fail(std::move(piece.error()));
            if (piece->kind == Kind::text) {
                add_text(out, piece->text);
            } else {
                out.push_back(std::move(*piece));
            }
        }
    }
    return out;
}

}  // namespace

Result<Template, std::string> Template::parse(std::string_view text,
                                              Wildcards wildcards,
                                              Variables variables) {
    auto pieces = split(text, wildcards, variables);
    if (!pieces) return fail(std::move(pieces.error()));
    Template out;
    out.text_ = text;
    const bool has_variables = std::any_of(
        pieces->begin(), pieces->end(), [](const Piece& p) { return p.kind == Kind::variable; });
    if (has_variables) {
        out.pieces_ = std::move(*pieces);
    } else {
        for (const Piece& piece : *pieces) add_to(out.pattern_, piece);
    }
    return out;
}

bool Template::changes() const {
    return std::any_of(pieces_.begin(), pieces_.end(), [](const Piece& piece) {
        return piece.variable && piece.variable->changes();
    });
}

std::optional<std::string> substituted(const Piece& piece,
                                       const Context& context,
                                       const FillIn& how) {
    auto value = piece.variable->value(context);
    if (!value) {
        if (piece.has_default) return piece.text;
        return std::nullopt;
    }
    if (value->many || !value->substitutable) return std::nullopt;
    std::string& text = value->items.front();
    if (!how.mqtt_wildcards_are_values && text.find_first_of("+#") != std::string::npos) {
        return std::nullopt;
    }
    return std::move(text);
}

std::optional<Pattern> Template::fill_in(const Context& context, const FillIn& how) const {
    if (!has_variables()) return pattern_;
    Pattern out;
    for (const Piece& piece : pieces_) {
        if (piece.kind != Kind::variable) {
            add_to(out, piece);
            continue;
        }
        const auto text = substituted(piece, context, how);
        if (!text) return std::nullopt;
        out.add_literal(*text);
    }
    return out;
}

}  // namespace helio::bridge::policy
