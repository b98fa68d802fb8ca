// What is thought of a message, and why, line by line in words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "classify/features.h"
#include "classify/model.h"

namespace hongyan::classify {

inline constexpr double junk_points = 5;  // from here on a message is junk

struct ScoreLine {
    std::string code;   // stable: the code of a trait, "learned-word", …, "learned-rest"
    double points = 0;  // above 0 speaks for junk; all lines together are the score
    std::string words;  // a sentence without a full stop, on one line

    friend bool operator==(const ScoreLine&, const ScoreLine&) = default;
};

struct Verdict {
    double points = 0;
    double confidence = 0;         // 0: nothing has been learned; 1: much
    std::vector<ScoreLine> lines;  // the weightiest first

    bool is_junk() const { return points >= junk_points; }
};

// What may be known when a message is judged; null: nothing.
struct Knowledge {
    const Model* shared = nullptr;
    const Model* account = nullptr;
};

// Of the model that knows more.
double confidence(const Knowledge& knowledge);

// The log-odds that all knowledge together gives.
double weigh(const Features& features, const Knowledge& knowledge);

// The rules count as long as little has been learned, and then what has been learned does.
Verdict judge(const Seen& seen, const Knowledge& knowledge);
// The score alone.
double points_of(const Seen& seen, const Knowledge& knowledge);

// "the word "viagra" is 34 times as frequent in junk"
std::string in_words(Kind kind, std::string_view text, const Slot& slot, std::uint64_t junk,
                     std::uint64_t good);

}  // namespace hongyan::classify
