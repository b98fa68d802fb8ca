#include "store/check.h"

#include <algorithm>

#include "store/account_check.h"

namespace hongyan::store {
namespace {

Result<void> check_blobs(Store& store, const CheckOptions& options, const engine::References& references,
                         CheckReport& report) {
    TRY(const auto blobs, store.engine().check({.references = &references,
                                                .read_blobs = options.read_blobs,
                                                .repair = options.repair == Repair::yes}));
    report.blobs = blobs.blobs;
    for (const auto& finding : blobs.findings)
        report.findings.push_back({std::nullopt, no_mailbox, finding.what, finding.repaired});
    return {};
}

}  // namespace

Result<CheckReport> check(Store& store, const CheckOptions& options) {
    CheckReport report;
    auto references = options.other_references;
    TRY(const auto accounts, store.accounts());
    for (const auto account : accounts)
        TRY(AccountCheck(store, account, references, report).run(options.repair));
    TRY(check_blobs(store, options, references, report));
    return report;
}

}  // namespace hongyan::store
