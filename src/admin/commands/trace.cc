#include <optional>

#include "admin/accounts.h"
#include "admin/services.h"
#include "admin/tables.h"
#include "message/message_ids.h"

namespace hongyan::admin {

namespace {

using Kind = Argument::Kind;

constexpr std::uint64_t messages_shown = 100;

// What happened to one message, a row each.
class Teller {
public:
    Teller(const Kept& kept, Listing& listing) : kept_(kept), listing_(listing) {}

    void tell(const queue::Story& story) {
        const bool was_ours = story.entry || std::ranges::any_of(story.records, [](const auto& record) {
                                  return record.what != queue::Happened::refused;
                              });
        if (was_ours) accepted(story);
        for (const auto& record : story.records) {
            judged(record);
            if (record.what != queue::Happened::accepted) happened(record);
        }
        if (!story.entry) return;
        for (const auto& recipient : story.entry->recipients)
            if (!is_final(recipient.state)) waits(*story.entry, recipient);
    }

private:
    void accepted(const queue::Story& story) {
        const auto sender = story.entry ? origin_of(*story.entry) : origin_of(story.records.front());
        std::string from;
        for (const auto& record : story.records)
            if (record.what == queue::Happened::placed || tells_of_arrival(record))
                from = server_of(record.attempt);
        listing_.add({shown(arrival_of(story)), to_string(story.id), "accepted", sender, std::string(), from,
                      std::string(), std::string(), std::string()});
    }
    // As it was told, or about so.
    static Instant arrival_of(const queue::Story& story) {
        if (story.entry) return story.entry->arrival;
        auto arrival = queue::arrival_of(story.id);
        for (const auto& record : story.records)
            if (record.what == queue::Happened::placed || tells_of_arrival(record))
                return record.attempt.time;
            else
                arrival = std::min(arrival, record.attempt.time);
        return arrival;
    }
    static bool tells_of_arrival(const queue::Record& record) {
        return record.what == queue::Happened::accepted || record.what == queue::Happened::discarded;
    }
    // What those who judge mail found, a row for each thing.
    void judged(const queue::Record& record) {
        for (std::string_view rest = record.judged; !rest.empty();) {
            const auto end = std::min(rest.find('\n'), rest.size());
            listing_.add({shown(record.attempt.time), to_string(record.id), "judged", record.sender,
                          record.recipient, std::string(), std::string(), std::string(),
                          std::string(rest.substr(0, end))});
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
    }
    static std::string server_of(const queue::Attempt& attempt) {
        return attempt.address.empty() ? attempt.host : fmt::format("{}[{}]", attempt.host, attempt.address);
    }
    // Into whose mailbox, in words.
    std::string mailbox_of(const queue::Record& record) const {
        const auto account = kept_.directory.account(directory::AccountId(record.placed_with));
        return account ? fmt::format("the mailbox of {}", to_string(account->name))
                       : fmt::format("the mailbox of account {}, which has gone", record.placed_with);
    }
    void happened(const queue::Record& record) {
        const auto& attempt = record.attempt;
        const bool is_placed = record.what == queue::Happened::placed;
        const auto where = is_placed ? mailbox_of(record) : server_of(attempt);
        auto tls = attempt.tls;
        if (!attempt.policy.empty()) tls += fmt::format(" ({})", attempt.policy);
        listing_.add({shown(attempt.time), to_string(record.id), std::string(to_string(record.what)),
                      record.sender, record.recipient, where, tls, record.ground,
                      attempt.reply.empty() ? attempt.status : attempt.reply});
    }
    void waits(const queue::Entry& entry, const queue::Recipient& recipient) {
        std::string state = "waiting";
        if (recipient.lease) state = "being attempted";
        if (recipient.state == queue::RecipientState::held) state = "held";
        listing_.add({shown(recipient.next_attempt), to_string(entry.id), state, entry.sender,
                      recipient.address, destination_of(recipient), std::string(), std::string(),
                      recipient.last_reply});
    }

    const Kept& kept_;
    Listing& listing_;
};

using Ids = std::vector<queue::EntryId>;

// Some of the messages in which something was named.
struct Some {
    Ids ids;
    std::string_view others = {};  // where there are more: the option that shows them
};

// The latest, or those next to a message that was shown. One more than is shown tells whether there are more.
Result<Some> some(const Call& call, std::string_view text, std::size_t limit) {
    const auto& queue = call.services.kept->queue;
    Some out;
    if (call.values.given("after")) {
        TRY(const auto after, queue::parse_entry_id(call.values.text("after")));
        TRY(out.ids, queue.mentioned(text, {.after = after, .limit = limit + 1}));
        if (out.ids.size() > limit) {
            out.others = "after";
            out.ids.pop_back();
        }
        return out;
    }
    std::optional<queue::EntryId> before;
    if (call.values.given("before")) {
        TRY(before, queue::parse_entry_id(call.values.text("before")));
    }
    TRY(out.ids, queue.latest_mentioned(text, before, limit + 1));
    if (out.ids.size() > limit) {
        out.others = "before";
        out.ids.erase(out.ids.begin());
    }
    return out;
}

void tell_of_others(const Call& call, const Some& shown) {
    const bool later = shown.others == "after";
    if (shown.others.empty() || shown.ids.empty()) return;
    call.console.err(fmt::format("There are {} ones: --{} {} shows them, --limit more at once.\n",
                                 later ? "later" : "earlier", shown.others,
                                 to_string(later ? shown.ids.back() : shown.ids.front())));
}

// Those in which the text was named: an address, or a Message-ID as the history has it or as a message has.
Result<Some> mentioned(const Call& call, const std::string& text, std::size_t limit) {
    TRY(auto found, some(call, text, limit));
    if (!found.ids.empty()) return found;
    return some(call, message::message_id_in(text), limit);
}

// The messages that are meant: one by its id, or those in which the text was named.
Result<Some> meant(const Call& call, std::uint64_t limit) {
    const auto& text = call.values.text("what");
    if (const auto id = queue::parse_entry_id(text)) return Some{.ids = {*id}};
    if (call.values.given("after") && call.values.given("before"))
        return fail(Error::Kind::invalid, "--after and --before are not for one call");
    TRY(auto found, mentioned(call, text, static_cast<std::size_t>(limit)));
    if (found.ids.empty()) return fail(Error::Kind::not_found, "nothing is known of {}", text);
    return found;
}

Result<void> trace(const Call& call) {
    TRY(const auto limit, call.values.number_or("limit", messages_shown, 100'000));
    TRY(const auto shown, meant(call, limit));
    Listing listing({{"time"},
                     {"id"},
                     {"event"},
                     {"sender", 40},
                     {"recipient", 40},
                     {"server", 50},
                     {"tls"},
                     {"ground"},
                     {"reply", 120}});
    Teller teller(*call.services.kept, listing);
    for (const auto id : shown.ids) {
        const auto story = call.services.kept->queue.story(id);
        // It may have been forgotten since it was found.
        const bool is_one_of_many = shown.ids.size() > 1;
        if (!story && is_one_of_many && story.error().kind == Error::Kind::not_found) continue;
        if (!story && is_one_of_many && story.error().kind == Error::Kind::corrupt) {
            call.console.err(fmt::format("{}: {}\n", to_string(id), story.error().message));
            continue;
        }
        if (!story) return std::unexpected(story.error());
        teller.tell(*story);
    }
    call.show(listing);
    tell_of_others(call, shown);
    return {};
}

constexpr Argument trace_arguments[] = {
    {"what", Kind::required, "A message as the queue names it, a Message-ID or an address"},
    {"after", Kind::option, "The first messages that came after this one"},
    {"before", Kind::option, "The last messages that came before this one; otherwise the last of all"},
    {"limit", Kind::option, "How many messages at most; 100 where nothing is said"},
    json_flag};

constexpr Command rows[] = {
    {"", "trace",
     "Tell what happened to messages and what was found in them, from when they were accepted to their end",
     trace_arguments, Needs::services, &trace},
};

}  // namespace

std::span<const Command> trace_commands() { return rows; }

}  // namespace hongyan::admin
