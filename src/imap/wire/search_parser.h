// The grammar of what SEARCH looks for (RFC 3501 §9, search, search-key).
#pragma once

#include <cstddef>
#include <string_view>

#include "imap/wire/parser.h"
#include "imap/wire/search.h"

namespace hongyan::imap::wire {

// Reads on where `in` stands, which outlives it; so does the failure. Counts the keys of one command.
class SearchParser {
public:
    explicit SearchParser(Parser& in) : in_(in) {}

    SearchArguments arguments();
    // ["CHARSET" SP charset SP] search-key *(SP search-key)
    SearchProgram program();
    // [SP "RETURN" SP "(" [search-return-opt *(SP search-return-opt)] ")"]
    std::optional<ResultOptions> result_options();
    // search-key *(SP search-key)
    SearchKey keys() { return keys(0, ""); }

private:
    ResultOptions listed_options();
    void result_option(ResultOptions& options);
    std::vector<FetchItem> updated_items();
    SearchKey key(int depth);
    SearchKey keys(int depth, std::string_view end);
    SearchKey named_key(std::string_view name, int depth);
    SearchKey mod_sequence_key();
    SearchKey uid_key();
    std::string filter_name();

    Parser& in_;
    std::size_t count_ = 0;
};

// partial-range   RFC 9394 §4
PartialRange read_partial_range(Parser& in);

// What stands behind SEARCH, its leading space included.
inline SearchArguments read_search(Parser& in) { return SearchParser(in).arguments(); }

}  // namespace hongyan::imap::wire
