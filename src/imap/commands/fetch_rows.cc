#include "imap/commands/fetch_rows.h"

#include <algorithm>

namespace hongyan::imap::commands {
namespace {

// Microseconds, about: waking somebody up takes some 20.
constexpr std::uint64_t cost_of_row = 2;
constexpr std::uint64_t cost_of_text = 10;
constexpr std::uint64_t octets_per_cost = 500;
constexpr std::uint64_t worth_a_share = 100;

std::uint64_t cost_of(const FetchRow& row, Depth depth) {
    return depth == Depth::text ? cost_of_text + row.entry.size / octets_per_cost : cost_of_row;
}

// Rows one after another in about equal shares, at most `most`.
std::vector<std::span<const FetchRow>> divided(std::span<const FetchRow> rows, Depth depth,
                                               std::size_t most) {
    std::uint64_t all = 0;
    for (const auto& row : rows) all += cost_of(row, depth);
    const auto each = std::max(all / most + 1, worth_a_share);
    std::vector<std::span<const FetchRow>> shares;
    for (std::size_t end = 0; end < rows.size();) {
        const auto begin = end;
        for (std::uint64_t cost = 0; end < rows.size() && cost < each; ++end)
            cost += cost_of(rows[end], depth);
        shares.push_back(rows.subspan(begin, end - begin));
    }
    return shares;
}

// Of a view of its own: a view is for one thread.
Result<std::size_t> put_share(std::string& out, const store::View& mail, store::MailboxId mailbox,
                              std::span<const FetchRow> rows, const FetchManner& manner, UidSet& surrogates) {
    std::size_t there = 0;
    std::vector<store::Entry> entries;
    entries.reserve(rows.size());
    for (const auto& row : rows) entries.push_back(row.entry);
    auto row = rows.begin();
    const auto each = [&](const store::Entry& entry, const store::MessageView& message) -> Result<void> {
        while (row->entry.uid != entry.uid) ++row;
        TRY(const auto put, put_row(out, mail, *row, &message, manner, surrogates));
        if (put) ++there;
        return {};
    };
    TRY(mail.each_message(mailbox, entries, each));
    return there;
}

}  // namespace

FetchManner manner_for(const Standing& standing) {
    return {.named_by = standing.uid_only ? SetOf::uids : SetOf::numbers, .headers = headers_for(standing)};
}

Result<bool> put_row(std::string& out, const store::View& mail, const FetchRow& row,
                     const store::MessageView* message, const FetchManner& manner, UidSet& surrogates) {
    MessageData data(mail, row.entry, message, row.is_recent, manner.named_by, manner.headers);
    const auto put = data.put(out, row.number, row.items);
    if (put && data.is_surrogate()) surrogates.add(row.entry.uid);
    if (put) return true;
    if (put.error().kind == Error::Kind::not_found) return false;
    return std::unexpected(put.error());
}

Result<std::size_t> put_rows(Desk& desk, std::span<const FetchRow> rows, Depth depth, UidSet& surrogates) {
    struct Share {
        std::string out;
        UidSet surrogates;
        Result<std::size_t> there = 0;
    };
    const auto shares = divided(rows, depth, desk.hands == nullptr ? 1 : desk.hands->spare() + 1);
    std::vector<Share> done(shares.size());
    const auto mailbox = desk.mailbox().id();
    const auto manner = manner_for(desk.here);
    share_out(desk.hands, shares.size(), [&](std::size_t i) {
        auto& out = i == 0 ? desk.out : done[i].out;
        done[i].there = put_share(out, desk.account.view(), mailbox, shares[i], manner, done[i].surrogates);
    });
    std::size_t there = 0;
    for (auto& share : done) {
        desk.out += share.out;
        surrogates.add(share.surrogates);
        TRY(const auto some, std::move(share.there));
        there += some;
    }
    return there;
}

}  // namespace hongyan::imap::commands
