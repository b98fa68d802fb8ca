#include "verify/iprev.h"

#include <algorithm>

namespace hongyan::verify {

namespace {

constexpr std::size_t most_names = 10;

}  // namespace

std::string_view to_string(IprevVerdict verdict) {
    constexpr std::string_view names[] = {"pass", "fail", "temperror", "permerror"};
    return names[static_cast<std::size_t>(verdict)];
}

std::optional<IprevOutcome> check_iprev(const dns::IpAddress& client, KnownAnswers& answers) {
    using enum IprevVerdict;
    const auto reverse = dns::Name::computed(client.reverse_name());
    const auto* const answer = answers.find(*reverse, dns::Type::ptr);
    if (answer == nullptr) return std::nullopt;
    if (answer->is_trouble()) return IprevOutcome{.verdict = temperror};
    IprevOutcome outcome;  // no PTR is a permerror
    bool all_known = true;
    bool is_trouble = false;
    std::size_t count = 0;
    for (const auto& rdata : answer->records) {
        const auto record = dns::Ptr::parse(rdata);
        if (!record || ++count > most_names) continue;
        const auto* const addresses =
            answers.find(record->target, client.is_ipv6() ? dns::Type::aaaa : dns::Type::a);
        if (addresses == nullptr) {
            all_known = false;
            continue;
        }
        is_trouble = is_trouble || addresses->is_trouble();
        const bool leads_back =
            std::ranges::find(addresses->records, client.octets()) != addresses->records.end();
        if (outcome.verdict == pass || (outcome.verdict == fail && !leads_back)) continue;
        outcome = {leads_back ? pass : fail, record->target.text()};
    }
    if (!all_known) return std::nullopt;
    if (outcome.verdict == fail && is_trouble) outcome.verdict = temperror;
    return outcome;
}

}  // namespace hongyan::verify
