#include "message/encoded_word.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/ascii.h"
#include "base/encoding.h"
#include "message/atoms.h"
#include "message/charset.h"
#include "message/transfer_encoding.h"

namespace hongyan::message {

namespace {

// ---- reading ----

// encoded-word = "=?" charset "?" encoding "?" encoded-text "?="          RFC 2047 §2
// charset may have "*" language behind it                                 RFC 2231 §5
struct Word {
    std::string_view charset;
    bool base64 = false;
    std::string_view text;
    std::size_t size = 0;  // of the whole word
};

// Where the encoded text ends, which `rest` begins with. Not behind the start of another word: so no text is
// looked at twice, however many starts have no end.
std::optional<std::size_t> encoded_text_size(std::string_view rest) {
    for (std::size_t i = 0; i + 1 < rest.size(); ++i) {
        if (rest[i] == '?' && rest[i + 1] == '=') return i;
        if (rest[i] == '=' && rest[i + 1] == '?' && (i + 2 == rest.size() || rest[i + 2] != '='))
            return std::nullopt;
    }
    return std::nullopt;
}

// The word that `text` begins with; it has been seen to begin with "=?".
std::optional<Word> read_word(std::string_view text) {
    constexpr std::size_t longest_charset = 100;
    const auto charset_end = text.substr(0, longest_charset).find('?', 2);
    if (charset_end == std::string_view::npos || text.size() < charset_end + 3) return std::nullopt;
    const auto charset = text.substr(2, charset_end - 2);
    const char encoding = ascii::lower(text[charset_end + 1]);
    const bool known = encoding == 'b' || encoding == 'q';
    if (!known || text[charset_end + 2] != '?' || std::ranges::any_of(charset, ascii::is_space))
        return std::nullopt;
    const auto rest = text.substr(charset_end + 3);
    const auto size = encoded_text_size(rest);
    if (!size) return std::nullopt;
    return Word{charset.substr(0, charset.find('*')), encoding == 'b', rest.substr(0, *size),
                charset_end + 3 + *size + 2};
}

int hex_digit(char c) {
    if (ascii::is_digit(c)) return c - '0';
    const char small = ascii::lower(c);
    return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

// The "Q" encoding (RFC 2047 §4.2); a "=" that begins no number stands for itself.
void append_q_decoded(std::string& out, std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const int high = text[i] == '=' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
        const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
        if (low >= 0) {
            out.push_back(static_cast<char>(high * 16 + low));
            i += 2;
        } else {
            out.push_back(text[i] == '_' ? ' ' : text[i]);
        }
    }
}

// Words of base64 that some senders cut at any place: only joined do they make whole groups of four.
bool is_cut_between_words(std::span<const Word> words) {
    std::size_t total = 0;
    bool cut = false;
    for (const auto& word : words) {
        const bool last = &word == &words.back();
        if (!last && word.text.ends_with('=')) return false;
        cut = cut || (!last && word.text.size() % 4 != 0);
        total += word.text.size();
    }
    return cut && total % 4 == 0;
}

void append_base64_decoded(std::string& out, std::span<const Word> words) {
    if (!is_cut_between_words(words)) {
        for (const auto& word : words) out += decode_base64(word.text);
        return;
    }
    std::string joined;
    for (const auto& word : words) joined += word.text;
    out += decode_base64(joined);
}

// The front words for which `same` holds with the first one.
template <typename Same>
std::span<const Word> front_run(std::span<const Word> words, Same same) {
    const auto end =
        std::ranges::find_if_not(words, [&](const Word& word) { return same(words.front(), word); });
    return words.first(static_cast<std::size_t>(end - words.begin()));
}

// Adjacent words of one charset: their bytes are joined before they are converted.
std::string text_of(std::span<const Word> words) {
    const auto charset = words.front().charset;
    std::string bytes;
    while (!words.empty()) {
        const auto run = front_run(words, [](const Word& a, const Word& b) { return a.base64 == b.base64; });
        if (run.front().base64)
            append_base64_decoded(bytes, run);
        else
            for (const auto& word : run) append_q_decoded(bytes, word.text);
        words = words.subspan(run.size());
    }
    return to_utf8(bytes, charset);
}

// Takes a value apart into plain text and groups of adjacent words.
class Decoder {
public:
    std::string decode(std::string_view value) {
        std::size_t plain = 0;  // where text begins that is in no word
        for (auto at = value.find("=?"); at != std::string_view::npos; at = value.find("=?", at)) {
            const auto word = read_word(value.substr(at));
            if (!word) {
                at += 2;
                continue;
            }
            put_plain(value.substr(plain, at - plain), Next::word);
            words_.push_back(*word);
            at += word->size;
            plain = at;
        }
        put_plain(value.substr(plain), Next::end);
        return one_line(out_);
    }

private:
    enum class Next { word, end };

    // Blanks between two words are no text (RFC 2047 §6.2).
    void put_plain(std::string_view text, Next next) {
        if (next == Next::word && !words_.empty() && std::ranges::all_of(text, ascii::is_space)) return;
        put_words();
        if (!text.empty()) out_ += to_utf8(text, "");
    }

    void put_words() {
        std::span<const Word> words = words_;
        while (!words.empty()) {
            const auto run = front_run(
                words, [](const Word& a, const Word& b) { return ascii::iequals(a.charset, b.charset); });
            out_ += text_of(run);
            words = words.subspan(run.size());
        }
        words_.clear();
    }

    std::string out_;
    std::vector<Word> words_;  // adjacent ones, not yet decoded
};

// ---- writing ----

constexpr std::string_view word_end = "?=";
constexpr std::size_t word_frame = 12;           // =?UTF-8?B? and ?=
constexpr std::size_t smallest_room = 30;        // frame, and a character of four bytes in Q
constexpr std::size_t longest_plain_word = 200;  // a line may have 998; an address of a page goes through

// Stands for itself in the Q encoding: RFC 2047 §5 (3) for phrases, §4.2 (3) elsewhere.
bool is_plain_in_q(char c, Context context) {
    if (context == Context::phrase) return ascii::is_alnum(c) || std::string_view("!*+-/").contains(c);
    return c > ' ' && c < '\x7f' && c != '=' && c != '?' && c != '_';
}

std::size_t q_size(std::string_view text, Context context) {
    std::size_t size = 0;
    for (const char c : text) size += c == ' ' || is_plain_in_q(c, context) ? 1 : 3;
    return size;
}

std::string q_encode(std::string_view text, Context context) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<std::uint8_t>(c);
        if (c == ' ')
            out += '_';
        else if (is_plain_in_q(c, context))
            out += c;
        else
            out += {'=', digits[byte >> 4U], digits[byte & 15U]};
    }
    return out;
}

// Which characters may stand as they are.
struct Rules {
    Context context;
    Headers headers;

    bool may_stand(std::string_view text) const { return headers == Headers::utf8 || is_ascii(text); }
    bool is_atom(std::string_view word) const {
        return may_stand(word) && std::ranges::all_of(word, is_wide_atext);
    }
    bool must_be_encoded(std::string_view word) const {
        if (word.empty() || word.size() > longest_plain_word || !may_stand(word) || looks_encoded(word))
            return true;
        return context == Context::phrase && !is_atom(word);
    }
    // Without runs of blanks, which could not be folded.
    bool can_be_quoted(std::string_view text) const {
        std::size_t word = 0;
        for (const char c : text) {
            word = c == ' ' ? 0 : word + 1;
            if (word > longest_plain_word) return false;
        }
        return may_stand(text) && !looks_encoded(text) && !text.contains("  ");
    }
};

class Encoder {
public:
    Encoder(Rules rules, std::size_t room) : rules_(rules), room_(std::max(room, smallest_room)) {}

    // Words that must be encoded are, together with the blanks between them. An empty word stands between two
    // blanks, or at an end; it takes its neighbours with it, so that the blanks are inside.
    std::string encode(std::string_view text) {
        const auto words = split(text);
        const auto is_encoded = [&](std::size_t i) {
            return rules_.must_be_encoded(words[i]) || (i > 0 && words[i - 1].empty()) ||
                   (i + 1 < words.size() && words[i + 1].empty());
        };
        for (std::size_t i = 0; i < words.size(); ++i) {
            auto last = i;
            if (!is_encoded(i)) {
                put(words[i]);
                continue;
            }
            while (last + 1 < words.size() && is_encoded(last + 1)) ++last;
            put_encoded({words[i].begin(), words[last].end()});
            i = last;
        }
        return std::move(out_);
    }

private:
    static std::vector<std::string_view> split(std::string_view text) {
        std::vector<std::string_view> words;
        for (;;) {
            const auto blank = text.find(' ');
            words.push_back(text.substr(0, blank));
            if (blank == std::string_view::npos) return words;
            text.remove_prefix(blank + 1);
        }
    }

    void put(std::string_view word) {
        if (!out_.empty()) out_ += ' ';
        out_ += word;
    }

    void put_encoded(std::string_view text) {
        const bool base64 = (text.size() + 2) / 3 * 4 < q_size(text, rules_.context);
        while (!text.empty()) {
            const auto piece = front_piece(text, base64, room_ - word_frame);
            put(base64 ? "=?UTF-8?B?" : "=?UTF-8?Q?");
            out_ += base64 ? to_base64(piece) : q_encode(piece, rules_.context);
            out_ += word_end;
            text.remove_prefix(piece.size());
            room_ = max_encoded_word;
        }
    }

    // The longest front part, in whole characters, whose encoding takes at most `space`.
    std::string_view front_piece(std::string_view text, bool base64, std::size_t space) const {
        if (base64) return utf8_prefix(text, space / 4 * 3);
        std::size_t size = 0;
        while (size < text.size()) {
            const auto character = text.substr(size, utf8_character_size(text.substr(size)));
            const auto needed = q_size(character, rules_.context);
            if (needed > space) break;
            space -= needed;
            size += character.size();
        }
        return text.substr(0, size);
    }

    Rules rules_;
    std::size_t room_;
    std::string out_;
};

// Most text that is no phrase: words of ASCII with single blanks between them, of which none must be encoded.
// It is looked at once.
bool stands_as_it_is(std::string_view text) {
    if (text.empty() || text.starts_with(' ') || text.ends_with(' ')) return false;
    bool is_other = false;  // branches in the loops would keep the compiler from taking many at once
    for (const char c : text) is_other |= c < ' ' || c > '~';  // a control character, or not ASCII
    for (std::size_t i = 1; i < text.size(); ++i) {
        const char before = text[i - 1], c = text[i];
        is_other |= before == ' ' && c == ' ';
        is_other |= (before == '=' && c == '?') || (before == '~' && c == '{');  // see looks_encoded()
    }
    if (is_other) return false;
    while (text.size() > longest_plain_word) {
        const auto blank = text.rfind(' ', longest_plain_word);
        if (blank == text.npos) return false;
        text.remove_prefix(blank + 1);
    }
    return true;
}

bool is_atoms(std::string_view text, const Rules& rules) {
    if (text.starts_with(' ') || text.ends_with(' ') || text.contains("  ")) return false;
    std::string joined(text);
    std::erase(joined, ' ');
    return rules.is_atom(joined);
}

}  // namespace

std::string decode_header_text(std::string_view unfolded) { return Decoder().decode(unfolded); }

std::size_t encoded_word_size(std::string_view text) {
    const auto word = text.starts_with("=?") ? read_word(text) : std::nullopt;
    return word ? word->size : 0;
}

std::string one_line(std::string_view text) {
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    auto out = replace_invalid_utf8(text);
    std::ranges::replace_if(out, ascii::is_control, ' ');
    if (!out.contains(byte_order_mark)) return out;
    std::string kept;
    for (std::size_t at = 0; at < out.size();) {
        const auto end = std::min(out.find(byte_order_mark, at), out.size());
        kept.append(out, at, end - at);
        at = end + byte_order_mark.size();
    }
    return kept;
}

bool looks_encoded(std::string_view text) { return text.contains("=?") || text.contains("~{"); }

std::string quote(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

std::string encode_header_text(std::string_view utf8, Context context, std::size_t room, Headers headers) {
    if (context == Context::unstructured && stands_as_it_is(utf8)) return std::string(utf8);
    const Rules rules{context, headers};
    const auto text = one_line(utf8);
    if (text.empty()) return {};
    if (context == Context::phrase && rules.can_be_quoted(text) && !is_atoms(text, rules)) return quote(text);
    return Encoder(rules, room).encode(text);
}

}  // namespace hongyan::message
