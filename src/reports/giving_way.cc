#include "reports/giving_way.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "reports/keys.h"

namespace hongyan::reports {

namespace {

using Age = std::tuple<Instant, std::string>;  // the id divides those of one moment

Age age_of(const Kept& kept) { return {kept.arrival.when, kept.id}; }

// The oldest of all that it has seen, so many at most.
class Oldest {
public:
    explicit Oldest(std::size_t most) : most_(most) {}
    void see(GivesWay one) {
        auto age = age_of(one.kept);
        found_.emplace(std::move(age), std::move(one));
        if (found_.size() > most_) found_.erase(std::prev(found_.end()));
    }
    GivingWay take() {
        GivingWay all;
        for (auto& [age, one] : found_) all.push_back(std::move(one));
        return all;
    }

private:
    std::size_t most_;
    std::map<Age, GivesWay> found_;
};

struct Owner {
    std::size_t count = 0;
    std::optional<Age> oldest = {};
};
using Owners = std::map<std::string, Owner>;

void count(Owner& owner, const Kept& kept) {
    ++owner.count;
    const auto age = age_of(kept);
    if (!owner.oldest || age < *owner.oldest) owner.oldest = age;
}

Owners::const_iterator busiest_of(const Owners& owners) {
    return std::ranges::max_element(owners, [](const auto& left, const auto& right) {
        const auto& [a, b] = std::tie(left.second, right.second);
        return a.count != b.count ? a.count < b.count : *b.oldest < *a.oldest;
    });
}

Result<void> each_record(const engine::Reader& reader, const std::function<void(GivesWay, bool)>& visit) {
    const auto at = reader.scan(engine::Range::starting_with(keys::outlines));
    for (; at->valid(); at->next()) {
        auto kept = kept_from_record(at->value());
        const bool is_damaged = !kept;
        if (is_damaged) kept = Kept{};
        kept->id = at->key().substr(keys::outlines.size());
        visit({.kept = *std::move(kept), .record = std::string(at->value())}, is_damaged);
    }
    return at->status();
}

}  // namespace

Result<GivingWay> who_gives_way(const engine::Reader& reader, const Arrival& newer, std::size_t most,
                                const OwnerOf& owner) {
    Oldest unvouched(most);
    Owners owners;
    TRY(each_record(reader, [&](GivesWay one, bool is_damaged) {
        if (is_damaged || !one.kept.arrival.vouched)
            unvouched.see(std::move(one));
        else if (newer.vouched)
            count(owners[owner(one.kept.arrival.author)], one.kept);
    }));
    if (auto found = unvouched.take(); !found.empty()) return found;
    if (owners.empty()) return GivingWay();
    const auto busiest = busiest_of(owners);
    Oldest his(std::min(most, (busiest->second.count + 1) / 2));
    TRY(each_record(reader, [&](GivesWay one, bool is_damaged) {
        if (!is_damaged && owner(one.kept.arrival.author) == busiest->first) his.see(std::move(one));
    }));
    return his.take();
}

}  // namespace hongyan::reports
