// The words of SORT and THREAD for our values.
#pragma once

#include <array>

#include "imap/wire/names.h"
#include "imap/wire/sort.h"

namespace hongyan::imap::wire {

inline constexpr std::array sort_keys{
    Word{"ARRIVAL", SortKey::arrival},
    Word{"CC", SortKey::cc},
    Word{"DATE", SortKey::date},
    Word{"FROM", SortKey::from},
    Word{"SIZE", SortKey::size},
    Word{"SUBJECT", SortKey::subject},
    Word{"TO", SortKey::to},
    Word{"DISPLAYFROM", SortKey::display_from},
    Word{"DISPLAYTO", SortKey::display_to},
    Word{"RELEVANCY", SortKey::relevancy},
};

inline constexpr std::array thread_algorithms{
    Word{"ORDEREDSUBJECT", ThreadAlgorithm::ordered_subject},
    Word{"REFERENCES", ThreadAlgorithm::references},
};

}  // namespace hongyan::imap::wire
