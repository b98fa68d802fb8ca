#include "reputation/greylist.h"

#include "base/ascii.h"
#include "reputation/trust.h"

namespace hongyan::reputation {

namespace {

constexpr std::uint64_t lost_by_one = 3;  // of what good messages earn, by a bad one

std::string name_of_triplet(const Site& client, std::string_view sender, std::string_view recipient) {
    return fmt::format("triplet\n{}\n{}\n{}", client.neighbourhood().octets(), ascii::to_lower(sender),
                       ascii::to_lower(recipient));
}

}  // namespace

GreylistOptions Greylist::options() const {
    const std::lock_guard lock(mutex_);
    return options_;
}

void Greylist::apply(const GreylistOptions& options) {
    const std::lock_guard lock(mutex_);
    options_ = options;
}

std::optional<std::chrono::milliseconds> Greylist::wait(const Site& client, std::string_view sender,
                                                        std::string_view recipient) {
    const auto options = this->options();
    const auto now = notebook_.clock().now();
    const auto network = name_of_network(client);
    if (network_passes(network, now, options)) return std::nullopt;
    const auto triplet = name_of_triplet(client, sender, recipient);
    const auto mark = slots_.find(triplet);
    if (!mark) return std::nullopt;  // a fault of ours delays nobody
    // A mark that has passed has a count.
    const bool is_new = !*mark || ((*mark)->count == 0 && now - (*mark)->first > options.window);
    if (is_new) {
        slots_.put(triplet, {.first = now, .last = now, .count = 0}, now + options.window);
        return options.delay;
    }
    const auto waited = now - (*mark)->first;
    if ((*mark)->count == 0 && waited < options.delay) return options.delay - waited;
    if ((*mark)->count == 0) count(network, now, options);
    slots_.put(triplet, {.first = (*mark)->first, .last = now, .count = (*mark)->count + 1},
               now + options.kept);
    return std::nullopt;
}

bool Greylist::network_passes(const std::string& network, Instant now, const GreylistOptions& options) {
    if (options.trusted_after == 0) return false;
    const auto mark = slots_.find(network);
    if (!mark || !*mark || (*mark)->count < options.trusted_after) return false;
    if (now - (*mark)->last > between_marks)
        slots_.put(network, {.first = (*mark)->first, .last = now, .count = (*mark)->count},
                   now + options.kept);
    return true;
}

void Greylist::count(const std::string& name, Instant now, const GreylistOptions& options) {
    const auto mark = slots_.find(name);
    if (!mark) return;
    const auto known = mark->value_or(Slots::Mark{.first = now});
    slots_.put(name, {.first = known.first, .last = now, .count = known.count + 1}, now + options.kept);
}

std::vector<Greylist::Credit> Greylist::earned(const Site& client, std::string_view domain) const {
    const auto enough = options().trusted_after + most_credit;
    const auto now = notebook_.clock().now();
    std::vector<Credit> earned;
    for (auto& name : names_of(client, domain)) {
        const auto found = slots_.find(name);
        if (!found) continue;  // a fault of ours
        const auto mark = found->value_or(Slots::Mark{.first = now, .last = now});
        if (mark.count >= enough && now - mark.last <= between_marks) continue;
        earned.push_back({std::move(name), {.first = mark.first, .last = now, .count = mark.count + 1}});
    }
    return earned;
}

void Greylist::note(const std::vector<Credit>& earned) {
    const auto options = this->options();
    for (const auto& [name, mark] : earned) slots_.put(name, mark, mark.last + options.kept);
}

void Greylist::was_bad(const Site& client, std::string_view domain) {
    const auto options = this->options();
    for (const auto& name : names_of(client, domain)) {
        const auto mark = slots_.find(name);
        if (!mark || !*mark) continue;
        if ((*mark)->count <= lost_by_one)
            slots_.erase(name);
        else
            slots_.put(
                name, {.first = (*mark)->first, .last = (*mark)->last, .count = (*mark)->count - lost_by_one},
                (*mark)->last + options.kept);
    }
}

bool Greylist::knows(std::string_view domain) const {
    const auto mark = slots_.find(name_of_domain(domain));
    return mark && *mark && (*mark)->count >= std::max<std::uint64_t>(1, options().trusted_after);
}

}  // namespace hongyan::reputation
