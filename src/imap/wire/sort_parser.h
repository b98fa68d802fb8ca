// The grammar of SORT and THREAD (RFC 5256 §5, RFC 5267 §5).
#pragma once

#include <string>

#include "imap/wire/parser.h"
#include "imap/wire/sort.h"

namespace hongyan::imap::wire {

// What stands behind the verb, its leading space included.
SortArguments read_sort(Parser& in);
ThreadArguments read_thread(Parser& in);

void put(std::string& out, const SortArguments& arguments);
void put(std::string& out, const ThreadArguments& arguments);

}  // namespace hongyan::imap::wire
