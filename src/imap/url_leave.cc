#include "imap/url_leave.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/encoding.h"
#include "crypto/digest.h"
#include "crypto/secret.h"
#include "store/url_keys.h"

namespace hongyan::imap {
namespace {

// RFC 4467 §2.4.1: another way to make tokens would be another number.
constexpr std::string_view hmac_sha256 = "\x01";

// What is signed where there is no mailbox, so that nobody finds out by the clock (RFC 4467 §6).
constexpr std::string_view no_key = "there is no such mailbox";

std::unexpected<Error> no_leave() { return fail(Error::Kind::not_found, "the URL gives no leave"); }

Result<std::optional<std::string>> key_of(store::Store& store, store::AccountId owner,
                                          const wire::MessageUrl& url) {
    const auto mailbox = mailbox_of(store.account(owner).view(), url);
    if (!mailbox && mailbox.error().kind == Error::Kind::not_found) return std::nullopt;
    if (!mailbox) return std::unexpected(mailbox.error());
    return store::find_url_key(store, owner, mailbox->id);
}

bool is_genuine(const wire::UrlAuthorization& leave, const std::optional<std::string>& key) {
    const auto token = url_token(key ? std::string_view(*key) : no_key, leave.rump);
    const bool equal = crypto::equal_in_constant_time(token, ascii::to_lower(leave.token));
    return equal && key && ascii::iequals(leave.mechanism, internal_mechanism);
}

}  // namespace

Result<store::Mailbox> mailbox_of(const store::View& mail, const wire::MessageUrl& url) {
    const auto name = store::MailboxName::parse(url.mailbox);
    if (!name) return fail(Error::Kind::not_found, "there is no such mailbox");
    TRY(auto mailbox, mail.find(*name));
    const auto validity = mailbox.uid_validity.value();
    if (!mailbox.selectable() || url.uid_validity.value_or(validity) != validity)
        return fail(Error::Kind::not_found, "there is no such mailbox");
    return mailbox;
}

std::string url_token(std::string_view key, std::string_view rump) {
    return to_hex(std::string(hmac_sha256) + crypto::hmac(crypto::Hash::sha256, key, rump));
}

bool is_user(std::string_view said, std::string_view account_name) {
    const auto local_part = account_name.substr(0, account_name.rfind('@'));
    return ascii::iequals(said, account_name) || ascii::iequals(said, local_part);
}

bool is_meant(std::string_view said, std::string_view owner, std::string_view account_name) {
    if (said.contains('@')) return ascii::iequals(said, account_name);
    const auto domain = [](std::string_view name) {
        return name.substr(std::min(name.rfind('@'), name.size()));
    };
    return ascii::iequals(domain(owner), domain(account_name)) && is_user(said, account_name);
}

Result<NamedPart> read_with_leave(store::Store& store, store::AccountId owner, const wire::MessageUrl& url,
                                  const Room& room) {
    if (!url.authorization) return no_leave();
    const auto& leave = *url.authorization;
    TRY(const auto key, key_of(store, owner, url));
    if (!is_genuine(leave, key)) return no_leave();
    if (leave.expires && store.clock().now() > *leave.expires) return no_leave();
    const auto mail = store.account(owner).view();
    TRY(const auto mailbox, mailbox_of(mail, url));
    return NamedPart::read(mail, mailbox, url, room);
}

}  // namespace hongyan::imap
