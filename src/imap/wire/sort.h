// What SORT and THREAD ask for (RFC 5256 §5).
#pragma once

#include <optional>
#include <vector>

#include "imap/wire/search.h"

namespace hongyan::imap::wire {

// sort-key   RFC 5256 §5, RFC 5957 §5, RFC 6203 §7
enum class SortKey { arrival, cc, date, from, size, subject, to, display_from, display_to, relevancy };

struct SortCriterion {
    SortKey key = SortKey::arrival;
    bool reverse = false;

    friend bool operator==(const SortCriterion&, const SortCriterion&) = default;
};
using SortCriteria = std::vector<SortCriterion>;

struct SortArguments {
    std::optional<ResultOptions> wanted;  // RFC 5267 §3; nothing: answer with SORT
    SortCriteria criteria;
    SearchProgram program;

    friend bool operator==(const SortArguments&, const SortArguments&) = default;
};

// thread-alg
enum class ThreadAlgorithm { ordered_subject, references };

struct ThreadArguments {
    ThreadAlgorithm algorithm = ThreadAlgorithm::references;
    SearchProgram program;

    friend bool operator==(const ThreadArguments&, const ThreadArguments&) = default;
};

}  // namespace hongyan::imap::wire
