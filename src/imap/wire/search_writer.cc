#include "imap/wire/search_writer.h"

#include <algorithm>

#include "imap/wire/print.h"
#include "imap/wire/search_names.h"
#include "imap/wire/writer.h"

namespace hongyan::imap::wire {
namespace {

// One function for each kind of search key.
struct SearchKeyWriter {
    std::string& out;

    void operator()(const AllOf& all) const {
        if (all.keys.empty())
            out += "ALL";
        else
            put_list(out, all.keys, [this](const SearchKey& key) { put(out, key); });
    }
    void operator()(const EitherOf& either) const {
        out += "OR ";
        put(out, either.keys[0]);
        out += ' ';
        put(out, either.keys[1]);
    }
    void operator()(const NotThis& no) const {
        out += "NOT ";
        put(out, no.key.front());
    }
    void operator()(const HasFlag& has) const {
        const auto row = std::ranges::find_if(
            flag_keys, [&has](const auto& key) { return key.flag == has.flag && key.wanted == has.wanted; });
        if (row != flag_keys.end())
            out += row->text;
        else
            print(out, "{} {}", has.wanted ? "KEYWORD" : "UNKEYWORD", has.flag);
    }
    void operator()(const FieldContains& contains) const {
        const auto name = word_of(field_keys, std::string_view(contains.field));
        out += name.empty() ? "HEADER " : name;
        if (name.empty()) put_astring(out, contains.field);
        out += ' ';
        put_astring(out, contains.text);
    }
    void operator()(const BodyContains& contains) const {
        out += "BODY ";
        put_astring(out, contains.text);
    }
    void operator()(const TextContains& contains) const {
        out += "TEXT ";
        put_astring(out, contains.text);
    }
    void operator()(const DateIs& date) const {
        const auto row = std::ranges::find_if(date_keys, [&date](const auto& key) {
            return key.which == date.which && key.compare == date.compare;
        });
        print(out, "{} ", row->text);
        put_date(out, date.date);
    }
    void operator()(const SizeIs& size) const {
        print(out, "{} {}", size.larger ? "LARGER" : "SMALLER", size.octets);
    }
    void operator()(const InSequence& in) const { put_set(out, in.set); }
    void operator()(const InUids& in) const {
        out += "UID ";
        put_set(out, in.set);
    }
    void operator()(const UidBeside& beside) const {
        print(out, "{} {}", beside.after ? "UIDAFTER" : "UIDBEFORE", beside.uid);
    }
    void operator()(const ModSeqAtLeast& at_least) const { print(out, "MODSEQ {}", at_least.modseq); }
    void operator()(const HasId& has) const {
        print(out, "{} {}", has.of_thread ? "THREADID" : "EMAILID", has.id);
    }
    void operator()(const InSaved&) const { out += '$'; }
    void operator()(const Fuzzy& fuzzy) const {
        out += "FUZZY ";
        put(out, fuzzy.key.front());
    }
    void operator()(const ByFilter& filter) const { print(out, "FILTER {}", filter.name); }
    void operator()(const Within& within) const {
        print(out, "{} {}", within.older ? "OLDER" : "YOUNGER", within.seconds);
    }
};

}  // namespace

void put(std::string& out, const SearchKey& key) { std::visit(SearchKeyWriter{out}, key.is); }

void put(std::string& out, const SearchProgram& program) {
    if (!program.charset.empty()) {
        out += "CHARSET ";
        put_astring(out, program.charset);
        out += ' ';
    }
    put(out, program.key);
}

void put(std::string& out, const PartialRange& range) {
    const auto* const sign = range.from_end ? "-" : "";
    print(out, "{0}{1}:{0}{2}", sign, range.first, range.last);
}

void put(std::string& out, const ResultOptions& options) {
    std::vector<std::string> words;
    for (const auto& row : result_options)
        if (options.*row.value) words.emplace_back(row.text);
    if (!options.fetched.empty()) {
        auto& update = *std::ranges::find(words, "UPDATE");
        update += ' ';
        put_list(update, options.fetched, [&update](const FetchItem& item) { put(update, item); });
    }
    if (options.partial) {
        words.emplace_back("PARTIAL ");
        put(words.back(), *options.partial);
    }
    put_list(out, words, [&out](const std::string& word) { out += word; });
}

void put(std::string& out, const SearchArguments& arguments) {
    if (arguments.wanted) {
        out += " RETURN ";
        put(out, *arguments.wanted);
    }
    out += ' ';
    put(out, arguments.program);
}

}  // namespace hongyan::imap::wire
