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
        listing_.add({shown(queue::arrival_of(story.id)), to_string(story.id), "accepted", sender,
                      std::string(), from, std::string(), std::string(), std::string()});
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

// Those in which the text was named: an address, or a Message-ID as the history has it or as a message has.
Result<std::vector<queue::EntryId>> mentioned(const queue::Queue& queue, const std::string& text,
                                              const queue::Queue::Page& page) {
    TRY(auto ids, queue.mentioned(text, page));
    if (!ids.empty()) return ids;
    return queue.mentioned(message::message_id_in(text), page);
}

// The messages that are meant: one by its id, or those in which the text was named.
Result<std::vector<queue::EntryId>> meant(const Call& call, std::uint64_t limit) {
    const auto& text = call.values.text("what");
    if (const auto id = queue::parse_entry_id(text)) return std::vector{*id};
    queue::Queue::Page page{.after = {}, .limit = static_cast<std::size_t>(limit)};
    if (call.values.given("after")) {
        TRY(page.after, queue::parse_entry_id(call.values.text("after")));
    }
    TRY(auto ids, mentioned(call.services.kept->queue, text, page));
    if (ids.empty()) return fail(Error::Kind::not_found, "nothing is known of {}", text);
    return ids;
}

Result<void> trace(const Call& call) {
    TRY(const auto limit, call.values.number_or("limit", messages_shown, 100'000));
    TRY(const auto ids, meant(call, limit));
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
    for (const auto id : ids) {
        const auto story = call.services.kept->queue.story(id);
        // It may have been forgotten since it was found.
        if (!story && ids.size() > 1 && story.error().kind == Error::Kind::not_found) continue;
        if (!story) return std::unexpected(story.error());
        teller.tell(*story);
    }
    call.show(listing);
    return {};
}

constexpr Argument trace_arguments[] = {
    {"what", Kind::required, "A message as the queue names it, a Message-ID or an address"},
    {"after", Kind::option, "Only messages that came after this one"},
    {"limit", Kind::option, "How many messages at most"},
    json_flag};

constexpr Command rows[] = {
    {"", "trace",
     "Tell what happened to messages and what was found in them, from when they were accepted to their end",
     trace_arguments, Needs::services, &trace},
};

}  // namespace

std::span<const Command> trace_commands() { return rows; }

}  // namespace hongyan::admin
