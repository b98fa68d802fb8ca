#include "flow/waiting.h"

#include <optional>
#include <utility>

#include "dsn/notify.h"

namespace hongyan::flow {

namespace {

// The copy for his own recipient tells the sender all that the one for an alias' member would.
bool tells_as_much(const queue::Recipient& own, const queue::Recipient& member) {
    auto told = dsn::parse_notify(own.notify);
    const auto wanted = dsn::parse_notify(member.notify);
    told.success = false;
    return !wanted.success && told.said == wanted.said && told.failure == wanted.failure &&
           told.delay == wanted.delay;
}

}  // namespace

void move_doubles(Waiting& members, Waiting& own) {
    std::vector<std::optional<std::size_t>> own_place(members.recipients.size());
    std::vector<std::size_t> place(members.recipients.size());
    std::vector<queue::Recipient> left;
    for (std::size_t i = 0; i < members.recipients.size(); ++i) {
        auto& member = members.recipients[i];
        const auto found = own.place_of.find(member.address);
        if (found != own.place_of.end() && tells_as_much(own.recipients[found->second], member)) {
            own_place[i] = found->second;
            continue;
        }
        place[i] = left.size();
        left.push_back(std::move(member));
    }
    members.recipients = std::move(left);
    for (auto led : std::exchange(members.legs, {})) {
        auto& where = own_place[led.place] ? own : members;
        led.place = own_place[led.place].value_or(place[led.place]);
        where.legs.push_back(led);
    }
}

}  // namespace hongyan::flow
