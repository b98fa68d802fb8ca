#include "smtp/wire/parameters.h"

#include <algorithm>
#include <limits>
#include <span>

#include "base/ascii.h"
#include "base/scanner.h"
#include "message/date.h"
#include "message/utf8.h"
#include "smtp/replies.h"
#include "smtp/wire/xtext.h"

namespace hongyan::smtp {

namespace {

enum class Value { none, needed };

// Gives false for a value that the parameter cannot have.
template <typename Parameters>
struct Row {
    std::string_view keyword;
    Value value;
    bool (*take)(std::string_view value, Parameters& out);
    std::string_view section;
};

// size-value = 1*20DIGIT   RFC 1870 §6. What does not fit is too large, which is not the parser's to say.
bool take_size(std::string_view value, MailParameters& out) {
    constexpr std::size_t most_digits = 20;
    if (value.empty() || value.size() > most_digits || !std::ranges::all_of(value, ascii::is_digit))
        return false;
    Scanner in(value);
    const auto size = in.number<std::uint64_t>();
    out.size = in.failed() ? std::numeric_limits<std::uint64_t>::max() : size;
    return true;
}

bool take_body(std::string_view value, MailParameters& out) {
    constexpr std::pair<std::string_view, Body> values[] = {
        {"7BIT", Body::seven_bit}, {"8BITMIME", Body::eight_bit}, {"BINARYMIME", Body::binary}};
    for (const auto& [name, body] : values) {
        if (!ascii::iequals(name, value)) continue;
        out.body = body;
        return true;
    }
    return false;
}

bool take_smtputf8(std::string_view /*value*/, MailParameters& out) { return out.smtputf8 = true; }

bool take_return(std::string_view value, MailParameters& out) {
    const bool full = ascii::iequals(value, "FULL");
    out.wanted_return = full ? Return::full : Return::headers;
    return full || ascii::iequals(value, "HDRS");
}

bool take_envelope_id(std::string_view value, MailParameters& out) {
    constexpr std::size_t longest = 100;  // RFC 3461 §4.4
    const auto id = from_xtext(value);
    if (!id || value.size() > longest ||
        !std::ranges::all_of(*id, [](char c) { return c >= ' ' && c < '\x7f'; }))
        return false;
    out.envelope_id = *id;
    return true;
}

// The value is an address or "<>", in xtext   RFC 4954 §5
bool take_submitter(std::string_view value, MailParameters& out) {
    const auto address = from_xtext(value);
    if (!address || (*address != "<>" && !message::parse_address(*address))) return false;
    out.submitter = *address;
    return true;
}

// priority-value = (["-"] NZDIGIT) / "0"   RFC 6710 §7
bool take_priority(std::string_view value, MailParameters& out) {
    Scanner in(value);
    const bool below = in.present("-");
    const auto digit = in.take(1);
    if (!in.complete() || !ascii::is_digit(digit[0]) || (below && digit[0] == '0')) return false;
    out.priority = (below ? -1 : 1) * (digit[0] - '0');
    return true;
}

constexpr std::size_t most_seconds_digits = 9;  // RFC 4865 §3, RFC 2852 §4

std::optional<std::chrono::seconds> seconds(std::string_view digits) {
    const bool fits = !digits.empty() && digits.size() <= most_seconds_digits;
    if (!fits || !std::ranges::all_of(digits, ascii::is_digit)) return std::nullopt;
    return std::chrono::seconds(Scanner(digits).number<std::uint32_t>());
}

// future-release-integer = %x31-39 *8DIGIT   RFC 4865 §3
bool take_hold_for(std::string_view value, MailParameters& out) {
    if (value.starts_with('0')) return false;
    out.hold_for = seconds(value);
    return out.hold_for.has_value();
}

// future-release-date-time = Internet-style-date-time-UTC   RFC 4865 §3
bool take_hold_until(std::string_view value, MailParameters& out) {
    out.hold_until = message::parse_timestamp(value);
    return out.hold_until.has_value();
}

// by-value = by-time ";" by-mode [by-trace]   RFC 2852 §4
// by-time  = ["-" / "+"] 1*9DIGIT, and not zero or less where the message would go back
bool take_deliver_by(std::string_view value, MailParameters& out) {
    Scanner in(value);
    const bool past = in.present("-");
    if (!past) in.present("+");
    const auto time = seconds(in.take_some(ascii::is_digit));
    in.expect(";");
    DeliverBy by;
    if (in.present("R"))
        by.mode = DeliverBy::Mode::give_back;
    else
        in.expect("N");
    by.trace = in.present("T");
    if (!in.complete() || !time) return false;
    by.remaining = past ? -*time : *time;
    if (by.mode == DeliverBy::Mode::give_back && by.remaining.count() <= 0) return false;
    out.deliver_by = by;
    return true;
}

bool take_requiretls(std::string_view /*value*/, MailParameters& out) { return out.requiretls = true; }

// notify-esmtp-value = "NEVER" / 1#notify-list-element   RFC 3461 §4.1
bool take_notify(std::string_view value, RecipientParameters& out) {
    out.notify = {.said = true};
    if (ascii::iequals(value, "NEVER")) return true;
    Scanner in(value);
    do {
        if (in.present("SUCCESS"))
            out.notify.success = true;
        else if (in.present("FAILURE"))
            out.notify.failure = true;
        else if (in.present("DELAY"))
            out.notify.delay = true;
        else
            in.fail();
    } while (in.present(","));
    return in.complete();
}

// original-recipient-address = addr-type ";" xtext   RFC 3461 §4.2
bool take_original(std::string_view value, RecipientParameters& out) {
    constexpr std::size_t longest = 500;  // RFC 3461 §4.2
    Scanner in(value);
    const auto type = in.take_some([](char c) { return ascii::is_alnum(c) || c == '-'; });
    in.expect(";");
    const auto address = from_xtext(in.rest());
    if (in.failed() || !address || address->empty() || value.size() > longest || address->contains('\0') ||
        std::ranges::any_of(*address, ascii::is_control) || !message::valid_utf8(*address))
        return false;
    out.original = {std::string(type), *address};
    return true;
}

constexpr Row<MailParameters> mail_rows[] = {
    {"SIZE", Value::needed, &take_size, "RFC 1870 §6"},
    {"BODY", Value::needed, &take_body, "RFC 6152 §2, RFC 3030 §3"},
    {"SMTPUTF8", Value::none, &take_smtputf8, "RFC 6531 §3.4"},
    {"RET", Value::needed, &take_return, "RFC 3461 §4.3"},
    {"ENVID", Value::needed, &take_envelope_id, "RFC 3461 §4.4"},
    {"AUTH", Value::needed, &take_submitter, "RFC 4954 §5"},
    {"MT-PRIORITY", Value::needed, &take_priority, "RFC 6710 §3"},
    {"HOLDFOR", Value::needed, &take_hold_for, "RFC 4865 §3"},
    {"HOLDUNTIL", Value::needed, &take_hold_until, "RFC 4865 §3"},
    {"BY", Value::needed, &take_deliver_by, "RFC 2852 §4"},
    {"REQUIRETLS", Value::none, &take_requiretls, "RFC 8689 §2"},
};

constexpr Row<RecipientParameters> recipient_rows[] = {
    {"NOTIFY", Value::needed, &take_notify, "RFC 3461 §4.1"},
    {"ORCPT", Value::needed, &take_original, "RFC 3461 §4.2"},
};

constexpr bool is_keyword(char c) { return ascii::is_alnum(c) || c == '-'; }
constexpr bool is_value(char c) { return !ascii::is_control(c) && c != ' ' && c != '='; }

struct Parameter {
    std::string_view keyword;
    std::optional<std::string_view> value;
};

// esmtp-param = esmtp-keyword ["=" esmtp-value]   RFC 5321 §4.1.2
Parameter parameter(Scanner& in) {
    Parameter parameter{.keyword = in.take_some(is_keyword), .value = {}};
    if (in.present("=")) parameter.value = in.take_some(is_value);
    return parameter;
}

// Mail-parameters = esmtp-param *(SP esmtp-param)   RFC 5321 §4.1.2
template <typename Parameters>
std::expected<Parameters, StandardReply> parse(std::string_view text, std::span<const Row<Parameters>> rows) {
    Parameters out;
    std::uint32_t seen = 0;
    if (!text.empty() && text.front() != ' ') return std::unexpected(replies::bad_syntax);
    Scanner in(text);
    for (in.skip_blanks(); !in.at_end(); in.skip_blanks()) {
        const auto given = parameter(in);
        if (in.failed() || (!in.at_end() && in.peek() != ' ')) return std::unexpected(replies::bad_syntax);
        const auto row = std::ranges::find_if(
            rows, [&](const auto& each) { return ascii::iequals(each.keyword, given.keyword); });
        if (row == rows.end()) return std::unexpected(replies::unknown_parameter);
        const auto bit = 1U << static_cast<unsigned>(row - rows.begin());
        const bool fits = given.value.has_value() == (row->value == Value::needed) && (seen & bit) == 0;
        if (!fits || !row->take(given.value.value_or(""), out))
            return std::unexpected(replies::bad_parameter);
        seen |= bit;
    }
    return out;
}

}  // namespace

std::expected<MailParameters, StandardReply> parse_mail_parameters(std::string_view text) {
    return parse<MailParameters>(text, mail_rows);
}

std::expected<RecipientParameters, StandardReply> parse_recipient_parameters(std::string_view text) {
    return parse<RecipientParameters>(text, recipient_rows);
}

std::string to_text(const MailParameters& parameters) {
    std::string out;
    if (parameters.size != 0) out += fmt::format(" SIZE={}", parameters.size);
    if (parameters.body == Body::eight_bit) out += " BODY=8BITMIME";
    if (parameters.body == Body::binary) out += " BODY=BINARYMIME";
    if (parameters.smtputf8) out += " SMTPUTF8";
    if (parameters.wanted_return == Return::full) out += " RET=FULL";
    if (parameters.wanted_return == Return::headers) out += " RET=HDRS";
    if (!parameters.envelope_id.empty()) out += " ENVID=" + to_xtext(parameters.envelope_id);
    if (parameters.submitter) out += " AUTH=" + to_xtext(*parameters.submitter);
    if (parameters.priority) out += fmt::format(" MT-PRIORITY={}", *parameters.priority);
    if (parameters.hold_for) out += fmt::format(" HOLDFOR={}", parameters.hold_for->count());
    if (parameters.hold_until) out += " HOLDUNTIL=" + message::format_timestamp(*parameters.hold_until);
    if (parameters.deliver_by) out += to_text(*parameters.deliver_by);
    if (parameters.requiretls) out += " REQUIRETLS";
    return out;
}

std::string to_text(const DeliverBy& by) {
    constexpr std::int64_t longest = 999'999'999;  // seconds: 9 digits (RFC 2852 §4)
    return fmt::format(" BY={};{}{}", std::clamp<std::int64_t>(by.remaining.count(), -longest, longest),
                       by.mode == DeliverBy::Mode::notify ? 'N' : 'R', by.trace ? "T" : "");
}

std::string to_text(const Notify& notify) { return notify.said ? " NOTIFY=" + value_of(notify) : ""; }

std::string value_of(const Notify& notify) {
    if (!notify.said) return {};
    std::string list;
    const auto add = [&](bool wanted, std::string_view name) {
        if (wanted) list.append(list.empty() ? "" : ",").append(name);
    };
    add(notify.success, "SUCCESS");
    add(notify.failure, "FAILURE");
    add(notify.delay, "DELAY");
    return list.empty() ? "NEVER" : list;
}

}  // namespace hongyan::smtp
