#include "message/thread.h"

#include "base/ascii.h"
#include "base/scanner.h"

namespace hongyan::message {
namespace {

// A subject of nothing but tags is looked through again for each of them; nobody writes so many.
constexpr std::size_t max_subject_size = 1'000;

// (1): all white space as single blanks
std::string with_single_blanks(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const char written = ascii::is_space(c) ? ' ' : c;
        if (written != ' ' || !out.ends_with(' ')) out += written;
    }
    return out;
}

// subj-blob = "[" *BLOBCHAR "]" *WSP
bool take_blob(Scanner& in) {
    auto ahead = in;
    ahead.expect("[");
    ahead.take_while([](char c) { return c != '[' && c != ']'; });
    ahead.expect("]");
    ahead.skip_blanks();
    if (ahead.failed()) return false;
    in = ahead;
    return true;
}

// subj-refwd = ("re" / ("fw" ["d"])) *WSP [subj-blob] ":"
bool take_refwd(Scanner& in) {
    auto ahead = in;
    if (!ahead.present("re") && !ahead.present("fwd")) ahead.expect("fw");
    ahead.skip_blanks();
    take_blob(ahead);
    ahead.expect(":");
    if (ahead.failed()) return false;
    in = ahead;
    return true;
}

// Works on a view of the subject; the steps have the numbers of RFC 5256 §2.1.
class Reducer {
public:
    explicit Reducer(std::string_view subject) : text_(subject) {}

    BaseSubject run() {
        do {
            remove_trailers();
            while (remove_leader() || remove_blob()) {
            }
        } while (unwrap_forward());
        return {std::string(text_), changed_};
    }

private:
    // (2): subj-trailer = "(fwd)" / WSP
    void remove_trailers() {
        for (;;) {
            text_ = without_blanks_at_end(text_);
            if (text_.size() < 5 || !ascii::iequals(text_.substr(text_.size() - 5), "(fwd)")) return;
            text_.remove_suffix(5);
            changed_ = true;
        }
    }
    // (3): subj-leader = (*subj-blob subj-refwd) / WSP
    bool remove_leader() {
        Scanner in(text_);
        if (in.skip_blanks(); in.position() > 0) return advance(in);
        while (take_blob(in)) {
        }
        if (!take_refwd(in)) return false;
        changed_ = true;
        return advance(in);
    }
    // (4): a blob goes if something is left then
    bool remove_blob() {
        Scanner in(text_);
        return take_blob(in) && !in.at_end() && advance(in);
    }
    // (6): "[fwd:" subject "]"
    bool unwrap_forward() {
        if (!ascii::istarts_with(text_, "[fwd:") || !text_.ends_with(']')) return false;
        text_ = text_.substr(5, text_.size() - 6);
        changed_ = true;
        return true;
    }
    bool advance(const Scanner& in) {
        text_ = in.rest();
        return true;
    }
    static std::string_view without_blanks_at_end(std::string_view text) {
        while (text.ends_with(' ')) text.remove_suffix(1);
        return text;
    }

    std::string_view text_;
    bool changed_ = false;
};

}  // namespace

BaseSubject base_subject(std::string_view subject) {
    return Reducer(with_single_blanks(subject.substr(0, max_subject_size))).run();
}

std::uint64_t thread_key(std::string_view decoded_subject) {
    // FNV-1a with 64 bits: on disk, so it must stay what it is.
    std::uint64_t hash = 0xcbf29ce484222325U;
    const auto base = base_subject(decoded_subject);
    for (const char c : base.text)
        hash = (hash ^ static_cast<unsigned char>(ascii::lower(c))) * 0x100000001b3U;
    return base.text.empty() ? 0 : hash;
}

}  // namespace hongyan::message
