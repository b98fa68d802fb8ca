#include "store/check.h"

#include <algorithm>
#include <set>

#include "store/account_check.h"
#include "store/grants.h"
#include "store/keys.h"
#include "store/reading.h"

namespace hongyan::store {
namespace {

// A record that nobody can read may speak of a blob that then seems to be kept by nobody; its bytes must not
// be given up for that.
bool knows_all_references(const CheckReport& report) {
    return std::ranges::all_of(report.findings, &Finding::repaired);
}

Result<void> check_blobs(Store& store, const CheckOptions& options, const engine::References& references,
                         CheckReport& report) {
    TRY(const auto blobs,
        store.engine().check({.references = &references,
                              .read_blobs = options.read_blobs,
                              .repair = options.repair == Repair::yes && knows_all_references(report)}));
    report.blobs = blobs.blobs;
    for (const auto& finding : blobs.findings)
        report.findings.push_back({std::nullopt, no_mailbox, finding.what, finding.repaired});
    return {};
}

// Which accounts share something with whom, as their mailboxes say; by the keys of the global scope.
Result<std::set<std::string>> sharers_of(const Store& store, const std::vector<AccountId>& accounts) {
    std::set<std::string> keys;
    for (const auto owner : accounts) {
        TRY(const auto grantees, all_grantees(*store.engine().snapshot(engine::Scope::account(owner))));
        for (const auto grantee : grantees) keys.insert(keys::sharer(grantee, owner));
    }
    return keys;
}

Result<void> check_sharers(Store& store, const std::vector<AccountId>& accounts, Repair repair,
                           CheckReport& report) {
    TRY(auto missing, sharers_of(store, accounts));
    std::set<std::string> wrong;
    TRY(each_below(*store.engine().snapshot(engine::Scope::global()), keys::all_sharers,
                   [&](auto key, auto) -> Result<void> {
                       if (missing.erase(std::string(key)) == 0) wrong.emplace(key);
                       return {};
                   }));
    const bool repairs = repair == Repair::yes;
    for (std::size_t i = 0; i < missing.size(); ++i)
        report.findings.push_back(
            {std::nullopt, no_mailbox, "an account does not know who shares mailboxes with it", repairs});
    for (std::size_t i = 0; i < wrong.size(); ++i)
        report.findings.push_back(
            {std::nullopt, no_mailbox, "an account is said to share mailboxes and shares none", repairs});
    if (!repairs || (missing.empty() && wrong.empty())) return {};
    return store.engine().transact(engine::Scope::global(),
                                   [&](engine::Transaction& transaction) -> Result<void> {
                                       for (const auto& key : missing) transaction.put(key, {});
                                       for (const auto& key : wrong) transaction.erase(key);
                                       return {};
                                   });
}

}  // namespace

Result<CheckReport> check(Store& store, const CheckOptions& options) {
    CheckReport report;
    auto references = options.other_references;
    TRY(const auto accounts, store.accounts());
    for (const auto account : accounts)
        TRY(AccountCheck(store, account, references, report).run(options.repair));
    TRY(check_sharers(store, accounts, options.repair, report));
    TRY(check_blobs(store, options, references, report));
    return report;
}

}  // namespace hongyan::store
