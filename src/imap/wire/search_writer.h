// Writes what search_parser.h reads: for tests that go round, and for those who speak to other servers.
#pragma once

#include <string>

#include "imap/wire/search.h"

namespace hongyan::imap::wire {

void put(std::string& out, const SearchKey& key);
void put(std::string& out, const SearchProgram& program);
// partial-range, as ESEARCH repeats it.
void put(std::string& out, const PartialRange& range);
// "(MIN COUNT)"
void put(std::string& out, const ResultOptions& options);
void put(std::string& out, const SearchArguments& arguments);

}  // namespace hongyan::imap::wire
