#include "milter/reply.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/scanner.h"

namespace hongyan::milter {

namespace {

using Parsed = std::expected<Reply, std::string>;

constexpr std::size_t most_lines = 32;       // of a reply, as libmilter allows
constexpr std::size_t longest_line = 500;    // bytes of it: RFC 5321 §4.5.3.1.5 allows 512 with the rest
constexpr std::size_t most_symbols = 1'000;  // names of macros that a filter may ask for

std::unexpected<std::string> nonsense(std::string_view what) {
    return std::unexpected(fmt::format("{} that makes no sense", what));
}

// Texts that each end with NUL, to the end of the data. The first failure sticks.
class Texts {
public:
    explicit Texts(std::string_view data) : in_(data) {}

    std::uint32_t number() {
        const auto number = bytes::take_big_endian<std::uint32_t>(in_);
        if (!number) failed_ = true;
        return number.value_or(0);
    }
    std::string text() {
        const auto end = in_.find('\0');
        if (end == in_.npos) return failed_ = true, std::string();
        std::string out(in_.substr(0, end));
        in_.remove_prefix(end + 1);
        return out;
    }
    bool at_end() const { return in_.empty(); }
    bool failed() const { return failed_; }
    // What is left, joined by blanks.
    std::string parameters() {
        std::string out;
        while (!at_end() && !failed_) {
            const auto one = text();
            if (!one.empty()) out += (out.empty() ? "" : " ") + one;
        }
        return out;
    }

private:
    std::string_view in_;
    bool failed_ = false;
};

bool is_name_byte(char c) { return c > ' ' && c < '\x7f' && c != ':'; }

// field-name = 1*ftext   RFC 5322 §2.2
bool is_field_name(std::string_view name) {
    return !name.empty() && name.size() <= 100 && std::ranges::all_of(name, is_name_byte);
}

// Texts of libmilter are formats: a percent sign comes twice.
std::string printable(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size() && out.size() < longest_line; ++i) {
        if (text.substr(i, 2) == "%%") ++i;
        out += text[i] >= ' ' && text[i] < '\x7f' ? text[i] : '?';
    }
    return out;
}

// status-code = class "." subject "." detail   RFC 3463 §2
std::string take_status(Scanner& in, char kind) {
    auto ahead = in;
    const auto start = ahead.position();
    if (ahead.peek() != kind) return {};
    for (int part = 0; part < 3; ++part) {
        if (part > 0) ahead.expect(".");
        ahead.number<std::uint32_t>(999);
    }
    if (ahead.failed() || (!ahead.at_end() && ahead.peek() != ' ')) return {};
    const auto status = in.take(ahead.position() - start);
    in.skip_blanks();
    return std::string(status);
}

bool take_line(std::string_view line, SmtpReply& reply) {
    Scanner in(line);
    const auto digits = in.take_while(ascii::is_digit);
    if (digits.size() != 3 || (digits.front() != '4' && digits.front() != '5')) return false;
    Scanner number(digits);
    const auto code = static_cast<int>(number.number<std::uint32_t>());
    if (!in.at_end() && !in.present("-")) in.expect(" ");
    if (in.failed() || (reply.code != 0 && reply.code != code)) return false;
    reply.code = code;
    auto status = take_status(in, digits.front());
    if (reply.lines.empty()) reply.status = std::move(status);
    reply.lines.push_back(printable(in.rest()));
    return reply.lines.size() <= most_lines;
}

Parsed read_smtp_reply(std::string_view text) {
    Verdict verdict{.kind = Verdict::Kind::reply};
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        auto line = text.substr(0, end);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (!take_line(line, verdict.reply)) return nonsense("a reply for the client");
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (verdict.reply.lines.empty()) return nonsense("a reply for the client");
    return verdict;
}

Parsed read_negotiated(Texts in) {
    Negotiated out;
    out.version = in.number();
    out.actions = in.number();
    out.steps = in.number();
    std::size_t names = 0;
    while (!in.at_end() && !in.failed()) {
        const auto stage = in.number();
        auto wanted = parse_names(in.text());
        names += wanted.size();
        if (stage >= stages || names > most_symbols) return nonsense("a list of macros");
        out.symbols.choose(static_cast<Stage>(stage), std::move(wanted));
    }
    if (in.failed()) return nonsense("an answer to the negotiation");
    return out;
}

template <typename Header>
Parsed read_header(Texts in, Header out) {
    if constexpr (requires { out.index; }) out.index = in.number();
    out.name = in.text();
    out.value = in.text();
    if (in.failed() || !in.at_end()) return nonsense("a change of the header");
    if (!is_field_name(out.name)) return nonsense("a name of a header field");
    return Change(std::move(out));
}

template <typename Who>
Parsed read_address(Texts in, Who out) {
    out.address = in.text();
    if constexpr (requires { out.parameters; }) out.parameters = in.parameters();
    if (in.failed() || !in.at_end()) return nonsense("a change of the envelope");
    return Change(std::move(out));
}

Parsed read_quarantine(Texts in) {
    Quarantine out{.reason = printable(in.text())};
    if (in.failed()) return nonsense("a reason for quarantine");
    return Change(std::move(out));
}

Parsed read_simple(Verdict::Kind kind, std::string_view data) {
    if (!data.empty()) return nonsense("an answer");
    return Verdict{.kind = kind};
}

constexpr std::pair<Verdict::Kind, std::string_view> kinds[] = {
    {Verdict::Kind::proceed, "continue"},
    {Verdict::Kind::accept, "accept"},
    {Verdict::Kind::reject, "reject"},
    {Verdict::Kind::temporary, "temporary failure"},
    {Verdict::Kind::discard, "discard"},
    {Verdict::Kind::reply, "reply"},
    {Verdict::Kind::connection_fails, "close the connection"}};

// How each change reads, and what the filter must have asked for.
struct Describe {
    std::string operator()(const AddHeader& it) const { return fmt::format("add {}: {}", it.name, it.value); }
    std::string operator()(const InsertHeader& it) const {
        return fmt::format("insert at {} {}: {}", it.index, it.name, it.value);
    }
    std::string operator()(const ChangeHeader& it) const {
        return it.value.empty() ? fmt::format("remove {} {}", it.name, it.index)
                                : fmt::format("change {} {} to {}", it.name, it.index, it.value);
    }
    std::string operator()(const AddRecipient& it) const {
        return fmt::format("add recipient {}{}{}", it.address, it.parameters.empty() ? "" : " ",
                           it.parameters);
    }
    std::string operator()(const RemoveRecipient& it) const {
        return fmt::format("remove recipient {}", it.address);
    }
    std::string operator()(const ChangeSender& it) const {
        return fmt::format("change sender to {}{}{}", it.address, it.parameters.empty() ? "" : " ",
                           it.parameters);
    }
    std::string operator()(const Quarantine& it) const { return fmt::format("quarantine: {}", it.reason); }
};

struct Permit {
    std::uint32_t operator()(const AddHeader&) const { return action::add_headers; }
    std::uint32_t operator()(const InsertHeader&) const { return action::add_headers; }
    std::uint32_t operator()(const ChangeHeader&) const { return action::change_headers; }
    std::uint32_t operator()(const AddRecipient& it) const {
        return it.parameters.empty() ? action::add_recipients | action::add_recipients_with_parameters
                                     : action::add_recipients_with_parameters;
    }
    std::uint32_t operator()(const RemoveRecipient&) const { return action::remove_recipients; }
    std::uint32_t operator()(const ChangeSender&) const { return action::change_sender; }
    std::uint32_t operator()(const Quarantine&) const { return action::quarantine; }
};

}  // namespace

std::expected<Reply, std::string> parse_reply(std::string_view packet) {
    if (packet.empty()) return nonsense("an empty packet");
    const auto data = packet.substr(1);
    using enum Verdict::Kind;
    switch (packet.front()) {
        case answer::negotiated:
            return read_negotiated(Texts(data));
        case answer::proceed:
            return read_simple(proceed, data);
        case answer::accept:
            return read_simple(accept, data);
        case answer::reject:
            return read_simple(reject, data);
        case answer::temporary:
            return read_simple(temporary, data);
        case answer::discard:
            return read_simple(discard, data);
        case answer::connection_fails:
        case answer::shut_down:
            return read_simple(connection_fails, data);
        case answer::reply:
            return read_smtp_reply(data.substr(0, data.find('\0')));
        case answer::progress:
            return Progress{};
        case answer::skip:
            return Skip{};
        case answer::add_header:
            return read_header(Texts(data), AddHeader{});
        case answer::insert_header:
            return read_header(Texts(data), InsertHeader{});
        case answer::change_header:
            return read_header(Texts(data), ChangeHeader{});
        case answer::replace_body:
            return BodyPiece{data};
        case answer::add_recipient:
        case answer::add_recipient_with_parameters:
            return read_address(Texts(data), AddRecipient{});
        case answer::remove_recipient:
            return read_address(Texts(data), RemoveRecipient{});
        case answer::change_sender:
            return read_address(Texts(data), ChangeSender{});
        case answer::quarantine:
            return read_quarantine(Texts(data));
        default:
            return nonsense("an answer");
    }
}

std::string to_text(const Verdict& verdict) {
    const auto* const found =
        std::ranges::find(kinds, verdict.kind, &std::pair<Verdict::Kind, std::string_view>::first);
    std::string out(found->second);
    if (verdict.kind != Verdict::Kind::reply) return out;
    const auto& reply = verdict.reply;
    out += fmt::format(" {}{}{}", reply.code, reply.status.empty() ? "" : " ", reply.status);
    for (const auto& line : reply.lines) out += " " + line;
    return out;
}

std::string to_text(const Change& change) { return std::visit(Describe{}, change); }
std::uint32_t permission_for(const Change& change) { return std::visit(Permit{}, change); }

}  // namespace hongyan::milter
