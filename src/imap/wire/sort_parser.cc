#include "imap/wire/sort_parser.h"

#include "imap/wire/limits.h"
#include "imap/wire/print.h"
#include "imap/wire/search_parser.h"
#include "imap/wire/search_writer.h"
#include "imap/wire/sort_names.h"
#include "imap/wire/writer.h"

namespace hongyan::imap::wire {
namespace {

// ["REVERSE" SP] sort-key
SortCriterion sort_criterion(Parser& in) {
    SortCriterion criterion;
    criterion.reverse = in.present("REVERSE ");
    if (const auto* row = find_word(sort_keys, in.keyword()))
        criterion.key = row->value;
    else
        in.fail("something to sort by");
    return criterion;
}

// "(" sort-criterion *(SP sort-criterion) ")"
SortCriteria sort_criteria(Parser& in) {
    SortCriteria criteria;
    in.expect("(");
    do {
        criteria.push_back(sort_criterion(in));
        if (criteria.size() > max_sort_criteria) in.fail("fewer things to sort by");
    } while (!in.failed() && in.present(" "));
    in.expect(")");
    return criteria;
}

// search-criteria = charset 1*(SP search-key)
SearchProgram search_criteria(Parser& in, SearchParser& search) {
    SearchProgram program;
    program.charset = in.astring();
    in.space();
    program.key = search.keys();
    return program;
}

void put_search_criteria(std::string& out, const SearchProgram& program) {
    out += ' ';
    put_astring(out, program.charset);
    out += ' ';
    put(out, program.key);
}

}  // namespace

// [search-return-opts] SP sort-criteria SP search-criteria
SortArguments read_sort(Parser& in) {
    SearchParser search(in);
    SortArguments arguments;
    arguments.wanted = search.result_options();
    in.space();
    arguments.criteria = sort_criteria(in);
    in.space();
    arguments.program = search_criteria(in, search);
    return arguments;
}

// SP thread-alg SP search-criteria
ThreadArguments read_thread(Parser& in) {
    SearchParser search(in);
    ThreadArguments arguments;
    in.space();
    if (const auto* row = find_word(thread_algorithms, in.keyword()))
        arguments.algorithm = row->value;
    else
        in.fail("ORDEREDSUBJECT or REFERENCES");
    in.space();
    arguments.program = search_criteria(in, search);
    return arguments;
}

void put(std::string& out, const SortArguments& arguments) {
    if (arguments.wanted) {
        out += " RETURN ";
        put(out, *arguments.wanted);
    }
    out += ' ';
    put_list(out, arguments.criteria, [&out](const SortCriterion& criterion) {
        print(out, "{}{}", criterion.reverse ? "REVERSE " : "", word_of(sort_keys, criterion.key));
    });
    put_search_criteria(out, arguments.program);
}

void put(std::string& out, const ThreadArguments& arguments) {
    print(out, " {}", word_of(thread_algorithms, arguments.algorithm));
    put_search_criteria(out, arguments.program);
}

}  // namespace hongyan::imap::wire
