#include "imap/wire/writer.h"

#include <algorithm>
#include <iterator>

#include "imap/wire/mailbox_text.h"
#include "imap/wire/names.h"
#include "imap/wire/pen.h"
#include "imap/wire/print.h"
#include "imap/wire/search_writer.h"
#include "imap/wire/syntax.h"

namespace hongyan::imap::wire {
namespace {

void put_set_number(std::string& out, SetNumber number) {
    if (number.is_star())
        out.push_back('*');
    else
        print(out, "{}", number.or_largest(0));
}

void put_section(std::string& out, const Section& section) {
    out.push_back('[');
    for (bool first = true; const auto number : section.part)
        print(out, "{}{}", std::exchange(first, false) ? "" : ".", number);
    if (section.text != Section::Text::whole)
        print(out, "{}{}", section.part.empty() ? "" : ".", word_of(section_texts, section.text));
    if (!section.names.empty()) {
        out.push_back(' ');
        put_list(out, section.names, [&out](const std::string& name) { put_astring(out, name); });
    }
    out.push_back(']');
}

}  // namespace

void put_number(std::string& out, std::uint64_t number) {
    append_in_one(out, room_for_number, [number](Pen& pen) { pen.number(number); });
}

void put_literal(std::string& out, std::string_view octets) {
    out += '{';
    put_number(out, octets.size());
    out += "}\r\n";
    out += octets;
}

void put_string(std::string& out, std::string_view text) {
    append_in_one(out, room_for(text), [text](Pen& pen) { pen.string(text); });
}

void put_nstring(std::string& out, const std::optional<std::string>& text) {
    if (text)
        put_string(out, *text);
    else
        out += "NIL";
}

void put_astring(std::string& out, std::string_view text) {
    const bool plain =
        !text.empty() && std::ranges::all_of(text, is_astring_char) && !ascii::iequals(text, "NIL");
    if (plain)
        out += text;
    else
        put_string(out, text);
}

void put_mailbox(std::string& out, std::string_view name, MailboxNames names) {
    if (names == MailboxNames::utf8)
        append_in_one(out, 2 * name.size() + 2, [name](Pen& pen) { pen.quoted(name); });
    else
        put_astring(out, to_modified_utf7(name));
}

void put_set(std::string& out, const SequenceSet& set) {
    for (bool first = true; const auto& range : set) {
        if (!std::exchange(first, false)) out.push_back(',');
        put_set_number(out, range.first);
        if (range.last == range.first) continue;
        out.push_back(':');
        put_set_number(out, range.last);
    }
}

void put_flags(std::string& out, std::span<const std::string> flags) {
    put_list(out, flags, [&out](const std::string& flag) { out += flag; });
}

void put_date(std::string& out, const Date& date) {
    print(out, "{}-{}-{:04}", static_cast<unsigned>(date.day()),
          months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()));
}

void put_date_time(std::string& out, const DateTime& moment) {
    const auto local = std::chrono::floor<std::chrono::seconds>(moment.instant + moment.zone);
    const auto day = std::chrono::floor<std::chrono::days>(local);
    const Date date{day};
    const std::chrono::hh_mm_ss time{local - day};
    const auto zone = std::chrono::abs(moment.zone).count();
    print(out, "\"{:2}-{}-{:04} {:02}:{:02}:{:02} {}{:02}{:02}\"", static_cast<unsigned>(date.day()),
          months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
          time.hours().count(), time.minutes().count(), time.seconds().count(),
          moment.zone.count() < 0 ? '-' : '+', zone / 60, zone % 60);
}

void put_date_time(std::string& out, Instant moment) { put_date_time(out, DateTime{.instant = moment}); }

void put_section_name(std::string& out, const BodyItem& item) {
    out += "BODY";
    put_section(out, item.section);
    if (item.partial) print(out, "<{}>", item.partial->first);
}

void put_status_item(std::string& out, StatusItem item) { out += word_of(status_items, item); }

namespace {

// "[1.2]<0.100>"
void put_binary_section(std::string& out, const std::vector<std::uint32_t>& part) {
    Section section;
    section.part = part;
    put_section(out, section);
}

// One function for each kind of fetch-att.
struct FetchItemWriter {
    std::string& out;

    void operator()(MessageItem item) const { out += word_of(message_items, item); }
    void operator()(const BodyItem& item) const {
        out += item.peek ? "BODY.PEEK" : "BODY";
        put_section(out, item.section);
        put_partial(item.partial);
    }
    void operator()(const BinaryItem& item) const {
        out += item.peek ? "BINARY.PEEK" : "BINARY";
        put_binary_section(out, item.part);
        put_partial(item.partial);
    }
    void operator()(const BinarySizeItem& item) const { put_section_name(out, item); }

    void put_partial(const std::optional<Partial>& partial) const {
        if (partial) print(out, "<{}.{}>", partial->first, partial->count);
    }
};

}  // namespace

void put_section_name(std::string& out, const BinaryItem& item) {
    out += "BINARY";
    put_binary_section(out, item.part);
    if (item.partial) print(out, "<{}>", item.partial->first);
}

void put_section_name(std::string& out, const BinarySizeItem& item) {
    out += "BINARY.SIZE";
    put_binary_section(out, item.part);
}

void put_binary(std::string& out, std::string_view octets) {
    if (octets.contains('\0')) out.push_back('~');
    put_literal(out, octets);
}

void put(std::string& out, const FetchItem& item) { std::visit(FetchItemWriter{out}, item); }

void put(std::string& out, const FetchArguments& arguments) {
    out += ' ';
    put_list(out, arguments.items, [&out](const FetchItem& item) { put(out, item); });
    if (!arguments.changed_since && !arguments.partial) return;
    out += " (";
    if (arguments.changed_since)
        print(out, "CHANGEDSINCE {}{}", *arguments.changed_since, arguments.vanished ? " VANISHED" : "");
    if (!arguments.partial) return void(out += ')');
    out += arguments.changed_since ? " PARTIAL " : "PARTIAL ";
    put(out, *arguments.partial);
    out += ')';
}

void put(std::string& out, const StoreArguments& arguments) {
    using enum StoreArguments::How;
    if (arguments.unchanged_since) print(out, " (UNCHANGEDSINCE {})", *arguments.unchanged_since);
    print(out, " {}FLAGS{} ",
          arguments.how == add      ? "+"
          : arguments.how == remove ? "-"
                                    : "",
          arguments.silent ? ".SILENT" : "");
    put_flags(out, arguments.flags);
}

void put(std::string& out, const StatusArguments& arguments) {
    out += ' ';
    put_mailbox(out, arguments.mailbox);
    out += ' ';
    put_list(out, arguments.items, [&out](StatusItem item) { put_status_item(out, item); });
}

void put(std::string& out, const ListArguments& arguments) {
    out += ' ';
    put_mailbox(out, arguments.reference);
    out += ' ';
    put_string(out, to_modified_utf7(arguments.pattern));
}

namespace {

template <typename Options, typename Table>
std::vector<std::string> words_of(const Options& options, const Table& table) {
    std::vector<std::string> words;
    for (const auto& row : table)
        if (options.*row.value) words.emplace_back(row.text);
    return words;
}

}  // namespace

// In the extended form where there is anything to say in it.
void put(std::string& out, const ExtendedListArguments& arguments) {
    if (arguments.is_extended) {
        out += ' ';
        put_flags(out, words_of(arguments.selection, list_selections));
    }
    out += ' ';
    put_mailbox(out, arguments.reference);
    out += ' ';
    const auto put_pattern = [&out](const std::string& pattern) {
        put_string(out, to_modified_utf7(pattern));
    };
    if (arguments.is_extended)
        put_list(out, arguments.patterns, put_pattern);
    else
        put_pattern(arguments.patterns.front());
    if (!arguments.is_extended) return;
    auto wanted = words_of(arguments.wanted, list_returns);
    if (!arguments.wanted.status.empty()) {
        std::string status = "STATUS ";
        put_list(status, arguments.wanted.status,
                 [&status](StatusItem item) { put_status_item(status, item); });
        wanted.push_back(status);
    }
    if (!arguments.wanted.metadata.empty()) {
        std::string metadata = "METADATA ";
        put_list(metadata, arguments.wanted.metadata,
                 [&metadata](const std::string& entry) { put_astring(metadata, entry); });
        wanted.push_back(metadata);
    }
    out += " RETURN ";
    put_list(out, wanted, [&out](const std::string& word) { out += word; });
}

namespace {

void put(std::string& out, const Resynchronisation& known) {
    print(out, "QRESYNC ({} {}", known.uid_validity, known.modseq);
    if (!known.known_uids.empty()) {
        out += ' ';
        put_set(out, known.known_uids);
    }
    if (!known.matched_numbers.empty()) {
        out += " (";
        put_set(out, known.matched_numbers);
        out += ' ';
        put_set(out, known.matched_uids);
        out += ')';
    }
    out += ')';
}

}  // namespace

void put(std::string& out, const SelectArguments& arguments) {
    out += ' ';
    put_mailbox(out, arguments.mailbox);
    const auto& known = arguments.resynchronisation;
    if (!arguments.condstore && !known) return;
    out += arguments.condstore ? " (CONDSTORE" : " (";
    if (arguments.condstore && known) out += ' ';
    if (known) put(out, *known);
    out += ')';
}

namespace {

struct AppendPartWriter {
    std::string& out;

    void operator()(const AppendText& text) const {
        const bool is_utf8 = text.form == AppendText::Form::utf8;
        if (is_utf8) out += "UTF8 (";
        if (text.form != AppendText::Form::literal) out += '~';
        put_literal(out, text.octets);
        if (is_utf8) out += ')';
    }
    void operator()(const AppendUrl& url) const {
        out += "URL ";
        put_astring(out, url.url);
    }
};

void put_catenated(std::string& out, const AppendPart& part) {
    const auto* const text = std::get_if<AppendText>(&part);
    if (text != nullptr && text->form != AppendText::Form::utf8) out += "TEXT ";
    std::visit(AppendPartWriter{out}, part);
}

}  // namespace

void put(std::string& out, const AppendMessage& message) {
    out += ' ';
    if (!message.flags.empty()) {
        put_flags(out, message.flags);
        out += ' ';
    }
    if (message.date) {
        put_date_time(out, *message.date);
        out += ' ';
    }
    if (!message.catenates) return std::visit(AppendPartWriter{out}, message.parts.front());
    out += "CATENATE ";
    put_list(out, message.parts, [&out](const AppendPart& part) { put_catenated(out, part); });
}

void put(std::string& out, const AppendArguments& arguments) {
    out += ' ';
    put_mailbox(out, arguments.mailbox);
    for (const auto& message : arguments.messages) put(out, message);
}

void put(std::string& out, const CreateArguments& arguments) {
    out += ' ';
    put_mailbox(out, arguments.mailbox);
    if (arguments.uses.empty()) return;
    out += " (USE ";
    put_flags(out, arguments.uses);
    out += ')';
}

void put(std::string& out, const IdPairs& pairs) {
    out += ' ';
    put_list(out, pairs, [&out](const auto& pair) {
        put_string(out, pair.first);
        out += ' ';
        put_nstring(out, pair.second);
    });
}

}  // namespace hongyan::imap::wire
