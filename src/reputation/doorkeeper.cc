#include "reputation/doorkeeper.h"

#include "base/ascii.h"

namespace hongyan::reputation {

namespace {

constexpr double where_people_are = 5;  // as many failures more as elsewhere
constexpr std::chrono::milliseconds first_delay{250};
constexpr int doublings = 5;
constexpr std::chrono::milliseconds between_marks = std::chrono::hours(24);

std::string pair_of(std::string_view account, const Site& site) {
    return site.octets() + ascii::to_lower(account);
}

// None for the first: people mistype.
std::chrono::milliseconds delay_after(double failures, std::chrono::milliseconds longest) {
    if (failures < 2) return {};
    const auto steps = std::min(doublings, static_cast<int>(failures) - 2);
    return std::min(longest, first_delay * (1 << steps));
}

}  // namespace

Doorkeeper::Doorkeeper(Bans& bans, Notebook& notebook, DoorOptions options)
    : bans_(bans),
      notebook_(notebook),
      known_(notebook, 'k'),
      at_site_(notebook, 's'),
      of_account_(notebook, 'a'),
      of_pair_(notebook, 'p'),
      strangers_(notebook, 'u'),
      offences_(notebook, 'o'),
      options_(options) {}

void Doorkeeper::apply(const DoorOptions& options) {
    const std::lock_guard lock(mutex_);
    options_ = options;
}

DoorOptions Doorkeeper::options() const {
    const std::lock_guard lock(mutex_);
    return options_;
}

bool Doorkeeper::is_known(std::string_view name) const {
    const auto mark = known_.find(name);
    return mark && mark->has_value();
}

Doorkeeper::Known Doorkeeper::known(const Attempt& attempt, const Site& site) const {
    return {.site = is_known(site.octets()), .pair = is_known(pair_of(attempt.account, site))};
}

Entry Doorkeeper::may_try(const Attempt& attempt) const {
    const auto site = Site::of(attempt.address);
    return site ? look(attempt, *site, known(attempt, *site)) : Entry{};
}

Entry Doorkeeper::look(const Attempt& attempt, const Site& site, const Known& known) const {
    Entry entry;
    for (const std::string_view account : {std::string_view(), std::string_view(attempt.account)}) {
        if (const auto ban = bans_.on_site(attempt.address, account)) {
            entry.way = Entry::Way::closed;
            entry.why = ban->reason;
            return entry;
        }
    }
    const auto guarded = bans_.on(Subject::of(attempt.account));
    const bool is_exempt = bans_.is_exempt(attempt.address);
    if (const auto rules = options(); !is_exempt)
        entry.delay = delay_after(at_site_.level(site.octets(), rules.ban, notebook_.clock().now()),
                                  rules.longest_delay);
    // What an operator has said holds wherever somebody, be it the owner or a thief, has logged in of late.
    if (guarded && (guarded->by_hand || (!is_exempt && !known.pair))) {
        entry.way = Entry::Way::app_password_only;
        entry.why = guarded->reason;
    }
    return entry;
}

Entry Doorkeeper::begin(const Attempt& attempt, UnderWay::Waiter& waiter) {
    const auto site = Site::of(attempt.address);
    if (!site || bans_.is_exempt(attempt.address)) return may_try(attempt);
    const auto known_there = known(attempt, *site);  // from the disk, before anything is locked
    Entry entry;
    const auto look_again = [&]() -> std::vector<UnderWay::Room> {
        entry = look(attempt, *site, known_there);
        if (entry.way == Entry::Way::closed) return {};
        return rooms(attempt, *site, known_there);
    };
    auto place = under_way_.begin(waiter, look_again);
    if (place) {
        entry.place = *std::move(place);
        return entry;
    }
    entry.way = place.error() == UnderWay::Not::now ? Entry::Way::crowded : Entry::Way::closed;
    entry.why = "Too many log-ins are under way";
    return entry;
}

// Where an account is known, what strangers try elsewhere keeps it from nothing.
std::vector<UnderWay::Room> Doorkeeper::rooms(const Attempt& attempt, const Site& site,
                                              const Known& known) const {
    const auto now = notebook_.clock().now();
    const auto rules = options();
    const auto account = ascii::to_lower(attempt.account);
    const auto pair = pair_of(attempt.account, site);
    std::vector<UnderWay::Room> rooms{{"p" + pair, rules.lock.most - of_pair_.level(pair, rules.lock, now)}};
    if (rules.ban.most > 0) {
        const auto most = rules.ban.most * (known.site ? where_people_are : 1);
        rooms.push_back({"s" + site.octets(), most - at_site_.level(site.octets(), rules.ban, now)});
    }
    if (!known.pair && !bans_.on(Subject::of(attempt.account)))
        rooms.push_back({"a" + account, rules.account.most - of_account_.level(account, rules.account, now)});
    return rooms;
}

bool Doorkeeper::is_repeated(const Site& site, std::string_view account, std::string_view guess,
                             Instant now) {
    if (guess.empty()) return false;
    const Rate rate{1, options().ban.time};
    const auto name = pair_of(account, site) + '\0' + std::string(guess);
    const bool repeated = guesses_.level(name, rate, now) > 0;
    guesses_.add(name, 1, rate, now);
    return repeated;
}

std::optional<Ban> Doorkeeper::shut_out_site(const Site& site, double failures, const DoorOptions& rules) {
    if (!rules.ban.is_full(failures)) return std::nullopt;
    if (failures < where_people_are * rules.ban.most && is_known(site.octets())) return std::nullopt;
    auto ban = bans_.shut_out(Subject::of(site), "Too many log-ins have failed from there");
    at_site_.forget(site.octets());  // after that: in between nobody may begin
    return ban;
}

std::optional<Ban> Doorkeeper::failed(const Attempt& attempt, std::string_view guess) {
    const auto site = Site::of(attempt.address);
    if (!site || bans_.is_exempt(attempt.address)) return std::nullopt;
    const auto now = notebook_.clock().now();
    const auto rules = options();
    if (is_repeated(*site, attempt.account, guess, now)) return std::nullopt;
    const auto all = of_account_.add(ascii::to_lower(attempt.account), 1, rules.account, now);
    if (rules.account.is_full(all)) {
        (void)bans_.shut_out(Subject::of(attempt.account),
                             "Somebody guesses passwords of this account from many places");
        of_account_.forget(ascii::to_lower(attempt.account));
    }
    if (auto ban = shut_out_site(*site, at_site_.add(site->octets(), 1, rules.ban, now), rules)) return ban;
    const auto pair = pair_of(attempt.account, *site);
    if (!rules.lock.is_full(of_pair_.add(pair, 1, rules.lock, now))) return std::nullopt;
    auto ban = bans_.shut_out(Subject::of(attempt.account, *site),
                              "Too many log-ins to this account have failed from there");
    of_pair_.forget(pair);
    return ban;
}

void Doorkeeper::succeeded(const Attempt& attempt) {
    const auto site = Site::of(attempt.address);
    if (!site) return;
    const auto now = notebook_.clock().now();
    const auto rules = options();
    const auto pair = pair_of(attempt.account, *site);
    of_pair_.forget(pair);
    // One right password among guesses would let the guesser go on: what is counted for the site stays.
    for (const auto& name : {pair, site->octets()}) {
        const auto mark = known_.find(name);
        if (mark && *mark && now - (*mark)->last < between_marks) continue;
        known_.put(name, {.first = now, .last = now, .count = 1}, now + rules.known_for);
    }
}

std::optional<Ban> Doorkeeper::asked_for(std::string_view address, Recipient recipient) {
    const auto site = Site::of(address);
    if (!site || bans_.is_exempt(address)) return std::nullopt;
    const auto rate = options().unknown_recipients;
    const auto now = notebook_.clock().now();
    if (rate.most <= 0) return std::nullopt;
    if (recipient == Recipient::known && strangers_.level(site->octets(), rate, now) <= 0)
        return std::nullopt;
    const auto asked = strangers_.add(site->octets(), recipient == Recipient::unknown ? 1 : -1, rate, now);
    if (!rate.is_full(asked)) return std::nullopt;
    strangers_.forget(site->octets());
    return bans_.shut_out(Subject::of(*site), "Too many mailboxes were asked for that do not exist");
}

std::optional<Ban> Doorkeeper::offended(std::string_view address, double weight, std::string_view reason) {
    const auto site = Site::of(address);
    if (!site || bans_.is_exempt(address)) return std::nullopt;
    const Rate rate{1, std::chrono::hours(1)};
    constexpr double nearly = 0.999;  // tenths do not add up to one
    if (offences_.add(site->octets(), weight, rate, notebook_.clock().now()) < nearly) return std::nullopt;
    offences_.forget(site->octets());
    return bans_.shut_out(Subject::of(*site), reason);
}

}  // namespace hongyan::reputation
