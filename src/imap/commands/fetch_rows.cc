#include "imap/commands/fetch_rows.h"

#include <algorithm>

namespace hongyan::imap::commands {
namespace {

// Microseconds, about: waking somebody up takes some 20.
constexpr std::uint64_t cost_of_row = 2;
constexpr std::uint64_t cost_of_text = 10;
constexpr std::uint64_t octets_per_cost = 500;
constexpr std::uint64_t worth_a_share = 100;

// Octets that are said of a message in a listing.
constexpr std::size_t usual_row = 400;

std::uint64_t cost_of(const store::Entry& entry, Depth depth) {
    return depth == Depth::text || entry.has_nul ? cost_of_text + entry.size / octets_per_cost : cost_of_row;
}

// Messages one after another in about equal shares, at most `most`.
std::vector<FetchRows> divided(const FetchRows& all, Depth depth, std::size_t most) {
    const auto& entries = all.entries;
    std::uint64_t costs = 0;
    for (const auto& entry : entries) costs += cost_of(entry, depth);
    const auto each = std::max(costs / most + 1, worth_a_share);
    std::vector<FetchRows> shares;
    for (std::size_t end = 0; end < entries.size();) {
        const auto begin = end;
        for (std::uint64_t cost = 0; end < entries.size() && cost < each; ++end)
            cost += cost_of(entries[end], depth);
        shares.push_back({entries.subspan(begin, end - begin), all.rows.subspan(begin, end - begin)});
    }
    return shares;
}

// Of a view of its own: a view is for one thread.
Result<std::size_t> put_share(std::string& out, const store::View& mail, store::MailboxId mailbox,
                              const FetchRows& share, const FetchManner& manner, FetchTally& tally) {
    std::size_t there = 0;
    std::size_t at = 0;
    out.reserve(out.size() + share.rows.size() * usual_row);
    const auto each = [&](const store::Entry& entry, const store::MessageView& message) -> Result<void> {
        while (share.entries[at].uid != entry.uid) ++at;
        TRY(const auto put, put_row(out, mail, entry, share.rows[at], &message, manner, tally));
        if (put) ++there;
        return {};
    };
    TRY(mail.each_message(mailbox, share.entries, each));
    return there;
}

}  // namespace

FetchManner manner_for(const Standing& standing) {
    return {.named_by = standing.uid_only ? SetOf::uids : SetOf::numbers, .headers = headers_for(standing)};
}

Result<bool> put_row(std::string& out, const store::View& mail, const store::Entry& entry,
                     const FetchRow& row, const store::MessageView* message, const FetchManner& manner,
                     FetchTally& tally) {
    MessageData data(mail, entry, message, row.is_recent, manner.named_by, manner.headers);
    const auto put = data.put(out, row.number, row.items);
    tally.octets_read += data.octets_read();
    if (put && data.is_surrogate()) tally.surrogates.add(entry.uid);
    if (put) return true;
    if (put.error().kind == Error::Kind::not_found) return false;
    return std::unexpected(put.error());
}

Result<std::size_t> put_rows(Desk& desk, const FetchRows& rows, Depth depth, FetchTally& tally) {
    struct Share {
        std::string out;
        FetchTally tally;
        Result<std::size_t> there = 0;
    };
    const auto shares = divided(rows, depth, desk.hands == nullptr ? 1 : desk.hands->spare() + 1);
    std::vector<Share> done(shares.size());
    const auto mailbox = desk.mailbox().id();
    const auto manner = manner_for(desk.here);
    share_out(desk.hands, shares.size(), [&](std::size_t i) {
        auto& out = i == 0 ? desk.out : done[i].out;
        done[i].there = put_share(out, desk.account.view(), mailbox, shares[i], manner, done[i].tally);
    });
    std::size_t there = 0;
    for (auto& share : done) {
        desk.out += share.out;
        tally.add(share.tally);
        TRY(const auto some, std::move(share.there));
        there += some;
    }
    return there;
}

}  // namespace hongyan::imap::commands
