#include "admin/account_life.h"
#include "admin/accounts.h"
#include "admin/services.h"
#include "admin/tables.h"
#include "store/check.h"

namespace hongyan::admin {

namespace {

using Kind = Argument::Kind;

// What is wrong, in the words of whoever found it.
struct Finding {
    std::string where;
    std::string what;
    bool repaired = false;
};

std::string place_of(const store::Finding& finding) {
    if (!finding.account) return "blobs";
    if (finding.mailbox == store::no_mailbox) return fmt::format("account {}", *finding.account);
    return fmt::format("account {} mailbox {}", *finding.account, finding.mailbox);
}

Result<std::vector<directory::Account>> all_accounts(const directory::Directory& directory) {
    std::vector<directory::Account> all;
    directory::Page page;
    for (;;) {
        TRY(auto accounts, directory.accounts(page));
        if (accounts.empty()) return all;
        page.after = accounts.back().name;
        std::ranges::move(accounts, std::back_inserter(all));
    }
}

// Whether the store has anything of an account that it does not list.
bool has_hidden_mail(const store::Store& store, directory::AccountId id) {
    const auto state = store::View(store.engine(), id).state();
    return state || state.error().kind != Error::Kind::not_found;
}

// An account stands in the directory and in the store, or in neither.
Result<std::vector<Finding>> compare_accounts(const Kept& kept, bool repair) {
    std::vector<Finding> findings;
    TRY(const auto known, all_accounts(kept.directory));
    TRY(const auto stored, kept.store.accounts());
    for (const auto& account : known) {
        if (std::ranges::find(stored, account.id) != stored.end()) continue;
        if (has_hidden_mail(kept.store, account.id)) {
            findings.push_back(
                {to_string(account.name), "the store does not list the account, but has its mail", false});
            continue;
        }
        if (repair) TRY(ensure_mailboxes(kept, account.id));
        findings.push_back({to_string(account.name), "the account has no mailboxes", repair});
    }
    for (const auto id : stored) {
        if (std::ranges::find(known, id, &directory::Account::id) != known.end()) continue;
        findings.push_back({fmt::format("account {}", id),
                            "there is mail of an account that the directory does not know", false});
    }
    return findings;
}

// The queue keeps blobs too, beside those of the accounts.
Result<engine::References> references_of(const queue::Queue& queue) {
    engine::References references;
    queue::Queue::Page page;
    for (;;) {
        TRY(const auto entries, queue.list(page));
        if (entries.empty()) return references;
        for (const auto& entry : entries) ++references[entry.blob];
        page.after = entries.back().id;
    }
}

Result<void> check_store(const Call& call) {
    const auto& kept = *call.services.kept;
    const bool repair = call.values.given("repair");
    TRY(auto findings, compare_accounts(kept, repair));
    // What an account refers to that is not looked at would be taken for garbage.
    const bool all_seen = std::ranges::all_of(findings, &Finding::repaired);
    TRY(auto queued, references_of(kept.queue));
    TRY(const auto report,
        store::check(kept.store, {.repair = repair && all_seen ? store::Repair::yes : store::Repair::no,
                                  .read_blobs = !call.values.given("quick"),
                                  .other_references = std::move(queued)}));
    for (const auto& found : report.findings)
        findings.push_back({place_of(found), found.what, found.repaired});
    TRY(const auto broken_records, kept.directory.check_records());
    for (const auto& what : broken_records) findings.push_back({"directory", what, false});

    Listing listing({{"where"}, {"what", 200}, {"repaired"}});
    for (const auto& finding : findings) listing.add({finding.where, finding.what, finding.repaired});
    if (!findings.empty() || call.values.given(json_flag.name)) call.show(listing);
    if (!call.values.given(json_flag.name))
        call.say(fmt::format("{} accounts, {} mailboxes, {} messages, {} blobs: {} findings", report.accounts,
                             report.mailboxes, report.messages, report.blobs, findings.size()));
    const auto left = std::ranges::count(findings, false, &Finding::repaired);
    return left == 0 ? Result<void>() : fail(Error::Kind::corrupt, "{} findings are not repaired", left);
}

Result<void> stats(const Call& call) {
    const auto& kept = *call.services.kept;
    TRY(const auto accounts, kept.store.accounts());
    store::Usage usage;
    for (const auto id : accounts) {
        TRY(const auto state, kept.store.account(id).view().state());
        usage.messages += state.usage.messages;
        usage.bytes += state.usage.bytes;
    }
    const auto engine = kept.engine.statistics();
    Listing listing(
        {"accounts", "messages", "bytes", "blobs", "blob_bytes", "garbage_bytes", "packs", "disk_bytes"});
    listing.add({std::uint64_t{accounts.size()}, usage.messages, usage.bytes, engine.blobs, engine.blob_bytes,
                 engine.garbage_bytes, engine.pack_files, engine.disk_bytes});
    call.show(listing);
    return {};
}

Result<std::vector<store::AccountId>> chosen_accounts(const Call& call) {
    if (!call.values.given("account")) return call.services.kept->store.accounts();
    std::vector<store::AccountId> chosen;
    for (const auto& name : call.values.texts("account")) {
        TRY(const auto account, account_named(call, name));
        chosen.push_back(account.id());
    }
    return chosen;
}

// What comes while this goes on is the server's to take in.
Result<void> reindex(const Call& call) {
    TRY(const auto accounts, chosen_accounts(call));
    for (const auto id : accounts) {
        const auto account = call.services.kept->store.account(id);
        TRY(call.is_wanted());
        TRY(account.forget_index());
        for (bool more = true; more;) {
            TRY(more, account.index_portion(1, [&call] { return !call.is_wanted(); }));
        }
    }
    call.say(fmt::format("{} accounts indexed", accounts.size()));
    return {};
}

constexpr Argument check_arguments[] = {
    {"repair", Kind::flag, "Put right what can be derived: counts, indexes, references"},
    {"quick", Kind::flag, "Do not read the messages themselves"},
    json_flag,
};
constexpr Argument reindex_arguments[] = {
    {"account", Kind::any_number, "Login names; without one, all accounts"},
};
constexpr Argument stats_arguments[] = {json_flag};

constexpr Command rows[] = {
    {"store", "check", "Verify everything that is kept", check_arguments, Needs::services_alone,
     &check_store},
    {"store", "reindex", "Make the index that searches use anew", reindex_arguments, Needs::services,
     &reindex},
    {"store", "stats", "Show how much is kept and what it takes on disk", stats_arguments, Needs::services,
     &stats},
};

}  // namespace

std::span<const Command> store_commands() { return rows; }

}  // namespace hongyan::admin
