#include "flow/url.h"

#include "flow/replies.h"
#include "imap/url_leave.h"

namespace hongyan::flow {

namespace {

// RFC 4468 §3.3: submit+ is for who has logged in under that name; authuser and anonymous are for everybody.
bool may_submit(const imap::wire::MessageUrl& url, std::string_view account) {
    using enum imap::wire::UrlAuthorization::Access;
    const auto& leave = *url.authorization;
    const auto owner = url.user.contains('@') ? std::string_view(url.user) : account;
    return leave.access == any_user || leave.access == anonymous ||
           (leave.access == submit && imap::is_meant(leave.user, owner, account));
}

// Whose mail it is; a name without a domain is of the sender's.
Result<store::AccountId> owner_of(const World& world, const imap::wire::MessageUrl& url,
                                  std::string_view account) {
    const bool is_whole = url.user.contains('@');
    const auto domain = account.substr(std::min(account.size(), account.rfind('@')));
    TRY(const auto owner, world.directory.account(is_whole ? url.user : url.user + std::string(domain)));
    return owner.id;
}

// A message is read whole, whatever of it is wanted: so the memory for it is asked for before.
imap::Room room_in(Share& share) {
    return [&share](std::uint64_t octets) -> Result<void> {
        if (share.grow_to(octets)) return {};
        return fail(Error::Kind::unavailable, "there is no room for a message of {} octets", octets);
    };
}

bool is_missing(const Error& error) {
    return error.kind == Error::Kind::not_found || error.kind == Error::Kind::invalid;
}

}  // namespace

// What leave there is, the key of the mailbox proves, and that it is of this server: so the host is not
// asked.
smtp::Answer fetch_url(const World& world, const smtp::FetchUrl& asked) {
    const auto url = imap::wire::parse_message_url(asked.url);
    if (!url || !url->is_absolute()) return replies::unknown_url;
    if (!url->authorization) return replies::url_needs_leave;
    if (!may_submit(*url, asked.client.account)) return replies::url_for_another;
    const auto owner = owner_of(world, *url, asked.client.account);
    if (!owner && !is_missing(owner.error())) return replies::reply_to(owner.error());
    // Of nobody's mail it is looked for like of somebody's, the asker's: the clock tells nobody who has an
    // account here (RFC 4467 §6).
    const auto asker = world.directory.account(asked.client.account);
    if (!owner && !asker) return replies::url_failed;
    Share share(world.memory);
    const auto part = imap::read_with_leave(world.store, owner ? *owner : asker->id, *url, room_in(share));
    if (!owner) return replies::url_failed;
    if (!part) return is_missing(part.error()) ? replies::url_failed : replies::reply_to(part.error());
    auto octets = part->octets();
    if (octets.size() > asked.most) return replies::url_too_large;
    return smtp::FetchedUrl{std::move(octets)};
}

}  // namespace hongyan::flow
