// Looking for a text more or less (RFC 6203).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "message/text_search.h"

namespace hongyan::imap {

// Finds a text as it stands, and also most of its words anywhere; words of five letters and more without
// their last letter too. Text without blanks, Chinese say, is taken by pairs of characters.
class FuzzyNeedle {
public:
    explicit FuzzyNeedle(std::string_view utf8);

    // In text that fold_for_search() made: 100 as it stands, less for its words, 0 where not even half of
    // them are there.
    int score_in(std::string_view folded) const;
    // How often a text is gone through for that.
    std::size_t looks() const { return 1 + words_.size(); }

private:
    message::Needle whole_;
    std::vector<std::string> words_;  // folded
};

}  // namespace hongyan::imap
