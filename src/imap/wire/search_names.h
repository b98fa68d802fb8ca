// The words of SEARCH for our values, read by its parser and its writer.
#pragma once

#include <array>
#include <string_view>

#include "imap/wire/names.h"
#include "imap/wire/search.h"

namespace hongyan::imap::wire {

// Search keys without arguments that ask for a flag.
struct FlagKey {
    std::string_view text;
    std::string_view flag;
    bool wanted;
};
inline constexpr std::array flag_keys{
    FlagKey{"ANSWERED", "\\Answered", true}, FlagKey{"UNANSWERED", "\\Answered", false},
    FlagKey{"DELETED", "\\Deleted", true},   FlagKey{"UNDELETED", "\\Deleted", false},
    FlagKey{"DRAFT", "\\Draft", true},       FlagKey{"UNDRAFT", "\\Draft", false},
    FlagKey{"FLAGGED", "\\Flagged", true},   FlagKey{"UNFLAGGED", "\\Flagged", false},
    FlagKey{"SEEN", "\\Seen", true},         FlagKey{"UNSEEN", "\\Seen", false},
    FlagKey{"RECENT", "\\Recent", true},     FlagKey{"OLD", "\\Recent", false},
};

// Search keys that look into one header field.
inline constexpr std::array field_keys{
    Word{"BCC", std::string_view("Bcc")},         Word{"CC", std::string_view("Cc")},
    Word{"FROM", std::string_view("From")},       Word{"TO", std::string_view("To")},
    Word{"SUBJECT", std::string_view("Subject")},
};

struct DateKey {
    std::string_view text;
    WhichDate which;
    Compare compare;
};
inline constexpr std::array date_keys{
    DateKey{"BEFORE", WhichDate::internal, Compare::before},
    DateKey{"ON", WhichDate::internal, Compare::on},
    DateKey{"SINCE", WhichDate::internal, Compare::since},
    DateKey{"SENTBEFORE", WhichDate::sent, Compare::before},
    DateKey{"SENTON", WhichDate::sent, Compare::on},
    DateKey{"SENTSINCE", WhichDate::sent, Compare::since},
    DateKey{"SAVEDBEFORE", WhichDate::saved, Compare::before},
    DateKey{"SAVEDON", WhichDate::saved, Compare::on},
    DateKey{"SAVEDSINCE", WhichDate::saved, Compare::since},
};

// Result options without arguments.
inline constexpr std::array result_options{
    Word{"MIN", &ResultOptions::min},       Word{"MAX", &ResultOptions::max},
    Word{"ALL", &ResultOptions::all},       Word{"COUNT", &ResultOptions::count},
    Word{"SAVE", &ResultOptions::save},     Word{"CONTEXT", &ResultOptions::context},
    Word{"UPDATE", &ResultOptions::update}, Word{"RELEVANCY", &ResultOptions::relevancy},
};

}  // namespace hongyan::imap::wire
