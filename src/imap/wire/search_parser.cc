#include "imap/wire/search_parser.h"

#include "imap/wire/limits.h"
#include "imap/wire/search_names.h"

namespace hongyan::imap::wire {

// [search-return-opts] SP search-program   RFC 4466 §2.6.1
SearchArguments SearchParser::arguments() {
    SearchArguments arguments;
    arguments.wanted = result_options();
    in_.space();
    arguments.program = program();
    return arguments;
}

SearchProgram SearchParser::program() {
    SearchProgram program;
    if (in_.present("CHARSET ")) {
        program.charset = in_.astring();
        in_.space();
    }
    program.key = keys();
    return program;
}

std::optional<ResultOptions> SearchParser::result_options() {
    if (!in_.present(" RETURN ")) return std::nullopt;
    in_.expect("(");
    if (in_.present(")")) return ResultOptions{.all = true};
    return listed_options();
}

ResultOptions SearchParser::listed_options() {
    ResultOptions options;
    do {
        result_option(options);
    } while (!in_.failed() && in_.present(" "));
    in_.expect(")");
    if (options.partial && options.all) in_.fail("either ALL or PARTIAL");  // RFC 9394 §3.1
    return options;
}

void SearchParser::result_option(ResultOptions& options) {
    const auto name = in_.keyword();
    if (const auto* row = find_word(wire::result_options, name)) {
        options.*row->value = true;
        if (row->value == &ResultOptions::update) options.fetched = updated_items();
    } else if (ascii::iequals(name, "PARTIAL") && !options.partial) {
        in_.space();
        options.partial = read_partial_range(in_);
    } else {
        in_.fail("something that SEARCH returns");
    }
}

// ["(" fetch-att *(SP fetch-att) ")"]; the example has a space before it   RFC 5465 §7, §8
std::vector<FetchItem> SearchParser::updated_items() {
    std::vector<FetchItem> items;
    if (!in_.present("(") && !in_.present(" (")) return items;
    do {
        items.push_back(in_.fetch_item());
        if (items.size() > max_fetch_items) in_.fail("fewer items to fetch");
    } while (!in_.failed() && in_.present(" "));
    in_.expect(")");
    return items;
}

// partial-range = nz-number ":" nz-number / "-" nz-number ":" "-" nz-number
PartialRange read_partial_range(Parser& in) {
    PartialRange range;
    range.from_end = in.present("-");
    range.first = in.nz_number();
    in.expect(range.from_end ? ":-" : ":");
    range.last = in.nz_number();
    return range;
}

// search-key *(SP search-key), up to `end`
SearchKey SearchParser::keys(int depth, std::string_view end) {
    AllOf all;
    do {
        all.keys.push_back(key(depth + 1));
    } while (!in_.failed() && in_.present(" "));
    if (!end.empty()) in_.expect(end);
    if (all.keys.size() == 1) return std::move(all.keys.front());
    return {std::move(all)};
}

SearchKey SearchParser::key(int depth) {
    if (depth > max_search_depth || ++count_ > max_search_keys) in_.fail("a simpler search");
    if (in_.failed()) return {};
    if (in_.present("(")) return keys(depth, ")");
    if (in_.present("$")) return {InSaved{}};
    if (ascii::is_digit(in_.peek()) || in_.peek() == '*') return {InSequence{in_.sequence_set()}};
    return named_key(in_.keyword(), depth);
}

SearchKey SearchParser::named_key(std::string_view name, int depth) {
    const auto is = [name](std::string_view word) { return ascii::iequals(name, word); };
    if (const auto* row = find_word(flag_keys, name)) return {HasFlag{std::string(row->flag), row->wanted}};
    if (is("ALL")) return {AllOf{}};
    if (is("SAVEDATESUPPORTED")) return {AllOf{}};  // RFC 8514 §4.3: we keep it of every message
    if (is("NEW")) return {AllOf{{{HasFlag{"\\Recent", true}}, {HasFlag{"\\Seen", false}}}}};

    if (in_.peek() != ' ') {
        in_.fail("a search key");
        return {};
    }
    in_.space();
    if (const auto* row = find_word(field_keys, name))
        return {FieldContains{std::string(row->value), in_.astring()}};
    if (const auto* row = find_word(date_keys, name)) return {DateIs{row->which, row->compare, in_.date()}};
    if (is("BODY")) return {BodyContains{in_.astring()}};
    if (is("TEXT")) return {TextContains{in_.astring()}};
    if (is("KEYWORD") || is("UNKEYWORD")) return {HasFlag{std::string(in_.atom()), is("KEYWORD")}};
    if (is("LARGER") || is("SMALLER")) return {SizeIs{is("LARGER"), in_.number64()}};
    if (is("UID")) return uid_key();
    if (is("UIDAFTER") || is("UIDBEFORE")) return {UidBeside{is("UIDAFTER"), in_.nz_number()}};
    if (is("EMAILID") || is("THREADID")) return {HasId{is("THREADID"), std::string(in_.atom())}};
    if (is("OLDER") || is("YOUNGER")) return {Within{is("OLDER"), in_.nz_number()}};
    if (is("FUZZY")) return {Fuzzy{{key(depth + 1)}}};
    if (is("FILTER")) return {ByFilter{filter_name()}};
    if (is("NOT")) return {NotThis{{key(depth + 1)}}};
    if (is("MODSEQ")) return mod_sequence_key();
    if (is("HEADER")) {
        auto field = in_.astring();
        in_.space();
        return {FieldContains{std::move(field), in_.astring()}};
    }
    if (is("OR")) {
        auto one = key(depth + 1);
        in_.space();
        return {EitherOf{{std::move(one), key(depth + 1)}}};
    }
    in_.fail("a search key");
    return {};
}

// filter-name = 1*<any ATOM-CHAR except "/">   RFC 5466 §4
std::string SearchParser::filter_name() {
    std::string name(in_.atom());
    if (name.contains('/')) in_.fail("the name of a filter");
    return name;
}

// "UID" SP (sequence-set / "$")   RFC 5182 §3
SearchKey SearchParser::uid_key() {
    if (in_.present("$")) return {InSaved{}};
    return {InUids{in_.sequence_set()}};
}

// "MODSEQ" [SP entry-name SP entry-type-req] SP mod-sequence-valzer   RFC 7162 §7
SearchKey SearchParser::mod_sequence_key() {
    if (in_.peek() == '"') {
        in_.quoted();
        in_.space();
        if (!in_.present("all") && !in_.present("priv")) in_.expect("shared");
        in_.space();
    }
    return {ModSeqAtLeast{in_.mod_sequence_value()}};
}

}  // namespace hongyan::imap::wire
