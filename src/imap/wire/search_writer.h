// Writes what search_parser.h reads: for tests that go round, and for those who speak to other servers.
#pragma once

#include <string>

#include "imap/wire/search.h"

namespace hongyan::imap::wire {

void put(std::string& out, const SearchKey& key);
void put(std::string& out, const SearchArguments& arguments);

}  // namespace hongyan::imap::wire
