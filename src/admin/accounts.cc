#include "admin/accounts.h"

#include "admin/services.h"
#include "base/scanner.h"
#include "message/date.h"

namespace hongyan::admin {

namespace {

struct FlagName {
    store::Flag flag;
    std::string_view name;
};
constexpr FlagName flag_names[] = {
    {store::Flag::seen, "\\Seen"},       {store::Flag::answered, "\\Answered"},
    {store::Flag::flagged, "\\Flagged"}, {store::Flag::deleted, "\\Deleted"},
    {store::Flag::draft, "\\Draft"},
};

const FlagName* flag_named(std::string_view word) {
    for (const auto& row : flag_names)
        if (ascii::iequals(word, row.name) || ascii::iequals(word, row.name.substr(1))) return &row;
    return nullptr;
}

// uids = uid [("-" / ":") (uid / "*")]
Result<store::UidRange> parse_uid_range(std::string_view word) {
    Scanner in(word);
    const store::Uid first(in.number());
    store::Uid last = first;
    if (in.present("-") || in.present(":"))
        last = in.present("*") ? store::last_uid : store::Uid(in.number());
    if (!in.complete() || first.value() == 0 || last.value() == 0)
        return fail(Error::Kind::invalid, "\"{}\" is no UID or range of UIDs, as 7, 1-5 or 12-*", word);
    return store::UidRange{first, last};
}

}  // namespace

Result<store::Account> account_named(const Call& call, std::string_view login) {
    TRY(const auto account, call.services.kept->directory.account(login));
    return call.services.kept->store.account(account.id);
}

Result<store::Mailbox> mailbox_named(const store::View& view, std::string_view name) {
    TRY(const auto parsed, store::MailboxName::parse(name));
    return view.find(parsed);
}

Result<store::UidSet> parse_uids(const std::vector<std::string>& words) {
    store::UidSet uids;
    for (const auto& word : words) {
        TRY(const auto range, parse_uid_range(word));
        uids.add(range);
    }
    return uids;
}

Result<store::Flags> parse_flags(const std::vector<std::string>& words) {
    store::Flags flags;
    for (const auto& word : words) {
        if (const auto* row = flag_named(word))
            flags.add(row->flag);
        else if (store::is_keyword(word))
            flags.add(word);
        else
            return fail(Error::Kind::invalid, "\"{}\" is neither a flag nor a keyword", word);
    }
    return flags;
}

std::vector<std::string> flag_words(const store::Flags& flags) {
    std::vector<std::string> words;
    for (const auto& row : flag_names)
        if (flags.contains(row.flag)) words.emplace_back(row.name);
    words.insert(words.end(), flags.keywords().begin(), flags.keywords().end());
    return words;
}

std::string shown(Instant when) { return message::format_timestamp(when); }

}  // namespace hongyan::admin
