#include "message/address.h"

#include <array>

#include <arpa/inet.h>

#include "base/ascii.h"
#include "base/scanner.h"
#include "message/atoms.h"
#include "message/encoded_word.h"
#include "message/utf8.h"

namespace hongyan::message {

namespace {

constexpr bool is_let_dig_hyphen(char c) { return ascii::is_alnum(c) || c == '-'; }
// Of a well-formed UTF-8 text: a byte of a character beyond ASCII.
constexpr bool is_beyond_ascii(char c) { return ascii::is_8bit(c); }

bool is_dot_string(std::string_view text) {
    return !text.empty() && !text.starts_with('.') && !text.ends_with('.') && !text.contains("..") &&
           std::ranges::all_of(text, [](char c) { return c == '.' || is_wide_atext(c); });
}

// qtextSMTP and what may stand behind a backslash: printable ASCII.
constexpr bool is_quotable(char c) { return (c >= ' ' && c < '\x7f') || is_beyond_ascii(c); }

// Reads the productions of RFC 5321 §4.1.2; UTF-8 as RFC 6531 §3.3 adds it, if the text may hold it.
class Reader {
public:
    explicit Reader(std::string_view text) : in_(text) {}

    std::string_view rest() const { return in_.rest(); }
    bool complete() const { return in_.complete(); }
    bool failed() const { return in_.failed(); }

    // Local-part = Dot-string / Quoted-string
    std::string local_part() {
        const auto before = in_.rest();
        auto text = in_.peek() == '"' ? quoted_string() : dot_string();
        if (before.size() - in_.rest().size() > max_local_part) in_.fail();
        return text;
    }

    // Domain / address-literal
    std::string domain() {
        auto text = in_.peek() == '[' ? address_literal() : domain_name();
        if (text.size() > max_domain) in_.fail();
        return text;
    }

    // A-d-l = At-domain *( "," At-domain )        read and forgotten
    void source_route() {
        do {
            in_.expect("@");
            domain();
        } while (in_.present(","));
        in_.expect(":");
    }

    char peek() const { return in_.peek(); }
    bool present(std::string_view token) { return in_.present(token); }
    void expect(std::string_view token) { in_.expect(token); }

private:
    // Dot-string = Atom *("." Atom)
    std::string dot_string() {
        const auto text = in_.take_some([](char c) { return c == '.' || is_wide_atext(c); });
        if (!is_dot_string(text)) in_.fail();
        return std::string(text);
    }

    // Quoted-string = DQUOTE *QcontentSMTP DQUOTE
    std::string quoted_string() {
        std::string text;
        in_.expect("\"");
        while (!in_.failed() && !in_.present("\"")) {
            in_.present("\\");
            const auto c = in_.take(1);
            if (c.empty() || !is_quotable(c[0])) in_.fail();
            text += c;
        }
        return text;
    }

    // Domain = sub-domain *("." sub-domain)
    std::string domain_name() {
        const auto text =
            in_.take_some([](char c) { return c == '.' || is_let_dig_hyphen(c) || is_beyond_ascii(c); });
        for (std::size_t start = 0; start <= text.size() && !in_.failed();) {
            const auto end = std::min(text.find('.', start), text.size());
            sub_domain(text.substr(start, end - start));
            start = end + 1;
        }
        return ascii::to_lower(text);
    }

    // sub-domain = Let-dig [Ldh-str]
    void sub_domain(std::string_view label) {
        if (label.empty() || label.size() > max_label || label.front() == '-' || label.back() == '-')
            in_.fail();
    }

    // address-literal = "[" ( IPv4-address-literal / IPv6-address-literal ) "]"
    std::string address_literal() {
        in_.expect("[");
        const bool six = in_.present("IPv6:");
        const std::string text(in_.take_until("]"));
        std::array<char, INET6_ADDRSTRLEN> shortest{};
        in6_addr bytes{};
        const int family = six ? AF_INET6 : AF_INET;
        if (text.contains('\0') || inet_pton(family, text.c_str(), &bytes) != 1) in_.fail();
        if (in_.failed() || inet_ntop(family, &bytes, shortest.data(), shortest.size()) == nullptr) return {};
        return fmt::format("[{}{}]", six ? "IPv6:" : "", shortest.data());
    }

    Scanner in_;
};

Result<void> check_characters(std::string_view text, International international) {
    if (is_ascii(text)) return {};
    if (international == International::no)
        return fail(Error::Kind::invalid, "the address has letters beyond ASCII, which were not announced");
    if (!valid_utf8(text)) return fail(Error::Kind::invalid, "the address is not UTF-8");
    return {};
}

// A printable excerpt for messages.
std::string shown(std::string_view text) {
    constexpr std::size_t longest_excerpt = 100;
    std::string out = replace_invalid_utf8(utf8_prefix(text, longest_excerpt));
    std::ranges::replace_if(out, ascii::is_control, '?');
    return out;
}

// A local part holds no controls, so one that is not a dot-string can always be quoted.
std::string written(const std::string& local_part) {
    return is_dot_string(local_part) ? local_part : quote(local_part);
}

}  // namespace

Result<LocalPart> LocalPart::parse(std::string_view written, International international) {
    TRY(check_characters(written, international));
    Reader in(written);
    auto text = in.local_part();
    if (!in.complete()) return fail(Error::Kind::invalid, "\"{}\" is no local part", shown(written));
    return LocalPart(std::move(text));
}

std::string LocalPart::to_string() const { return written(text_); }

Result<Domain> Domain::parse(std::string_view written, International international) {
    TRY(check_characters(written, international));
    Reader in(written);
    auto text = in.domain();
    if (!in.complete()) return fail(Error::Kind::invalid, "\"{}\" is no domain", shown(written));
    return Domain(std::move(text));
}

std::string Address::to_string() const { return local_part.to_string() + "@" + domain.text(); }

bool Address::is_international() const { return !is_ascii(local_part.text()) || !is_ascii(domain.text()); }

Result<Address> parse_address(std::string_view text, International international) {
    const auto at = text.rfind('@');
    if (at == std::string_view::npos)
        return fail(Error::Kind::invalid, "the address \"{}\" has no at sign", shown(text));
    TRY(auto local_part, LocalPart::parse(text.substr(0, at), international));
    TRY(auto domain, Domain::parse(text.substr(at + 1), international));
    return Address{std::move(local_part), std::move(domain)};
}

// Path = "<" [ A-d-l ":" ] Mailbox ">"          Reverse-path = Path / "<>"
Result<Path> take_path(std::string_view& text, International international) {
    Reader in(text);
    in.expect("<");
    if (in.present(">")) {
        text = in.rest();
        return Path{};
    }
    if (in.peek() == '@') in.source_route();
    const auto mailbox = in.rest();
    in.local_part();
    const bool has_domain = in.present("@");
    if (has_domain) in.domain();
    const auto written = mailbox.substr(0, mailbox.size() - in.rest().size());
    in.expect(">");
    const bool too_long = written.size() + std::string_view("<>").size() > max_path;
    if (in.failed() || too_long) return fail(Error::Kind::invalid, "\"{}\" is no path", shown(text));
    const bool is_postmaster = !has_domain && ascii::iequals(written, "postmaster");
    Path path{std::nullopt, is_postmaster};
    if (!is_postmaster) {
        TRY(path.address, parse_address(written, international));
    }
    text = in.rest();
    return path;
}

Result<Path> parse_path(std::string_view text, International international) {
    auto rest = text;
    TRY(auto path, take_path(rest, international));
    if (!rest.empty()) return fail(Error::Kind::invalid, "\"{}\" goes on behind its path", shown(text));
    return path;
}

std::string display_name(const ListedAddress& item) {
    return std::string(ascii::trim(decode_header_text(item.name)));
}

std::optional<Mailbox> mailbox_of(const ListedAddress& item) {
    if (item.kind != ListedAddress::Kind::mailbox) return std::nullopt;
    auto local_part = LocalPart::parse(written(item.local_part));
    auto domain = Domain::parse(item.domain);
    if (!local_part || !domain) return std::nullopt;
    return Mailbox{display_name(item), {*std::move(local_part), *std::move(domain)}};
}

std::vector<Mailbox> mailboxes_in(std::string_view value) {
    std::vector<Mailbox> out;
    for (const auto& item : parse_address_list(value))
        if (auto mailbox = mailbox_of(item)) out.push_back(*std::move(mailbox));
    return out;
}

}  // namespace hongyan::message
