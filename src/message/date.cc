#include "message/date.h"

#include <array>
#include <chrono>
#include <cstdlib>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/scanner.h"

namespace hongyan::message {

namespace {

constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

constexpr std::size_t longest_date = 128;  // characters that are looked at, comments not counted
constexpr std::uint32_t minutes_per_day = 24 * 60;

// obs-zone of RFC 5322 §4.3 and the zones that mail is sent from besides; minutes east. A name that is not
// here says nothing (military letters were used with either sign), so it counts as UTC.
struct Zone {
    std::string_view name;
    std::int32_t minutes;
};
constexpr Zone zones[] = {
    {"EST", -5 * 60},  {"EDT", -4 * 60}, {"CST", -6 * 60}, {"CDT", -5 * 60}, {"MST", -7 * 60},
    {"MDT", -6 * 60},  {"PST", -8 * 60}, {"PDT", -7 * 60}, {"CET", 60},      {"CEST", 2 * 60},
    {"MET", 60},       {"MEST", 2 * 60}, {"BST", 60},      {"EET", 2 * 60},  {"EEST", 3 * 60},
    {"MSK", 3 * 60},   {"HKT", 8 * 60},  {"SGT", 8 * 60},  {"JST", 9 * 60},  {"KST", 9 * 60},
    {"AEST", 10 * 60}, {"HST", -600},
};

// A date in the pieces it is written in.
struct Parts {
    std::optional<std::uint32_t> year;
    std::optional<std::uint32_t> month;
    std::optional<std::uint32_t> day;
    std::optional<std::chrono::seconds> time;  // of the day; a leap second belongs to the next minute
    std::optional<std::int32_t> zone;
};

std::optional<std::uint32_t> month_number(std::string_view word) {
    if (word.size() < 3) return std::nullopt;
    for (std::uint32_t i = 0; i < months.size(); ++i)
        if (ascii::istarts_with(word, months[i])) return i + 1;
    return std::nullopt;
}

bool is_weekday(std::string_view word) {
    return std::ranges::any_of(weekdays, [&](auto name) { return ascii::istarts_with(word, name); });
}

std::int32_t zone_by_name(std::string_view name) {
    const auto* found =
        std::ranges::find_if(zones, [&](const Zone& zone) { return ascii::iequals(zone.name, name); });
    return found == std::end(zones) ? 0 : found->minutes;
}

// Years as they were written before 2000 (RFC 5322 §4.3); 0102 is the 102 of a program that adds the zero.
std::optional<std::uint32_t> full_year(std::string_view digits, std::uint32_t number) {
    switch (digits.size()) {
        case 2:
            return number < 50 ? 2000 + number : 1900 + number;
        case 3:
            return 1900 + number;
        case 4:
            return number >= 100 && number < 200 ? 1900 + number : number;
        default:
            return std::nullopt;
    }
}

std::optional<DateTime> assemble(const Parts& parts) {
    namespace chrono = std::chrono;
    constexpr chrono::sys_days first = chrono::year(1900) / 1 / 1;
    constexpr chrono::sys_days end = chrono::year(10000) / 1 / 1;
    if (!parts.year || !parts.month || !parts.day || *parts.year > 9999) return std::nullopt;
    const auto date =
        chrono::year(static_cast<int>(*parts.year)) / chrono::month(*parts.month) / chrono::day(*parts.day);
    if (!date.ok()) return std::nullopt;
    const auto zone = parts.zone.value_or(0);
    const Instant instant =
        chrono::sys_days(date) + parts.time.value_or(chrono::seconds(0)) - chrono::minutes(zone);
    if (instant < first || instant >= end) return std::nullopt;
    return DateTime{instant, zone};
}

// Comments become blanks, line breaks too.
std::string without_comments(std::string_view value) {
    std::string out;
    std::size_t depth = 0;
    for (std::size_t i = 0; i < value.size() && out.size() < longest_date; ++i) {
        if (value[i] == '\\' && depth > 0)
            ++i;
        else if (value[i] == '(')
            ++depth;
        else if (value[i] == ')' && depth > 0)
            --depth;
        else if (depth == 0)
            out += ascii::is_space(value[i]) ? ' ' : value[i];
    }
    return out;
}

std::uint32_t number(std::string_view digits) { return Scanner(digits).number(); }

// hour ":" minute [":" second], blanks allowed around the colons (RFC 5322 §4.3); the hour has been read.
class TimeOfDay {
public:
    static std::optional<std::chrono::seconds> read(std::uint32_t hour, Scanner& in) {
        const auto minute = after_colon(in);
        auto ahead = in;
        ahead.skip_blanks();
        const bool has_second = ahead.peek() == ':';
        const auto second = has_second ? after_colon(in) : 0;
        if (has_second && (in.present(".") || in.present(","))) in.take_while(ascii::is_digit);
        hour = twelve_hour(hour, in);
        if (in.failed() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
        return std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second);
    }

private:
    static std::uint32_t after_colon(Scanner& in) {
        in.skip_blanks();
        in.expect(":");
        in.skip_blanks();
        const auto digits = in.take_some(ascii::is_digit);
        if (digits.size() > 2) in.fail();
        return in.failed() ? 0 : number(digits);
    }
    static std::uint32_t twelve_hour(std::uint32_t hour, Scanner& in) {
        auto ahead = in;
        ahead.skip_blanks();
        const auto word = ahead.take_while(ascii::is_alpha);
        const bool afternoon = ascii::iequals(word, "PM");
        if (!afternoon && !ascii::iequals(word, "AM")) return hour;
        in = ahead;
        if (hour < 1 || hour > 12) in.fail();
        return hour % 12 + (afternoon ? 12 : 0);
    }
};

// ("+" / "-") 4DIGIT, or +08:00, +8, +800; the sign comes next.
std::optional<std::int32_t> numeric_zone(Scanner& in) {
    const bool west = in.take(1) == "-";
    const auto digits = in.take_some(ascii::is_digit);
    if (in.failed() || digits.size() > 4) return std::nullopt;
    std::uint32_t hours = number(digits);
    std::uint32_t minutes = 0;
    if (digits.size() > 2) {
        minutes = hours % 100;
        hours /= 100;
    } else if (in.present(":")) {
        minutes = number(in.take_while(ascii::is_digit));
    }
    if (minutes > 59 || hours > 23) return std::nullopt;
    const auto east = static_cast<std::int32_t>(hours * 60 + minutes);
    return west ? -east : east;
}

// Reads the pieces in whatever order they come, as each is known by its form: a number with a colon is the
// time, one with a sign the zone, a word a month, a weekday or a zone; the first other number is the day, the
// second the year. So one reader serves RFC 5322, its obsolete forms, asctime and what lies between.
class Reader {
public:
    // Some parts may be known already.
    explicit Reader(std::string_view text, const Parts& known = {}) : in_(text), parts_(known) {}

    std::optional<DateTime> read() {
        while (!in_.at_end() && !in_.failed()) {
            const char c = in_.peek();
            if (ascii::is_digit(c))
                number_or_time();
            else if (ascii::is_alpha(c))
                word();
            else if ((c == '+' || c == '-') && parts_.time && !parts_.zone)
                zone();
            else
                in_.take(1);
        }
        return in_.failed() ? std::nullopt : assemble(parts_);
    }

private:
    bool is_complete() const { return parts_.year && parts_.time; }

    void number_or_time() {
        const auto digits = in_.take_while(ascii::is_digit);
        auto ahead = in_;
        ahead.skip_blanks();
        if (ahead.peek() == ':')
            time(digits);
        else if (!parts_.day)
            day(digits);
        else if (!parts_.year)
            year(digits);
        else if (!is_complete())
            in_.fail();
    }
    void time(std::string_view digits) {
        if (is_complete()) return;
        parts_.time = digits.size() > 2 || parts_.time ? std::nullopt : TimeOfDay::read(number(digits), in_);
        if (!parts_.time) in_.fail();
    }
    void day(std::string_view digits) {
        if (digits.size() > 2) in_.fail();
        parts_.day = in_.failed() ? 0 : number(digits);
    }
    void year(std::string_view digits) {
        parts_.year = digits.size() > 4 ? std::nullopt : full_year(digits, number(digits));
        if (!parts_.year) in_.fail();
    }
    // One word of another language may stand in the day of week's place.
    void word() {
        const bool first = in_.position() == 0;
        const auto text = in_.take_while(ascii::is_alpha);
        const auto month = month_number(text);
        if (month && !parts_.month)
            parts_.month = month;
        else if (parts_.time && !parts_.zone)
            named_zone(text);
        else if (!first && !is_weekday(text) && !is_complete())
            in_.fail();
    }
    // "GMT+8" is a zone in two pieces.
    void named_zone(std::string_view name) {
        parts_.zone = zone_by_name(name);
        if (in_.peek() == '+' || in_.peek() == '-') zone();
    }
    void zone() {
        auto ahead = in_;
        ahead.take(1);
        if (!ascii::is_digit(ahead.peek())) {
            in_ = ahead;
            return;
        }
        parts_.zone = numeric_zone(in_);
        if (!parts_.zone) in_.fail();
    }

    Scanner in_;
    Parts parts_;
};

// Exactly `count` digits.
std::uint32_t digits(Scanner& in, std::size_t count) {
    const auto run = in.take(count);
    if (!std::ranges::all_of(run, ascii::is_digit)) in.fail();
    return in.failed() ? 0 : number(run);
}

// 1998-01-05T10:00:00.5+08:00, with less of it (ISO 8601, RFC 3339 §5.6), or with slashes for the hyphens.
// What follows the day is read like the rest of any other date.
bool begins_with_year(std::string_view text) {
    return text.size() >= 10 && (text[4] == '-' || text[4] == '/') && text[7] == text[4] &&
           ascii::is_digit(text[0]);
}
std::optional<DateTime> read_year_first(std::string_view text) {
    Scanner in(text);
    Parts parts;
    parts.year = digits(in, 4);
    in.take(1);
    parts.month = digits(in, 2);
    in.take(1);
    parts.day = digits(in, 2);
    return in.failed() ? std::nullopt : Reader(in.rest(), parts).read();
}

// A moment as its clock showed it.
struct LocalTime {
    explicit LocalTime(Instant instant, std::int32_t zone)
        : seconds(std::chrono::floor<std::chrono::seconds>(instant) + std::chrono::minutes(zone)),
          date(std::chrono::floor<std::chrono::days>(seconds)),
          time(seconds - std::chrono::floor<std::chrono::days>(seconds)),
          weekday(std::chrono::floor<std::chrono::days>(seconds)) {}

    std::string_view month() const { return months[static_cast<unsigned>(date.month()) - 1]; }
    unsigned day() const { return static_cast<unsigned>(date.day()); }
    int year() const { return static_cast<int>(date.year()); }
    std::string clock() const {
        return fmt::format("{:02}:{:02}:{:02}", time.hours().count(), time.minutes().count(),
                           time.seconds().count());
    }

    std::chrono::sys_seconds seconds;
    std::chrono::year_month_day date;
    std::chrono::hh_mm_ss<std::chrono::seconds> time;
    std::chrono::weekday weekday;
};

std::string zone_text(std::int32_t zone) {
    const auto minutes = static_cast<std::uint32_t>(std::abs(zone)) % minutes_per_day;
    return fmt::format("{}{:02}{:02}", zone < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

// date-text of RFC 9051 §9: the day in one or two digits, or with a blank before it.
void read_imap_date(Scanner& in, Parts& parts) {
    in.present(" ");
    const auto day = in.take_some(ascii::is_digit);
    if (day.size() > 2) in.fail();
    parts.day = in.failed() ? 0 : number(day);
    in.expect("-");
    const auto month = in.take_some(ascii::is_alpha);
    parts.month = month.size() == 3 ? month_number(month) : std::nullopt;
    in.expect("-");
    parts.year = digits(in, 4);
}

// time-hour ":" time-minute ":" time-second   RFC 3339 §5.6; also time of RFC 9051 §9
std::optional<std::chrono::seconds> clock_time(Scanner& in) {
    const auto hour = digits(in, 2);
    in.expect(":");
    const auto minute = digits(in, 2);
    in.expect(":");
    const auto second = digits(in, 2);
    if (in.failed() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
    return std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second);
}

// time-offset = "Z" / ("+" / "-") time-hour ":" time-minute   RFC 3339 §5.6
std::optional<std::int32_t> offset(Scanner& in) {
    if (in.present("Z")) return 0;
    const bool west = in.present("-");
    if (!west) in.expect("+");
    const auto hours = digits(in, 2);
    in.expect(":");
    const auto minutes = digits(in, 2);
    if (in.failed() || hours > 23 || minutes > 59) return std::nullopt;
    const auto east = static_cast<std::int32_t>(hours * 60 + minutes);
    return west ? -east : east;
}

}  // namespace

std::optional<DateTime> parse_date(std::string_view value) {
    const auto text = without_comments(value);
    const auto trimmed = ascii::trim(text);
    return begins_with_year(trimmed) ? read_year_first(trimmed) : Reader(trimmed).read();
}

std::string format_date(Instant instant, std::int32_t zone) {
    const LocalTime local(instant, zone);
    return fmt::format("{}, {} {} {:04} {} {}", weekdays[local.weekday.c_encoding()], local.day(),
                       local.month(), local.year(), local.clock(), zone_text(zone));
}

// date-time = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP zone DQUOTE        RFC 9051 §9
std::optional<DateTime> parse_internal_date(std::string_view text) {
    Scanner in(text);
    Parts parts;
    read_imap_date(in, parts);
    in.expect(" ");
    parts.time = clock_time(in);
    in.expect(" ");
    const bool west = in.present("-");
    if (!west) in.expect("+");
    const auto zone = digits(in, 4);
    if (!in.complete() || !parts.time || zone % 100 > 59 || zone >= 2400) return std::nullopt;
    const auto east = static_cast<std::int32_t>(zone / 100 * 60 + zone % 100);
    parts.zone = west ? -east : east;
    return assemble(parts);
}

std::string format_internal_date(Instant instant, std::int32_t zone) {
    const LocalTime local(instant, zone);
    return fmt::format("{:2}-{}-{:04} {} {}", local.day(), local.month(), local.year(), local.clock(),
                       zone_text(zone));
}

std::optional<Instant> parse_search_date(std::string_view text) {
    Scanner in(text);
    Parts parts;
    read_imap_date(in, parts);
    const auto date = in.complete() ? assemble(parts) : std::nullopt;
    return date ? std::optional(date->instant) : std::nullopt;
}

// date-time = full-date "T" full-time   RFC 3339 §5.6
std::optional<Instant> parse_timestamp(std::string_view text) {
    Scanner in(text);
    Parts parts;
    parts.year = digits(in, 4);
    in.expect("-");
    parts.month = digits(in, 2);
    in.expect("-");
    parts.day = digits(in, 2);
    in.expect("T");
    parts.time = clock_time(in);
    if (in.present(".")) in.take_some(ascii::is_digit);
    parts.zone = offset(in);
    if (!in.complete() || !parts.time || !parts.zone) return std::nullopt;
    const auto date = assemble(parts);
    return date ? std::optional(date->instant) : std::nullopt;
}

std::string format_timestamp(Instant instant) {
    const LocalTime utc(instant, 0);
    return fmt::format("{:04}-{:02}-{:02}T{}Z", utc.year(), static_cast<unsigned>(utc.date.month()),
                       utc.day(), utc.clock());
}

std::optional<Instant> parse_asctime(std::string_view text) {
    const auto date = parse_date(text);
    return date ? std::optional(date->instant) : std::nullopt;
}

std::string format_asctime(Instant instant) {
    const LocalTime utc(instant, 0);
    return fmt::format("{} {} {:2} {} {:04}", weekdays[utc.weekday.c_encoding()], utc.month(), utc.day(),
                       utc.clock(), utc.year());
}

}  // namespace hongyan::message
