// The tolerant reading of address lists (RFC 5322 §3.4 with §4.4), and their writing. Declared in address.h
// and recipient_list.h.
#include <optional>

#include "base/ascii.h"
#include "message/atoms.h"
#include "message/encoded_word.h"
#include "message/recipient_list.h"
#include "message/stray_addresses.h"
#include "message/utf8.h"

namespace hongyan::message {

namespace {

constexpr std::size_t nowhere = std::string_view::npos;

bool is_blank(char c) { return ascii::is_space(c) || c == '\0'; }

// A run of atoms, quoted strings and signs without a blank between them, its quotes undone.
struct Word {
    std::string text;
    std::size_t at_sign = nowhere;  // the last one outside of quotes
    bool quoted = false;
    bool several_at_signs = false;  // outside of quotes

    void append(const Word& next) {
        several_at_signs |= next.several_at_signs || (at_sign != nowhere && next.at_sign != nowhere);
        if (next.at_sign != nowhere) at_sign = text.size() + next.at_sign;
        text += next.text;
        quoted = quoted || next.quoted;
    }
    // Routes are of domains, which are never quoted.
    bool may_be_route() const { return text.starts_with('@') && !quoted; }
    std::string before_at_sign() const { return text.substr(0, at_sign); }
    std::string behind_at_sign() const { return at_sign == nowhere ? "" : text.substr(at_sign + 1); }
};

// Reads the small things of which lists are made. No byte is looked at more than a few times, whatever is
// left unclosed.
class Pieces {
public:
    explicit Pieces(std::string_view text)
        : text_(text),
          is_utf8_(valid_utf8(text)),
          last_parenthesis_(text.rfind(')')),
          last_bracket_(text.rfind(']')) {}

    bool at_end() const { return at_ == text_.size(); }
    char peek() const { return text_[at_]; }
    std::string_view rest() const { return text_.substr(at_); }
    void skip() { ++at_; }

    bool is_before(std::size_t position) const { return position != nowhere && at_ < position; }

    // A quoted-string without its quotes; nothing, and one quote skipped, if it is never closed.
    std::optional<Word> quoted_string() {
        std::string content;
        for (auto i = at_ + 1; i < text_.size() && !quotes_exhausted_; ++i) {
            if (text_[i] == '"') {
                at_ = i + 1;
                return Word{std::move(content), nowhere, true};
            }
            if (is_escape(i)) ++i;
            append(content, text_[i]);
        }
        quotes_exhausted_ = true;
        skip();
        return std::nullopt;
    }

    // What is between parentheses; nothing if they are never closed.
    std::optional<std::string> comment() {
        if (auto nested = nested_comment()) return nested;
        nesting_is_broken_ = true;
        if (!is_before(last_parenthesis_)) return std::nullopt;
        std::string content;
        const auto end = text_.find(')', at_);
        for (const char c : text_.substr(at_ + 1, end - at_ - 1)) append(content, c);
        at_ = end + 1;
        return content;
    }

    // "[" and all up to "]"; nothing if that never comes.
    std::optional<Word> domain_literal() {
        if (!is_before(last_bracket_)) return std::nullopt;
        const auto end = text_.find(']', at_) + 1;
        Word word;
        for (const char c : text_.substr(at_, end - at_)) append(word.text, c);
        at_ = end;
        return word;
    }

    // An encoded word, with whatever commas and blanks are in it.
    std::optional<Word> encoded_word() {
        const auto size = encoded_word_size(rest());
        if (size == 0) return std::nullopt;
        Word word;
        for (const char c : text_.substr(at_, size)) append(word.text, c);
        at_ += size;
        return word;
    }

    // One character as itself, or the one that a backslash protects; with the letters and digits behind it.
    Word characters() {
        if (is_escape(at_)) skip();
        Word word;
        if (!is_blank(peek())) word.text += peek();
        const auto from = ++at_;
        while (!at_end() && is_plain(peek())) skip();
        word.text += text_.substr(from, at_ - from);
        return word;
    }

private:
    static bool is_plain(char c) { return ascii::is_alnum(c) || ascii::is_8bit(c); }

    // Line breaks are folding wherever they stand.
    static void append(std::string& out, char c) {
        if (c != '\r' && c != '\n' && c != '\0') out += c;
    }

    // In GBK, Big5 and Shift_JIS the second byte of a character can be a backslash.
    bool is_escape(std::size_t i) const {
        const bool second_byte = !is_utf8_ && i > 0 && ascii::is_8bit(text_[i - 1]);
        return text_[i] == '\\' && i + 1 < text_.size() && !second_byte;
    }

    std::optional<std::string> nested_comment() {
        std::string content;
        std::size_t depth = 1;
        for (auto i = at_ + 1; i < text_.size() && !nesting_is_broken_; ++i) {
            if (is_escape(i))
                ++i;
            else if (text_[i] == '(')
                ++depth;
            else if (text_[i] == ')' && --depth == 0) {
                at_ = i + 1;
                return content;
            }
            append(content, text_[i]);
        }
        return std::nullopt;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    bool is_utf8_;
    std::size_t last_parenthesis_;
    std::size_t last_bracket_;
    bool quotes_exhausted_ = false;   // an open quote was seen that nothing closes
    bool nesting_is_broken_ = false;  // the same for a parenthesis; from then on the next ")" closes
};

std::string join(const std::vector<Word>& words) {
    std::string out;
    for (const auto& word : words) {
        if (!out.empty()) out += ' ';
        out += word.text;
    }
    return out;
}

// What IMAP calls the at-domain-list, without what cannot be in it: a bracket that is not closed would take
// in what is written behind the route.
std::string route_of(std::string text) {
    std::erase_if(text, [](char c) {
        return !(ascii::is_alnum(c) || ascii::is_8bit(c) || std::string_view("@,.-_[]").contains(c));
    });
    auto open = text.substr(text.rfind(']') + 1);  // all of it where nothing is closed
    text.resize(text.size() - open.size());
    std::erase(open, '[');
    return text + open;
}

// Reads the list an item at a time.
class ListReader {
public:
    ListReader(std::string_view text, std::size_t most)
        : in_(text), most_(most), last_semicolon_(text.rfind(';')) {}

    AddressList read() {
        while (!in_.at_end() && list_.size() < most_) step();
        end_item();
        end_group();
        return std::move(list_);
    }
    // After read().
    std::vector<std::string> strays() && { return std::move(strays_); }
    bool is_cut_short() const { return !in_.at_end(); }
    // The first item of which more than the address, its name in front of brackets and comments was there.
    const std::optional<std::string>& with_more() const { return with_more_; }

private:
    void note_more(std::string text) {
        if (!with_more_) with_more_ = std::move(text);
    }

    void step() {
        switch (in_.peek()) {
            case '(':
                comment();
                break;
            case '"':
                if (auto word = in_.quoted_string()) put(*std::move(word));
                break;
            case '<':
                angle_addr();
                break;
            case '[':
                put_or_characters(in_.domain_literal());
                break;
            case ',':
                in_.skip();
                end_item();
                break;
            case ';':
                in_.skip();
                end_item();
                end_group();
                break;
            case ':':
                colon();
                break;
            case '@':
                in_.skip();
                put({"@", 0});
                break;
            default:
                text();
        }
    }

    void text() {
        if (is_blank(in_.peek()) || in_.peek() == '>') {
            in_.skip();
            after_blank_ = true;
        } else {
            put_or_characters(in_.encoded_word());
        }
    }

    void put_or_characters(std::optional<Word> word) { put(word ? *std::move(word) : in_.characters()); }

    void put(Word word) {
        if (address_) note_more(word.text);
        if (after_blank_ || words_.empty())
            words_.push_back(std::move(word));
        else
            words_.back().append(word);
        after_blank_ = false;
    }

    void comment() {
        if (auto content = in_.comment()) {
            comment_ = *std::move(content);
            after_blank_ = true;
        } else {
            put(in_.characters());
        }
    }

    // group = display-name ":" [group-list] ";"          RFC 5322 §3.4
    // A colon without a semicolon behind it is part of a name, unless the list ends there.
    void colon() {
        in_.skip();
        const bool is_last = std::ranges::all_of(in_.rest(), is_blank);
        const bool begins_group =
            !in_group_ && !address_ && !words_.empty() && (in_.is_before(last_semicolon_ + 1) || is_last);
        if (!begins_group) {
            put({":"});
            return;
        }
        list_.push_back({ListedAddress::Kind::group_start, join(words_), {}, {}, {}});
        in_group_ = true;
        forget_item();
    }

    // angle-addr = [CFWS] "<" [obs-route] addr-spec ">" [CFWS]          RFC 5322 §3.4, §4.4
    void angle_addr() {
        if (address_) end_item();
        in_.skip();
        ListedAddress address;
        Word spec;
        while (!in_.at_end() && !ends_angle_addr(spec)) {
            const bool ends_route = in_.peek() == ':' && spec.may_be_route() && address.route.empty();
            if (ends_route) {
                in_.skip();
                address.route = route_of(std::exchange(spec, {}).text);
            } else {
                append_to_spec(spec);
            }
        }
        if (!in_.at_end() && in_.peek() == '>') in_.skip();
        address.local_part = spec.before_at_sign();
        address.domain = spec.behind_at_sign();
        note_stray(spec, address.local_part);
        address_ = std::move(address);
        words_before_ = words_.size();
        after_blank_ = true;
    }

    // The bracket, or what must begin the next item if the bracket is missing.
    bool ends_angle_addr(const Word& spec) const {
        switch (in_.peek()) {
            case '>':
            case ';':
                return true;
            case '<':
                return !spec.text.empty();
            case ',':
                return !spec.may_be_route();
            default:
                return false;
        }
    }

    // Blanks and comments between the pieces of an addr-spec vanish.
    void append_to_spec(Word& spec) {
        switch (in_.peek()) {
            case '"':
                if (auto word = in_.quoted_string()) spec.append(*word);
                break;
            case '(':
                if (!in_.comment()) spec.append(in_.characters());
                break;
            case '[':
                if (const auto literal = in_.domain_literal())
                    spec.append(*literal);
                else
                    spec.append(in_.characters());
                break;
            case '@':
                in_.skip();
                spec.append({"@", 0});
                break;
            case '<':
                in_.skip();
                break;
            default:
                spec.append(in_.characters());
        }
    }

    void end_item() {
        if (!address_ && !words_.empty()) address_ = bare_address();
        if (address_) {
            for (auto i = words_before_; i < words_.size(); ++i) note_stray(words_[i].text);
            address_->name = words_.empty() ? comment_ : join(words_);
            list_.push_back(*std::move(address_));
        }
        forget_item();
    }

    void forget_item() {
        words_.clear();
        words_before_ = 0;
        comment_.clear();
        address_.reset();
        after_blank_ = false;
    }

    void end_group() {
        if (in_group_) list_.push_back({ListedAddress::Kind::group_end, {}, {}, {}, {}});
        in_group_ = false;
    }

    // An item without brackets: the address is the last word, with what a dot or an at sign joins to it; what
    // is before it is left as the name. A single word is a local part, several without an at sign are a name.
    ListedAddress bare_address() {
        const auto first = first_of_last_address();
        Word spec;
        for (auto i = first; i < words_.size(); ++i) spec.append(words_[i]);
        if (spec.at_sign == nowhere && (spec.quoted || words_.size() > 1)) return {};
        note_stray(spec, spec.before_at_sign());
        if (first > 0 || spec.text.ends_with('@')) note_more(join(words_));
        words_.resize(first);
        return {ListedAddress::Kind::mailbox, {}, {}, spec.before_at_sign(), spec.behind_at_sign()};
    }

    std::size_t first_of_last_address() const {
        auto first = words_.size() - 1;
        std::string_view behind = words_[first].text;
        for (; first > 0 && belong_together(words_[first - 1].text, behind); --first)
            if (const auto& before = words_[first - 1].text; !before.empty()) behind = before;
        return first;
    }

    void note_stray(std::string text) {
        if (text.contains('@')) strays_.push_back(std::move(text));
    }
    void note_stray(const Word& spec, std::string local_part) {
        if (spec.several_at_signs) note_stray(std::move(local_part));
    }

    static bool belong_together(std::string_view before, std::string_view behind) {
        return before.ends_with('@') || before.ends_with('.') || behind.starts_with('@') ||
               behind.starts_with('.');
    }

    Pieces in_;
    std::size_t most_;
    std::size_t last_semicolon_;
    std::optional<std::string> with_more_;
    AddressList list_;
    std::vector<std::string> strays_;
    bool in_group_ = false;

    // The item that is being read.
    std::vector<Word> words_;
    std::size_t words_before_ = 0;  // of them, the brackets
    std::string comment_;           // the last one
    std::optional<ListedAddress> address_;
    bool after_blank_ = false;
};

// ---- writing ----

bool is_atom_or_encoded_word(std::string_view word) {
    if (word.contains("=?"))
        return encoded_word_size(word) == word.size() && std::ranges::all_of(word, is_wide_atext);
    return !word.empty() && std::ranges::all_of(word, is_wide_atext);
}

bool is_phrase(std::string_view text) {
    for (;;) {
        const auto blank = text.find(' ');
        if (!is_atom_or_encoded_word(text.substr(0, blank))) return false;
        if (blank == std::string_view::npos) return true;
        text.remove_prefix(blank + 1);
    }
}

std::string phrase(const std::string& text) { return is_phrase(text) ? text : quote(text); }

bool is_dot_atom(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c == '.' || is_wide_atext(c); });
}

std::string addr_spec(const ListedAddress& item) {
    const auto& [kind, name, route, local_part, domain] = item;
    const bool is_literal = domain.starts_with('[') && domain.find(']') == domain.size() - 1;
    std::string out = is_dot_atom(local_part) || local_part.empty() ? local_part : quote(local_part);
    if (domain.empty()) return out;
    return out + "@" + (is_literal || is_dot_atom(domain) ? domain : quote(domain));
}

std::string one_mailbox(const ListedAddress& item) {
    auto spec = addr_spec(item);
    const bool is_bare = item.name.empty() && item.route.empty() && !item.domain.empty() &&
                         is_dot_atom(item.local_part) && !spec.contains("=?");
    if (is_bare) return spec;
    const auto name = item.name.empty() ? "" : phrase(item.name) + " ";
    const auto route = item.route.empty() ? "" : item.route + ":";
    return name + "<" + route + spec + ">";
}

}  // namespace

AddressList parse_address_list(std::string_view value) {
    return ListReader(value, max_listed_addresses).read();
}

Result<AddressList> parse_recipients(std::string_view value) {
    ListReader reader(value, max_listed_recipients);
    auto list = reader.read();
    if (reader.is_cut_short())
        return fail(Error::Kind::too_large, "more than {} addresses in one list", max_listed_recipients);
    if (reader.with_more())
        return fail(Error::Kind::invalid, "it is not clear whom \"{}\" means", *reader.with_more());
    return list;
}

std::vector<std::string> stray_addresses(std::string_view value) {
    ListReader reader(value, max_listed_addresses);
    (void)reader.read();
    return std::move(reader).strays();
}

std::string to_string(const AddressList& list) {
    std::string out;
    bool first = true;  // of the list or of its group
    for (const auto& item : list) {
        if (item.kind == ListedAddress::Kind::group_end) {
            out += ';';
            first = false;
            continue;
        }
        if (!first) out += ", ";
        const bool starts_group = item.kind == ListedAddress::Kind::group_start;
        out += starts_group ? phrase(item.name) + ": " : one_mailbox(item);
        first = starts_group;
    }
    return out;
}

}  // namespace hongyan::message
