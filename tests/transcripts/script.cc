#include "transcripts/script.h"

#include "base/encoding.h"
#include "base/scanner.h"

namespace hongyan::transcripts {

namespace {

constexpr std::string_view anything = "(...)";

// \r \n \0 \\ \xHH, and \{text*count} for long runs.
std::string escaped_bytes(Scanner& in) {
    if (in.present("r")) return "\r";
    if (in.present("n")) return "\n";
    if (in.present("0")) return std::string(1, '\0');
    if (in.present("\\")) return "\\";
    if (in.present("x")) {
        const auto byte = from_hex(in.take(2));
        if (!byte) in.fail();
        return byte.value_or("");
    }
    in.expect("{");
    const auto text = unescape(in.take_until("*"));
    const auto count = in.number<std::size_t>(1'000'000);
    in.expect("}");
    std::string run;
    for (std::size_t i = 0; i < count; ++i) run += text;
    return run;
}

std::set<std::string> parse_circumstances(std::string_view text) {
    std::set<std::string> words;
    for (Scanner in(text); !in.at_end();) {
        words.emplace(ascii::trim(in.take_while([](char c) { return c != ','; })));
        in.present(",");
    }
    return words;
}

class ScriptParser {
public:
    ScriptParser(std::string_view text, const std::string& file, Side side)
        : text_(text), file_(file), side_(side) {}

    Result<std::vector<Script>> run() {
        begin();
        while (!text_.empty()) TRY(take_line());
        finish();
        return std::move(scripts_);
    }

private:
    void begin() { script_ = {.side = side_, .file = file_, .line = line_ + 1, .with = {}, .items = {}}; }
    void finish() {
        if (!script_.items.empty()) scripts_.push_back(std::move(script_));
        begin();
    }

    Result<void> take_line() {
        const auto end = std::min(text_.find('\n'), text_.size());
        const auto line = text_.substr(0, end);
        text_.remove_prefix(std::min(end + 1, text_.size()));
        ++line_;
        if (line.empty() || line.starts_with('#')) return {};
        if (line == "---") return finish(), Result<void>{};
        if (line.starts_with("with:"))
            return script_.with = parse_circumstances(line.substr(5)), Result<void>{};
        return take_item(line);
    }

    Result<void> take_item(std::string_view line) {
        using Kind = Item::Kind;
        if (line.size() < 2 || line[1] != ':') return complain(line);
        auto text = line.substr(2);
        if (text.starts_with(' ')) text.remove_prefix(1);
        const char peer = side_ == Side::server ? 'C' : 'S';
        if (line[0] == peer) return add(Kind::peer, unescape(text) + "\r\n"), Result<void>{};
        if (line[0] == ascii::lower(peer)) return add(Kind::peer, unescape(text)), Result<void>{};
        switch (line[0]) {
            case 'C':
            case 'S':
                add(Kind::session, text);
                break;
            case '?':
                add(Kind::question, text);
                break;
            case '=':
                add(Kind::answer, text);
                break;
            case '!':
                add(Kind::event, text);
                break;
            case 'R':
                add(Kind::report, text);
                break;
            case 'X':
                add(Kind::closes, text);
                break;
            default:
                return complain(line);
        }
        return {};
    }

    void add(Item::Kind kind, std::string_view text) {
        script_.items.push_back({kind, std::string(text), line_});
    }

    Result<void> complain(std::string_view line) const {
        return fail(Error::Kind::invalid, "{}:{}: not a line of a transcript: {}", file_, line_, line);
    }

    std::string_view text_;
    std::string file_;
    Side side_;
    int line_ = 0;
    Script script_;
    std::vector<Script> scripts_;
};

}  // namespace

// What is no escape of ours stands for itself.
std::string unescape(std::string_view text) {
    std::string out;
    for (Scanner in(text); !in.at_end();) {
        out += in.take_while([](char c) { return c != '\\'; });
        if (!in.present("\\")) continue;
        auto rest = in;
        const auto bytes = escaped_bytes(rest);
        out += rest.failed() ? "\\" : bytes;
        if (!rest.failed()) in = rest;
    }
    return out;
}

Result<std::vector<Script>> parse_scripts(std::string_view text, const std::string& file, Side side) {
    return ScriptParser(text, file, side).run();
}

bool matches(std::string_view line, std::string_view pattern) {
    const auto gap = pattern.find(anything);
    if (gap == pattern.npos) return line == pattern;
    if (!line.starts_with(pattern.substr(0, gap))) return false;
    const auto rest = pattern.substr(gap + anything.size());
    for (std::size_t from = gap; from <= line.size(); ++from)
        if (matches(line.substr(from), rest)) return true;
    return false;
}

}  // namespace hongyan::transcripts
