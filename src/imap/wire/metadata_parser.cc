#include "imap/wire/metadata_parser.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "imap/wire/limits.h"
#include "imap/wire/names.h"
#include "imap/wire/writer.h"

namespace hongyan::imap::wire {
namespace {

constexpr std::array depths{Word{"0", EntryDepth::itself}, Word{"1", EntryDepth::children},
                            Word{"infinity", EntryDepth::all}};

// Octets 00 to 19 are named by the RFC; DEL is no better.
bool is_entry_char(char c) {
    return static_cast<unsigned char>(c) > 0x19 && !ascii::is_8bit(c) && c != '*' && c != '%' && c != '\x7f';
}

// RFC 5464 §3.2
bool is_entry(std::string_view text) {
    const bool has_scope = text == "/private" || text == "/shared" || text.starts_with("/private/") ||
                           text.starts_with("/shared/");
    return has_scope && !text.contains("//") && !text.ends_with('/') &&
           std::ranges::all_of(text, is_entry_char);
}

// entry = astring   RFC 5464 §5
std::string entry(Parser& in) {
    auto text = ascii::to_lower(in.astring());
    if (!is_entry(text)) in.fail("an entry below /private or /shared");
    return text;
}

// Two components at the least; a vendor's name has something below it (RFC 5464 §3.2).
bool can_have_value(std::string_view text) {
    const auto components = std::ranges::count(text, '/');
    const bool is_vendors = text.starts_with("/private/vendor") || text.starts_with("/shared/vendor");
    return components >= (is_vendors ? 4 : 2);
}

// getmetadata-options = "(" getmetadata-option *(SP getmetadata-option) ")"
void options(Parser& in, GetMetadataArguments& arguments) {
    in.expect("(");
    do {
        if (in.present("MAXSIZE ")) {
            arguments.max_size = in.number();
        } else {
            in.expect("DEPTH ");
            const auto* const word = find_word(depths, in.atom());
            if (word == nullptr) return in.fail("0, 1 or infinity");
            arguments.depth = word->value;
        }
    } while (!in.failed() && in.present(" "));
    in.expect(")");
}

// value = nstring / literal8
std::optional<std::string> value(Parser& in) {
    if (in.present("~")) return in.literal();
    return in.nstring();
}

// An entry begins with a slash, or with a quote or brace before it; options with a letter.
bool stands_at_options(Parser& in) { return in.present_next("(MAXSIZE ") || in.present_next("(DEPTH "); }

}  // namespace

std::vector<std::string> metadata_entries(Parser& in) {
    std::vector<std::string> entries;
    const bool is_list = in.present("(");
    do {
        entries.push_back(entry(in));
        if (entries.size() > max_metadata_entries) in.fail("fewer entries");
    } while (is_list && !in.failed() && in.present(" "));
    if (is_list) in.expect(")");
    return entries;
}

// [SP getmetadata-options] SP mailbox SP entries   RFC 5464 §5; the examples of its §4.2 have the options
// behind the mailbox, and several entries without parentheses.
GetMetadataArguments get_metadata_arguments(Parser& in) {
    GetMetadataArguments arguments;
    in.space();
    if (stands_at_options(in)) {
        options(in, arguments);
        in.space();
    }
    arguments.mailbox = in.mailbox();
    in.space();
    if (stands_at_options(in)) {
        options(in, arguments);
        in.space();
    }
    arguments.entries = metadata_entries(in);
    while (!in.failed() && in.present(" ")) {
        arguments.entries.push_back(entry(in));
        if (arguments.entries.size() > max_metadata_entries) in.fail("fewer entries");
    }
    return arguments;
}

// SP mailbox SP "(" entry SP value *(SP entry SP value) ")"
SetMetadataArguments set_metadata_arguments(Parser& in) {
    SetMetadataArguments arguments;
    in.space();
    arguments.mailbox = in.mailbox();
    in.space();
    in.expect("(");
    do {
        auto name = entry(in);
        if (!can_have_value(name)) in.fail("a longer name of an entry");
        in.space();
        arguments.values.push_back({std::move(name), value(in)});
        if (arguments.values.size() > max_metadata_entries) in.fail("fewer entries");
    } while (!in.failed() && in.present(" "));
    in.expect(")");
    return arguments;
}

void put_entry_value(std::string& out, std::string_view entry, const std::optional<std::string>& value) {
    put_astring(out, entry);
    out += ' ';
    if (value && value->contains('\0'))
        out += '~', put_literal(out, *value);
    else
        put_nstring(out, value);
}

void put(std::string& out, const GetMetadataArguments& arguments) {
    std::string chosen;
    if (arguments.max_size) chosen = fmt::format("MAXSIZE {}", *arguments.max_size);
    if (arguments.depth != EntryDepth::itself)
        chosen += fmt::format("{}DEPTH {}", chosen.empty() ? "" : " ", word_of(depths, arguments.depth));
    if (!chosen.empty()) out += fmt::format(" ({})", chosen);
    out += ' ';
    put_mailbox(out, arguments.mailbox);
    out += " (";
    for (const auto& entry : arguments.entries) {
        if (!out.ends_with('(')) out += ' ';
        put_astring(out, entry);
    }
    out += ')';
}

void put(std::string& out, const SetMetadataArguments& arguments) {
    out += ' ';
    put_mailbox(out, arguments.mailbox);
    out += " (";
    bool is_first = true;
    for (const auto& [entry, value] : arguments.values) {
        if (!std::exchange(is_first, false)) out += ' ';
        put_entry_value(out, entry, value);
    }
    out += ')';
}

}  // namespace hongyan::imap::wire
