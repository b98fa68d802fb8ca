#include "spam/judge.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace hongyan::spam {

std::string_view to_string(Disposition disposition) {
    constexpr std::array<std::string_view, 6> names{"accept",  "junk",  "quarantine",
                                                    "discard", "defer", "reject"};
    return names.at(static_cast<std::size_t>(disposition));
}

void Judgement::demand(Disposition wanted, std::optional<smtp::Reply> why, Because because) {
    if (wanted <= disposition) return;
    disposition = wanted;
    reply = std::move(why);
    decisive.reset();
    if (because == Because::last_finding && !findings.empty()) decisive = findings.size() - 1;
}

std::string Judgement::reason() const {
    if (decisive) return fmt::format("{}: {}", findings.at(*decisive).code, findings.at(*decisive).words);
    if (reply) return fmt::format("{}: {}", reply->ground, reply->lines.front());
    return std::string(to_string(disposition));
}

double Judgement::score() const {
    const auto add = [](double sum, const Finding& finding) { return sum + finding.score; };
    return std::accumulate(findings.begin(), findings.end(), 0.0, add);
}

const Placement* find_placement(std::span<const Placement> placements,
                                std::optional<engine::AccountId> account) {
    for (const auto& who : {account, std::optional<engine::AccountId>()}) {
        const auto found = std::ranges::find(placements, who, &Placement::account);
        if (found != placements.end()) return &*found;
    }
    return nullptr;
}

net::Task<std::optional<smtp::Reply>> Visit::sender(const smtp::CheckSender& /*asked*/) {
    co_return std::nullopt;
}

net::Task<std::optional<smtp::Reply>> Visit::recipient(const smtp::CheckRecipient& /*asked*/) {
    co_return std::nullopt;
}

net::Task<void> Visit::message(const smtp::Deliver& /*came*/, Judgement& /*judgement*/) { co_return; }

net::Task<std::optional<smtp::Reply>> Visit::unknown(const smtp::UnknownCommand& /*asked*/) {
    co_return std::nullopt;
}

net::Task<void> Visit::abandon() { co_return; }

net::Task<void> Visit::leave() { co_return; }

void Visit::kept(const smtp::Deliver& /*came*/, const Judgement& /*judgement*/,
                 const smtp::Replies& /*replies*/) {}

}  // namespace hongyan::spam
