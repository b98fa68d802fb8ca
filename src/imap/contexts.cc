#include "imap/contexts.h"

#include <algorithm>
#include <iterator>

#include "base/ascii.h"
#include "imap/commands/found.h"
#include "imap/commands/messages.h"
#include "imap/sort_order.h"
#include "imap/wire/response.h"
#include "imap/wire/writer.h"

namespace hongyan::imap {
namespace {

// Messages that stand one behind the other in the results, from a position on, which is counted from 1.
struct Run {
    std::size_t position;
    std::vector<std::uint32_t> names;
};

std::uint32_t name_of(const Selected& mailbox, SetOf of, Uid uid) {
    if (of == SetOf::uids) return uid.value();
    const auto number = mailbox.view().number_of(uid);
    return number ? number->value() : 0;
}

void put(std::string& out, const Context& context, std::string_view item, const std::vector<Run>& runs) {
    if (runs.empty()) return;
    commands::begin_esearch(out, {.tag = context.tag}, context.of);
    fmt::format_to(std::back_inserter(out), " {} (", item);
    for (bool first = true; const auto& run : runs)
        fmt::format_to(std::back_inserter(out), "{}{} {}", std::exchange(first, false) ? "" : " ",
                       run.position, commands::to_text(run.names));
    out += ")\r\n";
}

void add_to(std::vector<Run>& runs, std::size_t position, std::uint32_t name) {
    if (runs.empty() || runs.back().position + runs.back().names.size() != position)
        runs.push_back({position, {}});
    runs.back().names.push_back(name);
}

// In the order of the mailbox a client finds the place by itself (RFC 5267 §4.3.3, §4.3.4).
std::vector<Run> without_places(std::vector<Run> runs) {
    std::vector<Run> all;
    for (auto& run : runs) {
        if (all.empty()) all.push_back({0, {}});
        std::ranges::copy(run.names, std::back_inserter(all.front().names));
    }
    return all;
}

// From the last place to the first, so that none moves before it is told.
void remove(std::string& out, Context& context, const Selected& mailbox, const UidSet& gone) {
    std::vector<Run> runs;
    for (std::size_t i = 0; i < context.results.size(); ++i)
        if (gone.contains(context.results[i]))
            add_to(runs, i + 1, name_of(mailbox, context.of, context.results[i]));
    if (runs.empty()) return;
    std::erase_if(context.results, [&gone](Uid uid) { return gone.contains(uid); });
    if (context.criteria.empty())
        runs = without_places(std::move(runs));
    else
        std::ranges::reverse(runs);
    put(out, context, "REMOVEFROM", runs);
}

using Before = std::function<bool(Uid, Uid)>;

// Each of those that come stands before the first of the others that it is before.
std::vector<Uid> merged(const std::vector<Uid>& others, const std::vector<Uid>& come, const Before& before) {
    std::vector<Uid> all;
    all.reserve(others.size() + come.size());
    auto next = come.begin();
    for (const auto other : others) {
        while (next != come.end() && before(*next, other)) all.push_back(*next++);
        all.push_back(other);
    }
    all.insert(all.end(), next, come.end());
    return all;
}

// From the first place to the last, as they are in the end.
void insert(std::string& out, Context& context, const Selected& mailbox, std::vector<Uid> come,
            const Before& before) {
    if (come.empty()) return;
    std::ranges::sort(come, before);
    auto all = merged(context.results, come, before);
    std::vector<Run> runs;
    for (std::size_t i = 0, next = 0; next < come.size(); ++i) {
        if (all[i] != come[next]) continue;
        add_to(runs, i + 1, name_of(mailbox, context.of, come[next++]));
    }
    context.results = std::move(all);
    if (context.criteria.empty()) runs = without_places(std::move(runs));
    put(out, context, "ADDTO", runs);
}

Result<void> insert_sorted(std::string& out, Context& context, const store::View& mail,
                           const Selected& mailbox, std::vector<Uid> come) {
    const auto lock = context.keys->lock();
    TRY(context.keys->bring_forward(mail, mailbox.id(), kinds_of(context.criteria), SIZE_MAX));
    const auto& keys = *context.keys;
    const SortOrder order(keys, context.criteria);
    // What has gone meanwhile has no keys, and so no place: of what comes it is left out, and nothing is put
    // before it.
    std::erase_if(come, [&keys](Uid uid) { return !keys.find(uid); });
    insert(out, context, mailbox, std::move(come), [&](Uid one, Uid other) {
        const auto first = keys.find(one), second = keys.find(other);
        return first && second && order.before(*first, *second);
    });
    return {};
}

// Nothing can be put off here: a context for which more would have to be looked at than is at once ends.
constexpr auto more_than_enough = Error::Kind::too_large;

// Which of these messages match now.
Result<UidSet> matching(const Context& context, const store::View& mail, const Selected& mailbox,
                        const UidSet& changed) {
    UidSet found;
    Effort effort;
    Answers answers;
    const auto test = [&](const store::Entry& entry, const store::MessageView* message) -> Result<void> {
        answers.clear();
        Candidate candidate(mail, mailbox, entry, message);
        candidate.spend_from(effort, &answers);
        candidate.spend(Effort::of_a_key);
        const auto matches = context.search.matches(candidate);
        if (candidate.is_unfinished() || effort.is_enough())
            return fail(more_than_enough, "more than is looked at at once");
        if (!matches && matches.error().kind != Error::Kind::not_found)
            return std::unexpected(matches.error());
        if (matches && *matches) found.add(entry.uid);
        return {};
    };
    if (context.search.cost == Cost::entry) {
        TRY(mail.each_entry(mailbox.id(), changed,
                            [&](const store::Entry& entry) { return test(entry, nullptr); }));
    } else {
        TRY(mail.each_message(mailbox.id(), changed,
                              [&](const store::Entry& entry, const store::MessageView& message) {
                                  return test(entry, &message);
                              }));
    }
    return found;
}

// Of those that have changed some match now.
Result<void> tell_matching(std::string& out, Context& context, const store::View& mail,
                           const Selected& mailbox, const UidSet& changed, const UidSet& found) {
    auto lost = changed;
    lost.remove(found);
    remove(out, context, mailbox, lost);
    auto come = found;
    UidSet known;
    auto results = context.results;
    std::ranges::sort(results);
    for (const auto uid : results)
        if (found.contains(uid)) known.add(uid);
    come.remove(known);
    if (come.empty()) return {};
    if (!context.criteria.empty()) return insert_sorted(out, context, mail, mailbox, come.uids());
    insert(out, context, mailbox, come.uids(), std::less<Uid>());
    return {};
}

// RFC 5465 §7: before the ESEARCH response. False: that would be more than `most` octets in `out`, and not
// all has been read.
Result<bool> put_fetched(std::string& out, std::size_t most, const Context& context, const store::View& mail,
                         const Selected& mailbox, const UidSet& come, SetOf named_by) {
    if (context.fetched.empty() || come.empty()) return true;
    const auto items = wanted(context.fetched);
    bool is_too_much = false;
    const auto put = [&](const store::Entry& entry, const store::MessageView& message) -> Result<void> {
        is_too_much = out.size() > most;
        if (is_too_much) return fail(Error::Kind::too_large, "more than is told at once");
        const auto number = mailbox.view().number_of(entry.uid);
        if (!number) return {};
        MessageData(mail, entry, &message, mailbox.is_recent(entry.uid), named_by, context.headers)
            .put_unasked(out, *number, items);
        return {};
    };
    const auto told = mail.each_message(mailbox.id(), come, put);
    if (is_too_much) return false;
    TRY(told);
    return true;
}

// False: there is more to be told than fits.
Result<bool> tell_new(std::string& out, std::size_t most, Context& context, const store::View& mail,
                      const Selected& mailbox, const UidSet& arrived, SetOf named_by) {
    TRY(const auto found, matching(context, mail, mailbox, arrived));
    TRY(const auto is_told, put_fetched(out, most, context, mail, mailbox, found, named_by));
    if (!is_told) return false;
    TRY(tell_matching(out, context, mail, mailbox, arrived, found));
    return true;
}

}  // namespace

void put_no_update(std::string& out, std::string_view tag, std::string_view why) {
    std::string quoted;
    wire::put_string(quoted, tag);
    wire::put_status(out, wire::untagged, wire::Condition::no,
                     {wire::Code::no_update, quoted, std::string(why)});
}

bool Contexts::is_known(std::string_view tag) const {
    return std::ranges::any_of(contexts_, [tag](const Context& context) { return context.tag == tag; });
}

bool Contexts::cancel(std::string_view tag) {
    return std::erase_if(contexts_, [tag](const Context& context) { return context.tag == tag; }) > 0;
}

void Contexts::tell_gone(std::string& out, const Selected& mailbox, const UidSet& gone) {
    if (gone.empty()) return;
    for (auto& context : contexts_) remove(out, context, mailbox, gone);
}

Result<void> Contexts::tell_changed(std::string& out, const store::View& mail, const Selected& mailbox,
                                    const UidSet& changed) {
    if (changed.empty()) return {};
    for (auto context = contexts_.begin(); context != contexts_.end();) {
        if (!context->search.may_change) {
            ++context;
            continue;
        }
        const auto found = matching(*context, mail, mailbox, changed);
        if (!found && found.error().kind == more_than_enough) {
            put_no_update(out, context->tag, "More has changed than can be looked at");
            context = contexts_.erase(context);
            continue;
        }
        TRY(found);
        TRY(tell_matching(out, *context, mail, mailbox, changed, *found));
        ++context;
    }
    return {};
}

void Contexts::tell_arrived(std::string& out, const store::View& mail, const Selected& mailbox,
                            const UidSet& arrived, SetOf named_by) {
    if (arrived.empty()) return;
    const auto room = out.size() + enough_told;
    for (auto context = contexts_.begin(); context != contexts_.end();) {
        const auto is_told = tell_new(out, room, *context, mail, mailbox, arrived, named_by);
        if (is_told && *is_told) {
            ++context;
            continue;
        }
        const bool is_too_much = is_told || is_told.error().kind == more_than_enough;
        put_no_update(
            out, context->tag,
            is_too_much ? "There is more to be told of it than fits" : "What has come cannot be read");
        context = contexts_.erase(context);
    }
}

}  // namespace hongyan::imap
