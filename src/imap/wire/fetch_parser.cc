// The grammar of FETCH and STORE.
#include <algorithm>

#include "imap/wire/limits.h"
#include "imap/wire/names.h"
#include "imap/wire/parser.h"
#include "imap/wire/search_parser.h"

namespace hongyan::imap::wire {

// header-list = "(" header-fld-name *(SP header-fld-name) ")"
std::vector<std::string> Parser::header_list() {
    std::vector<std::string> names;
    expect("(");
    do {
        names.push_back(astring());
        if (names.size() > max_header_names) fail("fewer header fields");
    } while (!failed() && present(" "));
    expect(")");
    return names;
}

// section-text = section-msgtext / "MIME"
void Parser::section_text(Section& section) {
    const auto* word = find_word(section_texts, keyword());
    const bool mime_of_nothing =
        word != nullptr && word->value == Section::Text::mime && section.part.empty();
    if (word == nullptr || mime_of_nothing) return fail("a section");
    section.text = word->value;
    if (word->value != Section::Text::header_fields && word->value != Section::Text::header_fields_not)
        return;
    space();
    section.names = header_list();
}

// section-spec = section-msgtext / (section-part ["." section-text])
Section Parser::section_spec() {
    Section section;
    while (!failed() && ascii::is_digit(in_.peek())) {
        section.part.push_back(nz_number());
        if (section.part.size() > max_part_depth) fail("fewer levels of parts");
        if (!present(".")) return section;
    }
    section_text(section);
    return section;
}

// section = "[" [section-spec] "]"
Section Parser::section() {
    expect("[");
    if (present("]")) return {};
    auto section = section_spec();
    expect("]");
    return section;
}

// "<" number "." nz-number ">"
std::optional<Partial> Parser::partial() {
    if (!present("<")) return std::nullopt;
    Partial partial;
    partial.first = number();
    expect(".");
    partial.count = nz_number();
    expect(">");
    return partial;
}

// section-binary = "[" [section-part] "]"   RFC 9051 §9
std::vector<std::uint32_t> Parser::section_binary() {
    std::vector<std::uint32_t> part;
    expect("[");
    if (present("]")) return part;
    do {
        part.push_back(nz_number());
        if (part.size() > max_part_depth) fail("fewer levels of parts");
    } while (!failed() && present("."));
    expect("]");
    return part;
}

// fetch-att = "ENVELOPE" / "FLAGS" / … / "BODY" section ["<" number "." nz-number ">"] / "BODY.PEEK" section
// …
FetchItem Parser::fetch_item() {
    const auto name = keyword();
    const bool peek = ascii::iequals(name, "BODY.PEEK");
    if (peek || (ascii::iequals(name, "BODY") && in_.peek() == '[')) {
        BodyItem item;
        item.peek = peek;
        item.section = section();
        item.partial = partial();
        return item;
    }
    if (ascii::iequals(name, "BINARY.SIZE")) return BinarySizeItem{section_binary()};
    const bool peek_binary = ascii::iequals(name, "BINARY.PEEK");
    if (peek_binary || ascii::iequals(name, "BINARY")) {
        BinaryItem item{section_binary(), {}, peek_binary};
        item.partial = partial();
        return item;
    }
    const auto* const word = find_word(message_items, name);
    // RFC 8970 §4: previews are made when a message arrives, so that a patient client waits no longer.
    if (word != nullptr && word->value == MessageItem::preview) present(" (LAZY)");
    if (word != nullptr) return word->value;
    fail("something that can be fetched");
    return MessageItem::uid;
}

// SP ("ALL" / "FULL" / "FAST" / fetch-att / "(" fetch-att *(SP fetch-att) ")") [SP "(" fetch-modifier ")"]
FetchArguments Parser::fetch_arguments() {
    FetchArguments arguments;
    space();
    const auto macro =
        std::ranges::find_if(fetch_macros, [this](const auto& row) { return present(row.text); });
    if (macro != fetch_macros.end()) {
        arguments.items.assign(macro_items.begin(),
                               macro_items.begin() + static_cast<std::ptrdiff_t>(macro->value));
    } else if (present("(")) {
        do {
            arguments.items.push_back(fetch_item());
            if (arguments.items.size() > max_fetch_items) fail("fewer items to fetch");
        } while (!failed() && present(" "));
        expect(")");
    } else {
        arguments.items.push_back(fetch_item());
    }
    if (present(" ")) fetch_modifiers(arguments);
    return arguments;
}

// "(" fetch-modifier *(SP fetch-modifier) ")"   RFC 4466 §2.4
// fetch-modifier = "CHANGEDSINCE" SP mod-sequence-value / "VANISHED"   RFC 7162 §7
// fetch-modifier =/ "PARTIAL" SP partial-range   RFC 9394 §4
void Parser::fetch_modifiers(FetchArguments& arguments) {
    expect("(");
    do {
        if (present("VANISHED")) {
            arguments.vanished = true;
            continue;
        }
        if (present("PARTIAL ")) {
            if (arguments.partial) fail("one PARTIAL");
            arguments.partial = read_partial_range(*this);
            continue;
        }
        expect("CHANGEDSINCE");
        space();
        arguments.changed_since = mod_sequence_value();
    } while (!failed() && present(" "));
    expect(")");
    if (arguments.vanished && !arguments.changed_since) fail("CHANGEDSINCE beside VANISHED");
}

// "(" name SP number ")", the one modifier that STORE may have (RFC 4466 §2.4)
std::optional<std::uint64_t> Parser::modifier(std::string_view name) {
    expect("(");
    expect(name);
    space();
    const auto value = mod_sequence_value();
    expect(")");
    return value;
}

// SP ["(" "UNCHANGEDSINCE" SP n ")" SP] ["+" / "-"] "FLAGS" [".SILENT"] SP (flag-list / (flag *(SP flag)))
StoreArguments Parser::store_arguments() {
    StoreArguments arguments;
    space();
    if (in_.peek() == '(') {
        arguments.unchanged_since = modifier("UNCHANGEDSINCE");
        space();
    }
    arguments.how = present("+")   ? StoreArguments::How::add
                    : present("-") ? StoreArguments::How::remove
                                   : StoreArguments::How::replace;
    expect("FLAGS");
    arguments.silent = present(".SILENT");
    space();
    if (in_.peek() == '(') {
        arguments.flags = flag_list();
        return arguments;
    }
    do {
        arguments.flags.push_back(flag());
        if (arguments.flags.size() > max_flags) fail("fewer flags");
    } while (!failed() && present(" "));
    return arguments;
}

}  // namespace hongyan::imap::wire
