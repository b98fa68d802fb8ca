#include "classify/verdict.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/compile.h>

#include "base/decimal.h"
#include "message/encoded_word.h"

namespace hongyan::classify {

namespace {

constexpr std::size_t most_learned_lines = 8;

// Log-odds from which on a message is junk (docs/decisions/0041), and what lies beyond in points.
constexpr double junk_odds = 0.2;
constexpr double points_per_odds = 2;
constexpr double least_points = -10, most_points = 20;

double points_of_odds(double odds) {
    if (odds <= 0) return std::max(least_points, odds * points_per_odds);
    if (odds < junk_odds) return odds / junk_odds * junk_points;
    return std::min(most_points, junk_points + (odds - junk_odds) * points_per_odds);
}

// How each kind of feature is spoken of; the text stands in quotes between the two.
struct Phrase {
    Kind kind;
    std::string_view code;
    std::string_view before, after;
};
constexpr auto phrases = std::to_array<Phrase>({
    {Kind::word, "learned-word", "the word \"", "\""},
    {Kind::pair, "learned-words", "the words \"", "\""},
    {Kind::subject_word, "learned-subject", "\"", "\" in the subject"},
    {Kind::subject_pair, "learned-subject", "\"", "\" in the subject"},
    {Kind::name_word, "learned-sender", "\"", "\" in the sender's name"},
    {Kind::sender_domain, "learned-sender", "a sender at \"", "\""},
    {Kind::link_host, "learned-link", "a link to \"", "\""},
    {Kind::link_word, "learned-link", "\"", "\" in the path of a link"},
    {Kind::markup, "learned-markup", "the HTML \"", "\""},
    {Kind::header, "learned-header", "the header (\"", "\")"},
    {Kind::structure, "learned-structure", "the structure (\"", "\")"},
    {Kind::trait, "learned-trait", "the trait \"", "\""},
    {Kind::attachment, "learned-attachment", "\"", "\" in the name of an attachment"},
    {Kind::recipients, "learned-recipients", "the recipients (\"", "\")"},
});

const Phrase* phrase_of(Kind kind) {
    const auto* const found = std::ranges::find(phrases, kind, &Phrase::kind);
    return found == phrases.end() ? nullptr : found;
}

constexpr auto told_kinds = [] {
    std::array<bool, 256> are{};
    for (const auto& phrase : phrases) are[static_cast<std::size_t>(phrase.kind)] = true;
    return are;
}();
bool is_told(Kind kind) { return told_kinds[static_cast<std::size_t>(kind)]; }

struct Known {
    Slot slot;
    std::uint64_t junk = 0;
    std::uint64_t good = 0;
};
// What the shared model counted, or, where it knows nothing, that of the account.
Known known_of(const Feature& feature, const Knowledge& knowledge) {
    for (const auto* model : {knowledge.shared, knowledge.account})
        if (model != nullptr)
            if (const auto slot = model->at(feature.hash); slot.junk != 0 || slot.good != 0)
                return {.slot = slot, .junk = model->junk(), .good = model->good()};
    return {};
}

void add_rules(Verdict& verdict, const Seen& seen) {
    for (const auto& row : trait_rows())
        if (seen.traits.has(row.trait))
            verdict.lines.push_back(
                {std::string(row.code), row.points * (1 - verdict.confidence), std::string(row.sentence)});
}

// What a feature weighs in all models together.
struct Share {
    const Feature* feature;
    std::int32_t weight;
};
// The weightiest of those that it was given, the first of them first.
class Weightiest {
public:
    bool would_take(std::int32_t weight) const { return std::abs(weight) > least_; }
    void add(const Feature& feature, std::int32_t weight) {
        const Share share{&feature, weight};
        const auto place = std::ranges::find_if(
            shares_, [&](const Share& each) { return std::abs(each.weight) < std::abs(weight); });
        shares_.insert(place, share);
        if (shares_.size() > most_learned_lines) shares_.pop_back();
        if (shares_.size() == most_learned_lines) least_ = std::abs(shares_.back().weight);
    }
    const std::vector<Share>& all() const { return shares_; }

private:
    static std::vector<Share> with_room() {
        std::vector<Share> shares;
        shares.reserve(most_learned_lines + 1);
        return shares;
    }
    std::vector<Share> shares_ = with_room();
    std::int32_t least_ = 0;
};

// The sum of what `weight` says of those with words, and the weightiest of them that can be told to people.
// `expect` hears of each well before.
template <typename Weight, typename Expect>
std::int64_t weigh_worded(const std::vector<Feature>& features, Weight weight, Expect expect,
                          Weightiest& weightiest) {
    constexpr std::size_t ahead = 16;
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < features.size(); ++i) {
        expect(features[std::min(i + ahead, features.size() - 1)].hash);
        const auto weighs = weight(features[i].hash);
        sum += weighs;
        if (weightiest.would_take(weighs) && is_told(features[i].kind)) weightiest.add(features[i], weighs);
    }
    return sum;
}

// All features are looked up once.
struct Weighed {
    double odds = 0;
    Weightiest weightiest;
};
Weighed weigh_by_one(const Features& features, const Model& model) {
    Weighed weighed;
    const auto sum = model.weight(features.fragments()) +
                     weigh_worded(
                         features.worded(), [&](auto hash) { return std::int32_t{model.weight(hash)}; },
                         [&](auto hash) { model.expect(hash); }, weighed.weightiest);
    weighed.odds = odds_of(sum, features);
    return weighed;
}
Weighed weigh_by_both(const Features& features, const Model& shared, const Model& account) {
    Weighed weighed;
    auto in_shared = shared.weight(features.fragments()), in_account = account.weight(features.fragments());
    const auto weight = [&](std::uint64_t hash) {
        const std::int32_t one = shared.weight(hash), other = account.weight(hash);
        in_shared += one;
        in_account += other;
        return one + other;
    };
    const auto expect = [&](std::uint64_t hash) {
        shared.expect(hash);
        account.expect(hash);
    };
    weigh_worded(features.worded(), weight, expect, weighed.weightiest);
    weighed.odds = odds_of(in_shared, features) + odds_of(in_account, features);
    return weighed;
}
Weighed weigh_each(const Features& features, const Knowledge& knowledge) {
    const auto* const only = knowledge.shared != nullptr ? knowledge.shared : knowledge.account;
    if (only == nullptr) return {};
    if (knowledge.shared == nullptr || knowledge.account == nullptr) return weigh_by_one(features, *only);
    return weigh_by_both(features, *knowledge.shared, *knowledge.account);
}

void add_learned(Verdict& verdict, const Seen& seen, const Knowledge& knowledge) {
    verdict.lines.reserve(verdict.lines.size() + most_learned_lines + 1);
    const auto [odds, weightiest] = weigh_each(seen.features, knowledge);
    const auto points = verdict.confidence * points_of_odds(odds);
    // Points are not in proportion to odds, so the lines share them as they share the odds.
    const auto factor = std::abs(odds) < 1e-9 ? 0 : std::abs(points / odds);
    double told = 0;
    for (const auto& share : weightiest.all()) {
        const auto known = known_of(*share.feature, knowledge);
        const auto share_of_points = odds_of(share.weight, seen.features) * factor;
        verdict.lines.push_back({std::string(phrase_of(share.feature->kind)->code), share_of_points,
                                 in_words(share.feature->kind, seen.features.text(*share.feature), known.slot,
                                          known.junk, known.good)});
        told += share_of_points;
    }
    verdict.lines.push_back(
        {"learned-rest", points - told,
         fmt::format(FMT_COMPILE("{} further features, single letters in a row above all, are as in {}"),
                     seen.features.size(), points > told ? "junk" : "good mail")});
}

}  // namespace

double confidence(const Knowledge& knowledge) {
    double most = 0;
    for (const auto* model : {knowledge.shared, knowledge.account})
        if (model != nullptr) most = std::max(most, confidence(model->junk(), model->good()));
    return most;
}

double weigh(const Features& features, const Knowledge& knowledge) {
    double odds = 0;
    for (const auto* model : {knowledge.shared, knowledge.account})
        if (model != nullptr) odds += model->weigh(features);
    return odds;
}

std::string in_words(Kind kind, std::string_view text, const Slot& slot, std::uint64_t junk,
                     std::uint64_t good) {
    const auto* const phrase = phrase_of(kind);
    constexpr std::size_t usual = 100;
    std::string out;
    out.reserve(usual);
    if (phrase == nullptr)
        out += "a group of letters";
    else
        out.append(phrase->before).append(message::one_line(text)).append(phrase->after);
    const double in_junk = (slot.junk + 0.5) / (static_cast<double>(junk) + 1);
    const double in_good = (slot.good + 0.5) / (static_cast<double>(good) + 1);
    const double times = std::max(in_junk / in_good, in_good / in_junk);
    if (times < 1.5) return out.append(" is as frequent in junk as in good mail");
    out += " is ";
    decimal::put_fixed(out, times, times < 10 ? 1 : 0);
    return out.append(" times as frequent in ").append(in_junk > in_good ? "junk" : "good mail");
}

Verdict judge(const Seen& seen, const Knowledge& knowledge) {
    Verdict verdict{.confidence = confidence(knowledge), .lines = {}};
    add_rules(verdict, seen);
    if (verdict.confidence > 0) add_learned(verdict, seen, knowledge);
    for (const auto& line : verdict.lines) verdict.points += line.points;
    std::ranges::sort(verdict.lines, std::ranges::greater{},
                      [](const ScoreLine& line) { return std::abs(line.points); });
    return verdict;
}

double points_of(const Seen& seen, const Knowledge& knowledge) {
    const auto sure = confidence(knowledge);
    double rules = 0;
    for (const auto& row : trait_rows())
        if (seen.traits.has(row.trait)) rules += row.points;
    return rules * (1 - sure) + (sure > 0 ? sure * points_of_odds(weigh(seen.features, knowledge)) : 0);
}

}  // namespace hongyan::classify
