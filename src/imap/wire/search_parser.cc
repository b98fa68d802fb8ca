#include "imap/wire/search_parser.h"

#include "imap/wire/limits.h"
#include "imap/wire/search_names.h"

namespace hongyan::imap::wire {

// SP ["CHARSET" SP astring SP] search-key *(SP search-key)
SearchArguments SearchParser::arguments() {
    SearchArguments arguments;
    in_.space();
    if (in_.present("CHARSET ")) {
        arguments.charset = in_.astring();
        in_.space();
    }
    arguments.key = keys(0, "");
    return arguments;
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
    if (ascii::is_digit(in_.peek()) || in_.peek() == '*') return {InSequence{in_.sequence_set()}};
    return named_key(in_.keyword(), depth);
}

SearchKey SearchParser::named_key(std::string_view name, int depth) {
    const auto is = [name](std::string_view word) { return ascii::iequals(name, word); };
    if (const auto* row = find_word(flag_keys, name)) return {HasFlag{std::string(row->flag), row->wanted}};
    if (is("ALL")) return {AllOf{}};
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
    if (is("UID")) return {InUids{in_.sequence_set()}};
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
