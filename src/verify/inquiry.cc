#include "verify/inquiry.h"

namespace hongyan::verify {

const dns::RawAnswer* KnownAnswers::find(const dns::Name& name, dns::Type type) {
    dns::Question question{.name = name, .type = type};
    const auto found = known_.find(question);
    if (found != known_.end()) return &found->second;
    if (auto answer = at_hand_ ? at_hand_(question) : std::nullopt)
        return &known_.emplace(std::move(question), *std::move(answer)).first->second;
    if (std::ranges::find(missing_, question) == missing_.end()) missing_.push_back(std::move(question));
    return nullptr;
}

void KnownAnswers::learn(const dns::Question& question, dns::RawAnswer answer) {
    known_.insert_or_assign(question, std::move(answer));
}

void KnownAnswers::forget_trouble() {
    std::erase_if(known_, [](const auto& each) { return each.second.is_trouble(); });
}

std::vector<std::string> texts_of(const dns::RawAnswer& answer) {
    std::vector<std::string> texts;
    if (!answer.is_found()) return texts;
    for (const auto& rdata : answer.records)
        if (auto record = dns::Txt::parse(rdata)) texts.push_back(std::move(record->text));
    return texts;
}

}  // namespace hongyan::verify
