#include <algorithm>

#include "base/ascii.h"
#include "base/encoding.h"
#include "base/scanner.h"
#include "imap/wire/parser.h"
#include "imap/wire/url.h"
#include "message/utf8.h"

namespace hongyan::imap::wire {
namespace {

// bchar, "%" of pct-encoded included (RFC 5092 §11). "/" and ";" end what they stand in.
constexpr bool is_url_char(char c) {
    return ascii::is_alnum(c) || std::string_view("-._~!$'()*+,&=%:@").contains(c);
}
// pct-encoded undone. Nothing where "%" is followed by anything else, or the octets are not UTF-8 without
// NUL.
std::optional<std::string> decode(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        const auto octet = from_hex(text.substr(i + 1, 2));
        if (!octet || octet->size() != 1) return std::nullopt;
        out += *octet;
        i += 2;
    }
    if (out.contains('\0') || !message::valid_utf8(out)) return std::nullopt;
    return out;
}

// One function for each production; the first failure sticks.
class UrlParser {
public:
    explicit UrlParser(std::string_view text) : text_(text), in_(text) {}

    std::optional<MessageUrl> message() {
        if (text_.size() > max_url_size) return std::nullopt;
        bool begins_with_slash = false;
        if (in_.present("imap://"))
            server();
        else
            begins_with_slash = in_.present("/");
        if (!names_selected_mailbox(begins_with_slash)) mailbox();
        url_.uid = labelled(";UID=");
        if (in_.present("/;SECTION=")) section();
        if (in_.present("/;PARTIAL=")) partial();
        authorization();
        if (in_.failed() || !in_.at_end()) return std::nullopt;
        return std::move(url_);
    }

private:
    // ";UID=20/;SECTION=1" is of the mailbox that the URL is relative to.
    bool names_selected_mailbox(bool begins_with_slash) const {
        return in_.peek() == ';' && !url_.is_absolute() && !begins_with_slash;
    }

    std::string text(bool (*belongs)(char)) {
        auto decoded = decode(in_.take_some(belongs));
        if (!decoded) in_.fail();
        return decoded.value_or("");
    }

    // iserver = [iuserinfo "@"] host [":" port]; iuserinfo = enc-user [";AUTH=" …]
    void server() {
        const auto authority = in_.take_some([](char c) { return c != '/'; });
        const auto at = authority.rfind('@');
        const auto user = authority.substr(0, at == std::string_view::npos ? 0 : at);
        const auto decoded = decode(user.substr(0, user.find(';')));
        url_.host = std::string(authority.substr(at == std::string_view::npos ? 0 : at + 1));
        if (!decoded || url_.host.empty()) in_.fail();
        url_.user = decoded.value_or("");
        in_.expect("/");
    }

    // imailbox-ref = enc-mailbox [uidvalidity]; the "/" that belongs to iuid is taken with it
    void mailbox() {
        const auto end = in_.rest().find(';');
        const auto name = in_.take(end == std::string_view::npos ? 0 : end);
        const bool has_validity = ascii::istarts_with(in_.rest(), ";UIDVALIDITY=");
        const auto bare = has_validity || !name.ends_with('/') ? name : name.substr(0, name.size() - 1);
        const bool well_formed =
            !bare.empty() && std::ranges::all_of(bare, [](char c) { return is_url_char(c) || c == '/'; });
        auto decoded = decode(bare);
        // What has a ":" before its first "/" begins with a scheme (RFC 3986 §4.2).
        if (in_.position() == name.size() && bare.substr(0, bare.find('/')).contains(':')) in_.fail();
        if (!well_formed || !decoded || (bare.size() == name.size() && !has_validity)) in_.fail();
        url_.mailbox = decoded.value_or("");
        if (!has_validity) return;
        url_.uid_validity = labelled(";UIDVALIDITY=");
        in_.expect("/");
    }

    std::uint32_t labelled(std::string_view label) {
        in_.expect(label);
        const auto number = in_.number();
        if (number == 0) in_.fail();
        return number;
    }

    // enc-section = 1*bchar: section-spec
    void section() {
        const auto spec = text([](char c) { return is_url_char(c); });
        const auto bracketed = fmt::format("[{}]", spec);
        Parser in(bracketed);
        url_.section = in.section();
        if (!in.complete() || spec.empty()) in_.fail();
    }

    // partial-range = number ["." nz-number]
    void partial() {
        UrlPartial range;
        range.first = in_.number<std::uint64_t>(INT64_MAX);
        if (in_.present(".")) range.count = in_.number<std::uint64_t>(INT64_MAX);
        if (range.count == 0) in_.fail();
        url_.partial = range;
    }

    // [";EXPIRE=" date-time] ";URLAUTH=" access [":" mechanism ":" enc-urlauth]
    void authorization() {
        std::optional<Instant> expires;
        if (in_.present(";EXPIRE=")) expires = moment();
        if (!expires && in_.at_end()) return;
        UrlAuthorization leave;
        leave.expires = expires;
        in_.expect(";URLAUTH=");
        access(leave);
        leave.rump = text_.substr(0, in_.position());
        if (in_.present(":")) {
            leave.mechanism =
                in_.take_some([](char c) { return ascii::is_alnum(c) || c == '-' || c == '.'; });
            in_.expect(":");
            leave.token = in_.take_some([](char c) { return ascii::is_alnum(c); });
            if (!from_hex(leave.token)) in_.fail();
        }
        url_.authorization = std::move(leave);
    }

    // access = "submit+" enc-user / "user+" enc-user / "authuser" / "anonymous"
    void access(UrlAuthorization& leave) {
        using enum UrlAuthorization::Access;
        const auto is_user_char = [](char c) { return is_url_char(c) && c != ':'; };
        if (in_.present("authuser")) {
            leave.access = any_user;
        } else if (in_.present("anonymous")) {
            leave.access = anonymous;
        } else if (in_.present("submit+")) {
            leave.access = submit;
            leave.user = text(is_user_char);
        } else {
            in_.expect("user+");
            leave.access = user;
            leave.user = text(is_user_char);
        }
    }

    int digits(std::size_t count) {
        Scanner in(in_.take(count));
        const auto value = in.number();
        if (!in.complete()) in_.fail();
        return static_cast<int>(value);
    }

    // date-time = full-date "T" partial-time time-offset   RFC 3339 §5.6
    Instant moment() {
        const auto year = digits(4);
        in_.expect("-");
        const auto month = digits(2);
        in_.expect("-");
        const auto day = digits(2);
        in_.expect("T");
        const auto hour = digits(2);
        in_.expect(":");
        const auto minute = digits(2);
        in_.expect(":");
        const auto second = digits(2);
        if (in_.present(".")) in_.take_some(ascii::is_digit);
        const auto zone = offset();
        const std::chrono::year_month_day date{std::chrono::year(year),
                                               std::chrono::month(static_cast<unsigned>(month)),
                                               std::chrono::day(static_cast<unsigned>(day))};
        if (!date.ok() || hour > 23 || minute > 59 || second > 60) in_.fail();
        if (in_.failed()) return {};
        return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
               std::chrono::seconds(second) - zone;
    }

    // time-offset = "Z" / ("+" / "-") time-hour ":" time-minute
    std::chrono::minutes offset() {
        if (in_.present("Z")) return std::chrono::minutes(0);
        const bool west = in_.present("-");
        if (!west) in_.expect("+");
        const auto hours = digits(2);
        in_.expect(":");
        const auto minutes = digits(2);
        if (hours > 23 || minutes > 59) in_.fail();
        const auto zone = std::chrono::hours(hours) + std::chrono::minutes(minutes);
        return west ? -zone : zone;
    }

    std::string_view text_;
    Scanner in_;
    MessageUrl url_;
};

}  // namespace

std::optional<MessageUrl> parse_message_url(std::string_view text) { return UrlParser(text).message(); }

}  // namespace hongyan::imap::wire
