// DNS as a test tells it.
#pragma once

#include "base/check.h"
#include "verify/inquiry.h"

namespace hongyan::verify {

// Names with any record exist, all others do not. Counts how often it is asked.
class TestZone {
public:
    template <typename Record>
    TestZone& add(std::string_view name, const Record& record) {
        auto& answer = known_[{named(name), Record::type}];
        answer.status = dns::Status::found;
        answer.records.push_back(record.to_rdata());
        return *this;
    }
    TestZone& text(std::string_view name, std::string_view text) {
        return add(name, dns::Txt{std::string(text)});
    }
    TestZone& address(std::string_view name, std::string_view text) {
        const auto address = dns::IpAddress::parse(text).value();
        return address.is_ipv6() ? add(name, dns::Aaaa{address}) : add(name, dns::A{address});
    }
    TestZone& set(std::string_view name, dns::Type type, dns::Status status) {
        known_[{named(name), type}].status = status;
        return *this;
    }

    dns::RawAnswer answer(const dns::Question& question) {
        ++asked;
        if (const auto found = known_.find(question); found != known_.end()) return found->second;
        const bool exists = std::ranges::any_of(
            known_, [&](const auto& entry) { return entry.first.name.is_within(question.name); });
        return {.status = exists ? dns::Status::no_data : dns::Status::no_domain, .canonical = question.name};
    }

    template <typename Outcome>
    Outcome conclude(std::function<std::optional<Outcome>(KnownAnswers&)> machine) {
        Inquiry<Outcome> inquiry(std::move(machine));
        for (auto open = inquiry.questions(); !open.empty(); open = inquiry.questions())
            for (const auto& question : open) inquiry.answer(question, answer(question));
        return inquiry.outcome();
    }

    int asked = 0;

private:
    static dns::Name named(std::string_view name) {
        auto parsed = dns::Name::computed(name);
        check(parsed.has_value(), "a test names what can be asked for");
        return *parsed;
    }
    std::map<dns::Question, dns::RawAnswer> known_;
};

}  // namespace hongyan::verify
