#include "imap/annotations.h"

#include "imap/wire/writer.h"

namespace hongyan::imap {
namespace {

constexpr std::string_view own_scope = "/private";
constexpr std::string_view shared_scope = "/shared";

}  // namespace

std::pair<store::AccountId, std::string> divide_entry(std::string_view entry, store::AccountId user) {
    if (entry.starts_with(own_scope)) return {user, std::string(entry.substr(own_scope.size()))};
    return {store::shared_notes, std::string(entry.substr(shared_scope.size()))};
}

std::string join_entry(const store::Annotation& annotation) {
    const auto scope = annotation.of == store::shared_notes ? shared_scope : own_scope;
    return std::string(scope) + annotation.entry;
}

Result<std::map<std::string, std::string>> read_entries(const store::View& mail, store::MailboxId mailbox,
                                                        store::AccountId user) {
    std::map<std::string, std::string> entries;
    for (const auto of : {user, store::shared_notes}) {
        TRY(const auto annotations, mail.annotations(mailbox, of));
        for (const auto& annotation : annotations)
            if (annotation.value) entries.emplace(join_entry(annotation), *annotation.value);
    }
    return entries;
}

Result<void> put_changed_entries(std::string& out, const store::View& mail, store::MailboxId mailbox,
                                 std::string_view name, wire::MailboxNames names, store::AccountId user,
                                 store::ModSeq since, const std::set<store::ModSeq>& not_these) {
    std::string changed;
    for (const auto of : {user, store::shared_notes}) {
        TRY(const auto annotations, mail.annotations(mailbox, of));
        for (const auto& annotation : annotations) {
            if (annotation.modseq <= since || not_these.contains(annotation.modseq)) continue;
            changed += ' ';
            wire::put_astring(changed, join_entry(annotation));
        }
    }
    if (changed.empty()) return {};
    out += "* METADATA ";
    wire::put_mailbox(out, name, names);
    out += changed + "\r\n";
    return {};
}

Result<void> AnnotationNews::begin(const store::View& home) {
    TRY(const auto state, home.state());
    account_ = home.account();
    if (!known_) known_ = state.modseq;
    return {};
}

// Where the logs no longer reach back the client has been away for longer than anybody waits for news.
Result<void> AnnotationNews::tell(std::string& out, const store::View& home, wire::MailboxNames names) {
    TRY(const auto state, home.state());
    if (!known_ || state.modseq <= *known_) return {};
    const auto since = *std::exchange(known_, state.modseq);
    const auto own = std::exchange(own_, {});
    TRY(put_changed_entries(out, home, store::no_mailbox, "", names, account_, since, own));
    TRY(const auto changes, home.mailbox_changes(since));
    if (!changes || changes->only_counts) return {};
    for (const auto id : changes->updated) {
        const auto mailbox = home.mailbox(id);
        if (mailbox)
            TRY(put_changed_entries(out, home, id, mailbox->name.text(), names, account_, since, own));
    }
    return {};
}

}  // namespace hongyan::imap
