// What other domains demand of those who bring them mail, as far as we keep it (RFC 8461).
#include "admin/accounts.h"
#include "admin/services.h"
#include "admin/tables.h"
#include "dns/name.h"
#include "outbound/tls_keys.h"
#include "tls_policy/mta_sts.h"

namespace hongyan::admin {

namespace {

namespace tls_keys = outbound::tls_keys;
using Kind = Argument::Kind;
using tls_policy::CachedSts;

std::string_view state_of(const CachedSts& cached, Instant now) {
    if (cached.is_lost(now)) return "unreadable";
    if (cached.is_valid(now)) return "in force";
    return cached.fetched == Instant() ? "never had" : "ended";
}

std::string shown_unless_never(Instant moment) { return moment == Instant() ? "" : shown(moment); }

std::vector<Cell> row_of(std::string domain, std::string_view record, Instant now) {
    const auto cached = CachedSts::from_record(record).value_or(CachedSts{.lost = now});
    const bool is_known = cached.fetched != Instant() && !cached.is_lost(now);
    const auto until = cached.is_lost(now) ? cached.lost + tls_policy::max_sts_age
                       : is_known          ? cached.fetched + cached.policy.max_age
                                           : Instant();
    return {std::move(domain),
            std::string(state_of(cached, now)),
            is_known ? std::string(to_string(cached.policy.mode)) : "",
            cached.policy.mx,
            shown_unless_never(cached.fetched),
            shown_unless_never(until),
            cached.trouble};
}

Result<void> list(const Call& call) {
    auto listing = call.show_pages(
        {{"domain"}, {"state"}, {"mode"}, {"mx", 60}, {"fetched"}, {"until"}, {"trouble", 80}});
    constexpr std::size_t page = 1000;
    const auto now = call.services.clock.now();
    const auto reader = call.services.kept->engine.snapshot(engine::Scope::global());
    const auto cursor = reader->scan(engine::Range::starting_with(tls_keys::policies));
    for (std::size_t rows = 1; cursor->valid(); cursor->next(), ++rows) {
        listing.add(
            row_of(std::string(cursor->key().substr(tls_keys::policies.size())), cursor->value(), now));
        if (rows % page == 0) listing.write(LongListing::Page::more);
    }
    TRY(cursor->status());
    listing.write(LongListing::Page::last);
    return {};
}

Result<void> forget(const Call& call) {
    TRY(const auto domain, dns::Name::parse(call.values.text("domain")));
    return call.services.kept->engine.transact(
        engine::Scope::global(), [&domain](engine::Transaction& transaction) -> Result<void> {
            const auto key = tls_keys::policy(domain.text());
            TRY(const auto record, transaction.get(key));
            if (!record) return fail(Error::Kind::not_found, "no policy of {} is kept", domain.text());
            transaction.erase(key);
            return {};
        });
}

}  // namespace

std::span<const Command> sts_commands() {
    static constexpr Argument list_arguments[] = {json_flag};
    static constexpr Argument forget_arguments[] = {
        {"domain", Kind::required, "The domain whose policy is to be asked for again"}};
    static constexpr Command rows[] = {
        {"sts", "list", "List the policies on TLS of other domains that are kept", list_arguments,
         Needs::services, &list},
        {"sts", "forget", "Forget the policy of a domain, as if it had ended", forget_arguments,
         Needs::services, &forget},
    };
    return rows;
}

}  // namespace hongyan::admin
