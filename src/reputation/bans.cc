#include "reputation/bans.h"

#include <algorithm>
#include <mutex>

namespace hongyan::reputation {

namespace {

constexpr std::size_t most_bans = 100'000;
constexpr std::uint32_t most_doublings = 20;

}  // namespace

Bans::Bans(Notebook& notebook, BanOptions options) : notebook_(notebook), options_(std::move(options)) {
    load();
}

void Bans::apply(BanOptions options) {
    const Lock lock(mutex_);
    options_ = std::move(options);
}

void Bans::load() {
    const Lock lock(mutex_);
    (void)notebook_.walk(ban_prefix, [&](std::string_view key, std::string_view record) {
        if (const auto ban = decode_ban(key, record)) {
            const auto expires = expiry_of(*ban);
            if (!expires || now() < *expires) remember(lock, *ban);
        }
        return bans_.size() < most_bans;
    });
}

void Bans::remember(const Lock&, const Ban& ban) {
    const auto [place, is_new] = bans_.insert_or_assign(ban.subject, ban);
    if (is_new && ban.subject.site) ++prefixes_[ban.subject.site->prefix()];
}

std::optional<Ban> Bans::on(const Subject& subject) const {
    const std::shared_lock lock(mutex_);
    const auto found = bans_.find(subject);
    if (found == bans_.end() || !found->second.is_on(now())) return std::nullopt;
    return found->second;
}

std::optional<Ban> Bans::on_site(std::string_view address, std::string_view account) const {
    const auto site = Site::of(address);
    if (!site) return std::nullopt;
    const std::shared_lock lock(mutex_);
    for (const auto& [prefix, count] : prefixes_) {
        if (prefix > site->prefix()) break;
        const auto found = bans_.find(Subject::of(account, site->within(prefix)));
        if (found == bans_.end() || !found->second.is_on(now())) continue;
        if (found->second.by_hand || !is_exempt(lock, address)) return found->second;
    }
    return std::nullopt;
}

bool Bans::is_exempt(std::string_view address) const {
    const std::shared_lock lock(mutex_);
    return is_exempt(lock, address);
}

bool Bans::is_exempt(const std::shared_lock<std::shared_mutex>& /*lock*/, std::string_view address) const {
    const auto bytes = config::parse_address(address);
    return !bytes || std::ranges::any_of(options_.exempt, [&](const config::Network& network) {
        return network.contains(*bytes);
    });
}

// Whoever is exempt may be one of many in it: all of an IPv6 /64 is one site.
bool Bans::is_exempt(const Site& site) const {
    return std::ranges::any_of(options_.exempt, [&](const config::Network& network) {
        const auto text = network.to_string();
        const auto begin = Site::of(std::string_view(text).substr(0, text.find('/')));
        return network.contains(site.first()) || (begin && begin->within(site.prefix()) == site);
    });
}

// While it is in force and as long again as the longest may be: so long it counts for the next.
std::optional<Instant> Bans::expiry_of(const Ban& ban) const {
    if (!ban.until) return std::nullopt;
    return *ban.until + options_.longest;
}

Ban Bans::escalated(const Lock&, const Subject& subject, std::string_view reason) const {
    const auto known = bans_.find(subject);
    const auto times = known == bans_.end() ? 1 : std::min(known->second.times, UINT32_MAX - 1) + 1;
    const auto length = options_.first * (std::int64_t{1} << std::min(times - 1, most_doublings));
    return {.subject = subject,
            .since = now(),
            .until = now() + std::min(length, options_.longest),
            .reason = std::string(reason),
            .times = times};
}

std::optional<Ban> Bans::shut_out(const Subject& subject, std::string_view reason) {
    const Lock lock(mutex_);
    const auto known = bans_.find(subject);
    if (known != bans_.end() && known->second.is_on(now())) return std::nullopt;
    if (subject.site && is_exempt(*subject.site)) return std::nullopt;
    make_room(lock);
    auto ban = escalated(lock, subject, reason);
    remember(lock, ban);
    notebook_.put(key_of(subject), encode(ban, expiry_of(ban)));
    if (subject.account.empty() && subject.site)
        if (auto wider = crowd(lock, *subject.site)) return wider;
    return ban;
}

// Where many neighbours are banned at once, it is one who owns them all.
std::optional<Ban> Bans::crowd(const Lock& lock, const Site& site) {
    const auto around = site.neighbourhood();
    if (options_.crowded == 0 || around == site) return std::nullopt;
    const auto known = bans_.find(Subject::of(around));
    if (known != bans_.end() && known->second.is_on(now())) return std::nullopt;
    std::size_t banned = 0;
    for (auto each = bans_.lower_bound(Subject::of(around)); each != bans_.end(); ++each) {
        const auto& subject = each->first;
        if (!subject.site || subject.site->within(around.prefix()) != around) break;
        if (subject.account.empty() && subject.site != around && each->second.is_on(now())) ++banned;
    }
    if (banned < options_.crowded) return std::nullopt;
    auto ban = escalated(lock, Subject::of(around),
                         fmt::format("{} addresses of this network are shut out", banned));
    remember(lock, ban);
    notebook_.put(key_of(ban.subject), encode(ban, expiry_of(ban)));
    return ban;
}

void Bans::forget_past(const Lock&) {
    const auto moment = now();
    std::erase_if(bans_, [&](const auto& each) {
        const auto expires = expiry_of(each.second);
        const bool is_past = expires && *expires <= moment;
        if (is_past && each.first.site) --prefixes_[each.first.site->prefix()];
        return is_past;
    });
    std::erase_if(prefixes_, [](const auto& each) { return each.second == 0; });
}

// A hundredth of those that the program has made, the ones that end first.
void Bans::make_room(const Lock& lock) {
    if (bans_.size() < most_bans) return;
    forget_past(lock);
    if (bans_.size() < most_bans) return;
    std::vector<std::pair<Instant, Subject>> ends;
    for (const auto& [subject, ban] : bans_)
        if (!ban.by_hand && ban.until) ends.emplace_back(*ban.until, subject);
    const auto count = std::min(ends.size(), most_bans / 100);
    std::ranges::partial_sort(ends, ends.begin() + static_cast<std::ptrdiff_t>(count));
    for (const auto& [until, subject] : std::span(ends).first(count)) {
        if (subject.site) --prefixes_[subject.site->prefix()];
        bans_.erase(subject);
        notebook_.erase(key_of(subject));
    }
}

Result<Ban> Bans::add(const Subject& subject, std::string_view reason,
                      std::optional<std::chrono::milliseconds> length) {
    Ban ban{.subject = subject, .since = now(), .reason = std::string(reason), .by_hand = true};
    if (length) ban.until = now() + *length;
    std::optional<Instant> expires;
    {
        const Lock lock(mutex_);
        expires = expiry_of(ban);
    }
    TRY(notebook_.put_now(key_of(subject), encode(ban, expires)));
    const Lock lock(mutex_);
    remember(lock, ban);
    return ban;
}

Result<void> Bans::lift(const Subject& subject) {
    if (!on(subject)) return fail(Error::Kind::not_found, "{} is not shut out", subject.to_string());
    TRY(notebook_.erase_now(key_of(subject)));
    const Lock lock(mutex_);
    if (bans_.erase(subject) == 0 || !subject.site) return {};
    if (--prefixes_[subject.site->prefix()] == 0) prefixes_.erase(subject.site->prefix());
    return {};
}

std::vector<Ban> Bans::list() const {
    const std::shared_lock lock(mutex_);
    std::vector<Ban> all;
    for (const auto& [subject, ban] : bans_)
        if (ban.is_on(now())) all.push_back(ban);
    return all;
}

}  // namespace hongyan::reputation
