#include "verify/canonical.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "base/ascii.h"
#include "message/field.h"

namespace hongyan::verify {

namespace {

constexpr std::string_view line_end = "\r\n";

// Whether relaxed canonicalization leaves the octet as it is, whatever comes before it. A CR by itself is no
// line end, nor is an LF: they stay (RFC 6376 §3.4.2).
constexpr bool is_kept(char c, char next) {
    const auto is_visible = [](char each) { return static_cast<unsigned char>(each) > ' '; };
    if (is_visible(c)) return true;
    if (c == ' ') return is_visible(next);
    return c == '\r' ? next != '\n' : c != '\t';
}

// Behind the white space at the start: blanks, and line ends that fold.
std::string_view without_leading_folds(std::string_view value) {
    for (;;) {
        if (value.starts_with(line_end))
            value.remove_prefix(line_end.size());
        else if (!value.empty() && ascii::is_blank(value.front()))
            value.remove_prefix(1);
        else
            return value;
    }
}

// The same at the end.
std::string_view without_trailing_folds(std::string_view value) {
    for (;;) {
        if (value.ends_with(line_end))
            value.remove_suffix(line_end.size());
        else if (!value.empty() && ascii::is_blank(value.back()))
            value.remove_suffix(1);
        else
            return value;
    }
}

// In one line, and each row of blanks as one. No white space at its ends.
void add_unfolded(std::string& out, std::string_view value) {
    while (!value.empty()) {
        std::size_t size = 0;
        while (size + 1 < value.size() && is_kept(value[size], value[size + 1])) ++size;
        if (size + 1 == value.size()) ++size;
        out += value.substr(0, size);
        value.remove_prefix(size);
        const auto word = without_leading_folds(value);
        if (std::any_of(value.begin(), word.begin(), ascii::is_blank)) out += ' ';
        value = word;
    }
}

void add_relaxed(std::string& out, std::string_view whole) {
    const auto colon = whole.find(':');
    const auto name = ascii::trim(whole.substr(0, colon));
    const auto start = out.size();
    out += name;
    for (auto& c : std::span(out).subspan(start)) c = ascii::lower(c);
    if (colon != std::string_view::npos) {
        out += ':';
        const auto value = message::without_line_break(whole.substr(colon + 1));
        add_unfolded(out, without_leading_folds(without_trailing_folds(value)));
    }
    out += line_end;
}

constexpr std::size_t block = 64;  // octets, for the compiler to make vectors of

// Whether relaxed canonicalization may change one of the block's octets, or of what follows it.
[[gnu::always_inline]] inline bool may_change(const char* text) {
    unsigned char bad = 0;
    for (std::size_t i = 0; i < block; ++i) {
        const char c = text[i];
        const auto is_tab = static_cast<unsigned char>(c == '\t');
        const auto is_space = static_cast<unsigned char>(c == ' ');
        const auto may_matter = static_cast<unsigned char>(static_cast<unsigned char>(text[i + 1]) <= ' ');
        bad = static_cast<unsigned char>(bad | is_tab | (is_space & may_matter));
    }
    return bad != 0;
}

// So many octets from the start, in whole blocks or to the end, relaxed canonicalization leaves as they are.
[[gnu::always_inline]] inline std::size_t unchanged_blocks(std::string_view text) {
    std::size_t size = 0;
    while (size + block < text.size() && !may_change(text.data() + size)) size += block;
    const auto rest = text.substr(size);
    if (rest.size() > block) return size;
    std::array<char, block + 1> last;
    last.fill('.');  // what comes behind the text is not known yet: see unchanged()
    std::ranges::copy(rest, last.begin());
    return may_change(last.data()) ? size : text.size();
}

#if defined(__x86_64__)
[[gnu::target("avx2")]] std::size_t unchanged_wide(std::string_view text) { return unchanged_blocks(text); }
const bool has_vectors = __builtin_cpu_supports("avx2") != 0;
#else
std::size_t unchanged_wide(std::string_view text) { return unchanged_blocks(text); }
constexpr bool has_vectors = false;
#endif
std::size_t unchanged_narrow(std::string_view text) { return unchanged_blocks(text); }

// So many octets from the start are canonical as they are, whatever follows.
std::size_t unchanged(std::string_view text, Canonical canonical) {
    std::size_t size = text.size();
    if (canonical == Canonical::relaxed) size = has_vectors ? unchanged_wide(text) : unchanged_narrow(text);
    const auto may_count_later = [](char c) { return ascii::is_space(c); };
    while (size > 0 && may_count_later(text[size - 1])) --size;
    return size;
}

}  // namespace

std::string_view to_string(Canonical canonical) {
    return canonical == Canonical::simple ? "simple" : "relaxed";
}

void add_field(std::string& out, std::string_view whole, Canonical canonical) {
    if (canonical == Canonical::relaxed) return add_relaxed(out, whole);
    out += whole;
    if (!whole.ends_with('\n')) out += line_end;
}

std::string without_signature(std::string_view whole) {
    auto at = whole.find(':');
    while (at != std::string_view::npos) {
        const auto end = whole.find(';', at + 1);
        const auto spec = whole.substr(at + 1, end == std::string_view::npos ? end : end - at - 1);
        const auto name = std::ranges::find_if_not(spec, ascii::is_space);
        const auto equals = name != spec.end() && *name == 'b' ? spec.find('=') : std::string_view::npos;
        if (equals != std::string_view::npos && ascii::trim(spec.substr(0, equals)) == "b") {
            const auto kept = at + 1 + equals + 1;
            std::string out;
            out.reserve(whole.size());
            out += whole.substr(0, kept);
            out += end == std::string_view::npos ? line_end : whole.substr(end);
            return out;
        }
        at = end;
    }
    return std::string(whole);
}

void BodyHash::emit(std::string_view bytes) {
    constexpr std::size_t enough = 4096;  // octets gathered before they are hashed
    const auto limit = demand_.length.value_or(std::numeric_limits<std::uint64_t>::max());
    const auto counted =
        bytes.substr(0, size_ < limit ? std::min<std::uint64_t>(bytes.size(), limit - size_) : 0);
    size_ += bytes.size();
    if (gathered_.size() + counted.size() <= enough) {
        gathered_ += counted;
        return;
    }
    if (!gathered_.empty()) hasher_.update(std::exchange(gathered_, {}));
    hasher_.update(counted);
}

// What was held back counts after all.
void BodyHash::flush() {
    for (; breaks_ > 0; --breaks_) emit(line_end);
    if (std::exchange(blank_, false)) emit(" ");
    if (std::exchange(cr_, false)) emit("\r");
}

void BodyHash::step(char c) {
    if (c == '\n' && cr_) {
        cr_ = blank_ = false;
        ++breaks_;
    } else if (c == '\r') {
        if (cr_) flush();
        cr_ = true;
    } else if (demand_.canonical == Canonical::relaxed && ascii::is_blank(c)) {
        if (cr_) flush();
        blank_ = true;
    } else {
        flush();
        emit({&c, 1});
    }
}

void BodyHash::update(std::string_view body) {
    while (!body.empty()) {
        // Only before something else than white space what was held back is sure to count.
        const bool is_sure = !cr_ && !ascii::is_space(body.front());
        if (const auto size = is_sure ? unchanged(body, demand_.canonical) : 0; size > 0) {
            flush();
            emit(body.substr(0, size));
            body.remove_prefix(size);
            continue;
        }
        const auto count = std::min(body.size(), block);
        for (std::size_t i = 0; i < count; ++i) step(body[i]);
        body.remove_prefix(count);
    }
}

// RFC 6376 §3.4.3, §3.4.4: empty lines at the end are one line end, or nothing if there is nothing else.
void BodyHash::finish() {
    if (cr_) flush();
    breaks_ = 0;
    blank_ = false;
    if (size_ > 0 || demand_.canonical == Canonical::simple) emit(line_end);
    hasher_.update(gathered_);
    digest_ = hasher_.finish();
}

}  // namespace hongyan::verify
