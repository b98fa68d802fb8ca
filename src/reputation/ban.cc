#include "reputation/ban.h"

#include "base/ascii.h"
#include "reputation/record_fields.h"

namespace hongyan::reputation {

namespace {

namespace tag {
enum : FieldTag { since = 2, until = 3, reason = 4, times = 5, by_hand = 6 };
}

constexpr std::size_t longest_account = 320;  // bytes: RFC 5321 §4.5.3.1
constexpr std::size_t octets_of_site = 17;

}  // namespace

Subject Subject::of(std::string_view account) {
    return {.site = {}, .account = ascii::to_lower(account.substr(0, longest_account))};
}
Subject Subject::of(std::string_view account, const Site& site) {
    auto subject = of(account);
    subject.site = site;
    return subject;
}

std::string Subject::to_string() const {
    if (!site) return account;
    return account.empty() ? site->to_string() : fmt::format("{} from {}", account, site->to_string());
}

// ban-key = "rb" ("s" 17OCTET / "a") account
std::string key_of(const Subject& subject) {
    auto key = std::string(ban_prefix);
    key += subject.site ? 's' : 'a';
    if (subject.site) key += subject.site->octets();
    return key + subject.account;
}

std::string encode(const Ban& ban, std::optional<Instant> expires) {
    RecordWriter out(record_version);
    if (expires) out.number(expires_tag, to_number(*expires));
    out.number(tag::since, to_number(ban.since));
    if (ban.until) out.number(tag::until, to_number(*ban.until));
    return out.text_unless_empty(tag::reason, ban.reason)
        .number(tag::times, ban.times)
        .number_unless_zero(tag::by_hand, ban.by_hand ? 1 : 0)
        .take();
}

Result<Ban> decode_ban(std::string_view key, std::string_view record) {
    Ban ban;
    if (!key.starts_with(ban_prefix) || key.size() == ban_prefix.size()) return corrupt("a ban");
    const bool has_site = key[ban_prefix.size()] == 's';
    if (!has_site && key[ban_prefix.size()] != 'a') return corrupt("a ban");
    key.remove_prefix(ban_prefix.size() + 1);
    if (has_site) {
        ban.subject.site = Site::from_octets(key.substr(0, octets_of_site));
        if (!ban.subject.site) return corrupt("a ban");
        key.remove_prefix(octets_of_site);
    }
    ban.subject.account = key;
    RecordReader in(record);
    while (in.next()) {
        if (in.tag() == tag::since) ban.since = to_instant(in.number());
        if (in.tag() == tag::until) ban.until = to_instant(in.number());
        if (in.tag() == tag::reason) ban.reason = in.text();
        if (in.tag() == tag::times) ban.times = static_cast<std::uint32_t>(in.number());
        if (in.tag() == tag::by_hand) ban.by_hand = in.number() != 0;
    }
    if (in.failed()) return corrupt("a ban");
    return ban;
}

}  // namespace hongyan::reputation
