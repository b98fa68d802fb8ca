#include "flow/url.h"

#include "flow/replies.h"
#include "imap/url_leave.h"

namespace hongyan::flow {

namespace {

// RFC 4468 §3.3: submit+ is for who has logged in under that name; authuser and anonymous are for everybody.
bool may_submit(const imap::wire::UrlAuthorization& leave, std::string_view account) {
    using enum imap::wire::UrlAuthorization::Access;
    return leave.access == any_user || leave.access == anonymous ||
           (leave.access == submit && imap::is_user(leave.user, account));
}

// Whose mail it is; a name without a domain is of the sender's.
Result<store::AccountId> owner_of(const World& world, const imap::wire::MessageUrl& url,
                                  std::string_view account) {
    const bool is_whole = url.user.contains('@');
    const auto domain = account.substr(std::min(account.size(), account.rfind('@')));
    TRY(const auto owner, world.directory.account(is_whole ? url.user : url.user + std::string(domain)));
    return owner.id;
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
    if (!may_submit(*url->authorization, asked.client.account)) return replies::url_for_another;
    const auto owner = owner_of(world, *url, asked.client.account);
    if (!owner) return is_missing(owner.error()) ? replies::url_failed : replies::reply_to(owner.error());
    auto octets = imap::read_with_leave(world.store, *owner, *url);
    if (!octets) return is_missing(octets.error()) ? replies::url_failed : replies::reply_to(octets.error());
    if (octets->size() > asked.most) return replies::url_too_large;
    return smtp::FetchedUrl{*std::move(octets)};
}

}  // namespace hongyan::flow
