#include "imap/wire/parser.h"

#include <algorithm>

#include "imap/wire/limits.h"
#include "imap/wire/mailbox_text.h"
#include "imap/wire/metadata_parser.h"
#include "imap/wire/names.h"
#include "imap/wire/syntax.h"
#include "message/utf8.h"

namespace hongyan::imap::wire {
namespace {

// How many numbers a set without "*" names; nothing if they do not ascend.
std::optional<std::uint64_t> ascending_count(const SequenceSet& set) {
    std::uint64_t count = 0;
    std::uint32_t before = 0;
    for (const auto& range : set) {
        const auto first = range.first.or_largest(0);
        const auto last = range.last.or_largest(0);
        if (first <= before || last < first) return std::nullopt;
        count += std::uint64_t{last} - first + 1;
        before = last;
    }
    return count;
}

}  // namespace

void Parser::fail(std::string_view expected) {
    in_.fail();
    if (complaint_.empty()) complaint_ = fmt::format("expected {} at octet {}", expected, in_.position() + 1);
}

bool Parser::complete() {
    if (!failed() && !at_end()) fail("the end of the command");
    return !failed();
}

void Parser::expect(std::string_view token) {
    if (in_.present(token)) return;
    fail(token == " " ? "a space" : token);
}

std::string_view Parser::tag() {
    const auto tag = in_.take_some(is_tag_char);
    if (failed()) fail("a tag");
    return tag;
}

std::string_view Parser::atom() {
    const auto atom = in_.take_some(is_atom_char);
    if (failed()) fail("an atom");
    return atom;
}

std::string_view Parser::keyword() {
    return in_.take_while([](char c) { return ascii::is_alnum(c) || c == '.' || c == '-'; });
}

// string = quoted / literal
std::string Parser::string() {
    auto text = in_.peek() == '"' ? quoted() : literal();
    if (text.find('\0') != std::string::npos) fail("a string without NUL");
    return text;
}

// quoted = DQUOTE *QUOTED-CHAR DQUOTE
std::string Parser::quoted() {
    std::string text;
    expect("\"");
    while (!failed()) {
        text += in_.take_while(is_quoted_text);
        if (in_.present("\"")) break;
        if (!in_.present("\\")) fail("the end of the quotes");
        const auto escaped = in_.take(1);
        if (failed() || !is_quoted_special(escaped.front())) fail("\" or \\ after \\");
        text += escaped;
    }
    // RFC 6855 §3, RFC 9051 §4.3
    if (!message::valid_utf8(text)) fail("UTF-8 between quotes");
    return text;
}

// literal = "{" number ["+"] "}" CRLF *CHAR8   RFC 7888 §8
std::string Parser::literal() {
    if (in_.peek() != '{') fail("a string");
    expect("{");
    const auto size = in_.number<std::uint64_t>();
    in_.present("+");
    expect("}\r\n");
    const auto octets = in_.take(size);
    if (failed()) fail("a literal");
    return std::string(octets);
}

// literal8 = "~{" number ["+"] "}" CRLF *OCTET   RFC 9051 §9
std::string Parser::literal8() {
    expect("~");
    return literal();
}

// astring = 1*ASTRING-CHAR / string
std::string Parser::astring() {
    if (in_.peek() == '"' || in_.peek() == '{') return string();
    const auto run = in_.take_some(is_astring_char);
    if (failed()) fail("an atom or a string");
    return std::string(run);
}

// nstring = string / nil
std::optional<std::string> Parser::nstring() {
    if (present("NIL")) return std::nullopt;
    return string();
}

std::uint32_t Parser::number() {
    const auto number = in_.number();
    if (failed()) fail("a number of 32 bits");
    return number;
}

std::uint32_t Parser::nz_number() {
    const auto number = in_.number();
    if (failed() || number == 0) fail("a number of 32 bits above 0");
    return number;
}

// number64 = 1*DIGIT within 63 bits   RFC 9051 §9
std::uint64_t Parser::number64() {
    const auto number = in_.number<std::uint64_t>(INT64_MAX);
    if (failed()) fail("a number of 63 bits");
    return number;
}

// mod-sequence-valzer = "0" / mod-sequence-value   RFC 7162 §7
std::uint64_t Parser::mod_sequence_value() { return number64(); }

// mailbox = "INBOX" / astring
std::string Parser::mailbox() {
    auto text = astring();
    const bool encoded = names_ == MailboxNames::modified_utf7 && ascii::all_ascii(text);
    const auto name = encoded                     ? from_modified_utf7(text)
                      : message::valid_utf8(text) ? std::optional(text)
                                                  : std::nullopt;
    if (!failed() && !name) fail(encoded ? "a mailbox name in modified UTF-7" : "a mailbox name in UTF-8");
    return name.value_or("");
}

// list-mailbox = 1*list-char / string. A pattern that is no name in modified UTF-7 is looked for as it
// stands.
std::string Parser::list_mailbox() {
    const bool is_string = in_.peek() == '"' || in_.peek() == '{';
    auto text = is_string ? string() : std::string(in_.take_some(is_list_char));
    if (failed()) fail("a mailbox pattern");
    if (!message::valid_utf8(text)) fail("a mailbox pattern in UTF-8");
    if (names_ == MailboxNames::utf8) return text;
    return from_modified_utf7(text).value_or(text);
}

// seq-number = nz-number / "*"
SetNumber Parser::seq_number() {
    if (present("*")) return SetNumber::star();
    return SetNumber(nz_number());
}

// sequence-set = (seq-number / seq-range) *("," sequence-set)
SequenceSet Parser::sequence_set() {
    SequenceSet set;
    do {
        const auto first = seq_number();
        set.push_back({first, present(":") ? seq_number() : first});
        if (set.size() > max_set_ranges) fail("fewer ranges in a set");
    } while (!failed() && present(","));
    return set;
}

// flag = "\" atom / atom
std::string Parser::flag() {
    std::string flag(present("\\") ? "\\" : "");
    flag += atom();
    return flag;
}

// flag-list = "(" [flag *(SP flag)] ")"
FlagNames Parser::flag_list() {
    FlagNames flags;
    expect("(");
    while (!failed() && !present(")")) {
        if (!flags.empty()) space();
        flags.push_back(flag());
        if (flags.size() > max_flags) fail("fewer flags");
    }
    return flags;
}

std::uint32_t Parser::digits(std::size_t count) {
    Scanner in(in_.take(count));
    const auto value = in.number();
    if (!in.complete()) fail("digits");
    return value;
}

std::uint32_t Parser::month() {
    for (std::uint32_t i = 0; i < months.size(); ++i)
        if (present(months[i])) return i + 1;
    fail("a month");
    return 1;
}

// date = date-day "-" date-month "-" date-year, in quotes or not
Date Parser::date() {
    const bool quotes = present("\"");
    const auto day = nz_number();
    expect("-");
    const auto month_number = month();
    expect("-");
    const auto year = static_cast<int>(digits(4));
    if (quotes) expect("\"");
    const Date date{std::chrono::year(year), std::chrono::month(month_number), std::chrono::day(day)};
    if (day > 31 || !date.ok()) fail("a day of the calendar");
    return date;
}

// date-time = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP zone DQUOTE
DateTime Parser::date_time() {
    expect("\"");
    const auto day = digits(present(" ") ? 1 : 2);
    expect("-");
    const auto month_number = month();
    expect("-");
    const auto year = static_cast<int>(digits(4));
    space();
    const auto hour = digits(2);
    expect(":");
    const auto minute = digits(2);
    expect(":");
    const auto second = digits(2);
    space();
    const bool west = present("-");
    if (!west) expect("+");
    const auto zone_hours = digits(2);
    const auto zone_minutes = digits(2);
    expect("\"");
    const Date date{std::chrono::year(year), std::chrono::month(month_number), std::chrono::day(day)};
    if (!date.ok() || hour > 23 || minute > 59 || second > 60 || zone_hours > 23 || zone_minutes > 59)
        fail("a moment of the calendar");
    if (failed()) return {};
    const auto zone = std::chrono::hours(zone_hours) + std::chrono::minutes(zone_minutes);
    DateTime moment;
    moment.zone = west ? -zone : zone;
    moment.instant = std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
                     std::chrono::seconds(second) - moment.zone;
    // As UTC shows it, which INTERNALDATE is written in.
    const Date shown{std::chrono::floor<std::chrono::days>(moment.instant)};
    if (shown.year() < std::chrono::year(0) || shown.year() > std::chrono::year(9999))
        fail("a year of four digits");
    return moment;
}

// "(" status-att *(SP status-att) ")"
std::vector<StatusItem> Parser::status_items() {
    std::vector<StatusItem> items;
    expect("(");
    do {
        const auto* word = find_word(wire::status_items, keyword());
        if (word == nullptr) {
            fail("something that STATUS tells");
            break;
        }
        if (std::ranges::find(items, word->value) == items.end()) items.push_back(word->value);
    } while (present(" "));
    expect(")");
    return items;
}

// "STATUS" SP mailbox SP "(" status-att *(SP status-att) ")"
StatusArguments Parser::status_arguments() {
    StatusArguments arguments;
    space();
    arguments.mailbox = mailbox();
    space();
    arguments.items = status_items();
    return arguments;
}

// SP mailbox SP list-mailbox
ListArguments Parser::list_arguments() {
    ListArguments arguments;
    space();
    arguments.reference = mailbox();
    space();
    arguments.pattern = list_mailbox();
    return arguments;
}

// list-select-opts   RFC 5258 §6: RECURSIVEMATCH only beside an option that selects by itself
ListSelection Parser::list_selection() {
    ListSelection selection;
    expect("(");
    for (bool first = true; !failed() && !present(")"); first = false) {
        if (!first) space();
        if (const auto* word = find_word(list_selections, keyword()))
            selection.*word->value = true;
        else
            fail("an option that selects mailboxes");
    }
    if (selection.recursive_match && !selection.subscribed && !selection.special_use)
        fail("SUBSCRIBED or SPECIAL-USE beside RECURSIVEMATCH");
    return selection;
}

// patterns = "(" list-mailbox *(SP list-mailbox) ")"   RFC 5258 §6
std::vector<std::string> Parser::patterns() {
    std::vector<std::string> patterns;
    expect("(");
    do {
        patterns.push_back(list_mailbox());
        if (patterns.size() > max_list_patterns) fail("fewer patterns");
    } while (!failed() && present(" "));
    expect(")");
    return patterns;
}

// "(" [return-option *(SP return-option)] ")"   RFC 5258 §6
// return-option = "SUBSCRIBED" / "CHILDREN" / "SPECIAL-USE" / "STATUS" SP "(" … ")"   RFC 6154 §6, RFC 5819
// §4
ListReturn Parser::list_return() {
    ListReturn wanted;
    expect("(");
    for (bool first = true; !failed() && !present(")"); first = false) {
        if (!first) space();
        if (present("STATUS "))
            wanted.status = status_items();
        else if (present("METADATA "))
            wanted.metadata = metadata_entries(*this);
        else if (const auto* word = find_word(list_returns, keyword()))
            wanted.*word->value = true;
        else
            fail("something that LIST returns");
    }
    return wanted;
}

// [SP list-select-opts] SP mailbox SP mbox-or-pat [SP "RETURN" SP list-return-opts]   RFC 5258 §6
ExtendedListArguments Parser::extended_list_arguments() {
    ExtendedListArguments arguments;
    space();
    if (in_.peek() == '(') {
        arguments.is_extended = true;
        arguments.selection = list_selection();
        space();
    }
    arguments.reference = mailbox();
    space();
    if (in_.peek() == '(') {
        arguments.is_extended = true;
        arguments.patterns = patterns();
    } else {
        arguments.patterns = {list_mailbox()};
    }
    if (present(" RETURN ")) {
        arguments.is_extended = true;
        arguments.wanted = list_return();
    }
    return arguments;
}

// sequence-set, "*" is not allowed   RFC 7162 §7, known-uids
SequenceSet Parser::known_set() {
    auto set = sequence_set();
    const auto has_star = [](const SetRange& range) { return range.first.is_star() || range.last.is_star(); };
    if (std::ranges::any_of(set, has_star)) fail("a set without *");
    return set;
}

// seq-match-data = "(" known-sequence-set SP known-uid-set ")"   RFC 7162 §7
void Parser::sequence_match_data(Resynchronisation& known) {
    expect("(");
    known.matched_numbers = known_set();
    space();
    known.matched_uids = known_set();
    expect(")");
    const auto numbers = ascending_count(known.matched_numbers);
    if (!numbers || numbers != ascending_count(known.matched_uids))
        fail("as many UIDs as numbers, both ascending");
}

// "(" uidvalidity SP mod-sequence-value [SP known-uids] [SP seq-match-data] ")"   RFC 7162 §7
Resynchronisation Parser::resynchronisation() {
    Resynchronisation known;
    expect("(");
    known.uid_validity = nz_number();
    space();
    known.modseq = mod_sequence_value();
    bool has_more = present(" ");
    if (has_more && in_.peek() != '(') {
        known.known_uids = known_set();
        has_more = present(" ");
    }
    if (has_more) sequence_match_data(known);
    expect(")");
    return known;
}

// SP mailbox [SP "(" select-param *(SP select-param) ")"]   RFC 4466 §2.1
// select-param = "CONDSTORE" / "QRESYNC" SP …   RFC 7162 §7
SelectArguments Parser::select_arguments() {
    SelectArguments arguments;
    space();
    arguments.mailbox = mailbox();
    if (!present(" ")) return arguments;
    expect("(");
    do {
        if (present("QRESYNC "))
            arguments.resynchronisation = resynchronisation();
        else if (present("CONDSTORE"))
            arguments.condstore = true;
        else
            fail("CONDSTORE or QRESYNC");
    } while (!failed() && present(" "));
    expect(")");
    return arguments;
}

// SP ("(" [string SP nstring *(SP string SP nstring)] ")" / nil)   RFC 2971 §3.1
IdPairs Parser::id_arguments() {
    IdPairs pairs;
    space();
    if (present("NIL")) return pairs;
    expect("(");
    while (!failed() && !present(")")) {
        if (!pairs.empty()) space();
        auto name = string();
        space();
        pairs.emplace_back(std::move(name), nstring());
        if (pairs.size() > 30) fail("at most 30 pairs");  // RFC 2971 §3.3
    }
    return pairs;
}

std::vector<std::string> Parser::atoms() {
    std::vector<std::string> atoms;
    do {
        space();
        atoms.emplace_back(atom());
    } while (!failed() && !at_end());
    return atoms;
}

}  // namespace hongyan::imap::wire
