// How the machines of this folder ask DNS: a machine is a function over what is known; where something is
// missing it gives up, and is called again when that has been answered. So it reads as if it asked and
// waited.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "dns/answer.h"

namespace hongyan::verify {

// Who may know an answer without waiting for it; nothing: it has to be asked for. Null: nobody does.
using AnswerAtHand = std::function<std::optional<dns::RawAnswer>(const dns::Question&)>;

// What DNS has answered so far, and what was looked for and is not there yet.
class KnownAnswers {
public:
    explicit KnownAnswers(AnswerAtHand at_hand = {}) : at_hand_(std::move(at_hand)) {}

    // The answer, or null: then the question is among those that are missing. Valid until forgotten.
    const dns::RawAnswer* find(const dns::Name& name, dns::Type type);
    void learn(const dns::Question& question, dns::RawAnswer answer);
    // What DNS could not tell may be asked once more: perhaps its time was over before it was asked.
    void forget_trouble();
    // Each once, in the order in which they were looked for; none are missing after it.
    std::vector<dns::Question> take_missing() { return std::exchange(missing_, {}); }

private:
    AnswerAtHand at_hand_;
    std::map<dns::Question, dns::RawAnswer> known_;
    std::vector<dns::Question> missing_;
};

// The strings of a TXT answer, each record's joined (RFC 7208 §3.3, RFC 6376 §3.6.2.2); what cannot be read
// is left out.
std::vector<std::string> texts_of(const dns::RawAnswer& answer);

// A machine and the questions that are open. Belongs to one thread.
//
//     for (auto open = inquiry.questions(); !open.empty(); open = inquiry.questions())
//         for (const auto& question : open) inquiry.answer(question, ...);
//     use(inquiry.outcome());
template <typename Outcome>
class Inquiry {
public:
    // `machine` gives nothing exactly if an answer is missing, and `at_hand` gives no other answer later.
    explicit Inquiry(std::function<std::optional<Outcome>(KnownAnswers&)> machine, AnswerAtHand at_hand = {})
        : machine_(std::move(machine)), answers_(std::move(at_hand)) {}

    // What must be answered before it can go on; empty when it has come to its outcome.
    std::vector<dns::Question> questions() {
        if (!outcome_) outcome_ = machine_(answers_);
        auto missing = answers_.take_missing();
        return outcome_ ? std::vector<dns::Question>() : missing;
    }
    void answer(const dns::Question& question, dns::RawAnswer answer) {
        answers_.learn(question, std::move(answer));
    }
    bool is_finished() const { return outcome_.has_value(); }
    const Outcome& outcome() const& { return *outcome_; }  // when it is finished
    Outcome outcome() && { return *std::move(outcome_); }

private:
    std::function<std::optional<Outcome>(KnownAnswers&)> machine_;
    KnownAnswers answers_;
    std::optional<Outcome> outcome_;
};

}  // namespace hongyan::verify
