#include "store/check.h"

#include <algorithm>

#include "store/account_check.h"

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
