#include <deque>
#include <set>

#include "base/ascii.h"
#include "directory/tables.h"
#include "engine/without_waiting.h"

namespace hongyan::directory {

namespace {

using Outcome = Resolution::Outcome;

constexpr std::string_view postmaster = "postmaster";

// What one address is, before aliases are followed.
struct Found {
    Outcome outcome = Outcome::unknown;
    std::optional<LocalRecipient> recipient;
    std::optional<Alias> alias;
};

struct Step {
    std::string local_part;  // without quotes, otherwise as it was written
    DomainName domain;
    std::size_t depth = 0;     // aliases that led here
    std::string address = {};  // as the last of them gives it
};

// One question answered: walks breadth first, so that the shortest way to a name counts for its depth.
class Resolver {
public:
    Resolver(const Tables& tables, const Options& options) : tables_(tables), options_(options) {}

    Result<Resolution> resolve(std::string_view local_part, std::string_view domain) {
        const auto name = DomainName::parse(domain);
        const bool to_postmaster = ascii::iequals(local_part, postmaster);
        if (name) {
            TRY(expand({std::string(local_part), *name}));
        } else if (!domain.empty()) {
            out_.outcome = Outcome::not_ours;
        }
        if (to_postmaster && leads_nowhere() && out_.outcome != Outcome::not_ours) {
            TRY(find_postmaster(name ? std::optional(*name) : std::nullopt));
        }
        if (!leads_nowhere()) out_.outcome = Outcome::delivered;
        return std::move(out_);
    }

private:
    bool leads_nowhere() const { return out_.local.empty() && out_.remote.empty(); }

    Result<void> expand(Step first) {
        const auto written = fmt::format("{}@{}", first.local_part, first.domain.ascii());
        std::deque<Step> steps{std::move(first)};
        std::size_t looked_at = 0;
        for (; !steps.empty(); ++looked_at, steps.pop_front()) {
            if (looked_at == max_expansion)
                return fail(Error::Kind::too_large, "{} leads to more than {} names", written, max_expansion);
            const auto step = steps.front();
            TRY(const auto found, find(step));
            if (found.alias) {
                if (!follow(*found.alias, step.depth, steps))
                    return fail(Error::Kind::too_large, "{} leads through more than {} aliases", written,
                                max_alias_depth);
            } else {
                take(step, found);
            }
        }
        return {};
    }

    // False if it lies too deep: of a list that is reached in part, nobody is to take that for the whole.
    bool follow(const Alias& alias, std::size_t depth, std::deque<Step>& steps) {
        out_.outcome = Outcome::alias_fails;
        out_.keeps_sender |= alias.keeps_sender;
        if (aliases_.contains(alias.name)) return true;
        if (depth == max_alias_depth) return false;
        aliases_.insert(alias.name);
        for (const auto& target : alias.targets)
            if (const auto address = message::parse_address(target))
                steps.push_back({address->local_part.text(), DomainName::stored(address->domain.text()),
                                 depth + 1, target});
        return true;
    }

    void take(const Step& step, const Found& found) {
        if (found.recipient) {
            if (accounts_.insert(found.recipient->account).second) out_.local.push_back(*found.recipient);
        } else if (step.depth == 0) {
            out_.outcome = found.outcome;
        } else if (found.outcome == Outcome::not_ours) {
            if (remote_.insert(step.address).second) out_.remote.push_back(step.address);
        }
    }

    // A name more is looked at. Those of a long list take longer than threads have that sessions share.
    Result<void> count_name() {
        constexpr std::size_t soon_looked_at = 50;
        const bool in_haste = engine::WithoutWaiting::is_asked_for();
        if (++names_ > soon_looked_at && in_haste) return engine::WithoutWaiting::miss();
        return {};
    }

    Result<Found> find(const Step& step) {
        TRY(count_name());
        TRY(const auto domain, tables_.domain(step.domain));
        if (!domain || domain->closing)
            return Found{.outcome = Outcome::not_ours, .recipient = {}, .alias = {}};
        TRY(auto found, find_name(step.local_part, step.domain, ""));
        if (found) return *std::move(found);
        TRY(found, find_sub_address(step));
        if (found) return *std::move(found);
        TRY(const auto everything, tables_.entry({"", step.domain}));
        return everything ? look_behind(*everything, "") : Found{};
    }

    Result<std::optional<Found>> find_sub_address(const Step& step) {
        const auto& separator = options_.separator;
        const auto cut = separator.empty() ? std::string::npos : step.local_part.find(separator, 1);
        if (cut == std::string::npos) return std::nullopt;
        return find_name(step.local_part.substr(0, cut), step.domain,
                         step.local_part.substr(cut + separator.size()));
    }

    Result<std::optional<Found>> find_name(std::string_view local_part, const DomainName& domain,
                                           std::string_view detail) {
        const auto normal = normalise_local_part(local_part);
        if (!normal || normal->empty()) return std::nullopt;
        TRY(const auto entry, tables_.entry({*normal, domain}));
        if (!entry) return std::nullopt;
        return look_behind(*entry, detail);
    }

    Result<Found> look_behind(const Entry& entry, std::string_view detail) {
        if (const auto* alias = std::get_if<Alias>(&entry))
            return Found{.outcome = Outcome::delivered, .recipient = {}, .alias = *alias};
        TRY(const auto account, tables_.expect_account(std::get<AccountId>(entry)));
        if (account.disabled) return Found{.outcome = Outcome::disabled, .recipient = {}, .alias = {}};
        return Found{.outcome = Outcome::delivered,
                     .recipient = LocalRecipient{account.id, std::string(detail)},
                     .alias = {}};
    }

    Result<void> find_postmaster(const std::optional<DomainName>& domain) {
        if (const auto chosen = Name::parse(options_.postmaster)) {
            TRY(expand({chosen->local_part, chosen->domain}));
        }
        if (leads_nowhere() && domain) {
            TRY(take_first_account({.domain = domain}));
        }
        if (leads_nowhere()) {
            TRY(take_first_account({}));
        }
        return {};
    }

    Result<void> take_first_account(const Page& page) {
        return tables_.for_each_entry(page, [&](const Tables::NamedEntry& named) -> Result<bool> {
            TRY(count_name());
            if (!std::holds_alternative<AccountId>(named.entry)) return true;
            TRY(const auto found, look_behind(named.entry, ""));
            if (found.recipient) out_.local.push_back(*found.recipient);
            return !found.recipient;
        });
    }

    const Tables& tables_;
    const Options& options_;
    Resolution out_;
    std::size_t names_ = 0;
    std::set<Name> aliases_;
    std::set<AccountId> accounts_;
    std::set<std::string> remote_;
};

}  // namespace

Result<Resolution> Directory::resolve(const message::Address& address) const {
    return resolve(address.local_part.text(), address.domain.text());
}

Result<Resolution> Directory::resolve(std::string_view local_part, std::string_view domain) const {
    const auto edition = resolutions_.edition();
    if (auto known = resolutions_.find(local_part, domain)) return *std::move(known);
    const auto now = snapshot();
    const auto chosen = options();
    auto found = Resolver(Tables(*now), *chosen).resolve(local_part, domain);
    if (found) resolutions_.keep(local_part, domain, *found, edition);
    return found;
}

}  // namespace hongyan::directory
