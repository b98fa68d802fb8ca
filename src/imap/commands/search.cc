// SEARCH (RFC 3501 §6.4.4, RFC 7162 §3.1.5).
#include <algorithm>

#include "imap/commands/commands.h"
#include "imap/commands/messages.h"
#include "imap/search_match.h"
#include "imap/wire/search_parser.h"
#include "imap/wire/writer.h"
#include "message/charset.h"

namespace hongyan::imap::commands {
namespace {

// Messages looked at before others get a turn: text costs about a millisecond each.
constexpr std::size_t texts_at_once = 200;
constexpr std::size_t entries_at_once = 50'000;

// NO [BADCHARSET (…)] lists what we know; other trouble with what was asked is BAD.
Completion search_refusal(const Error& error) {
    if (error.kind == Error::Kind::invalid) return bad("Not possible: " + error.message);
    if (error.kind != Error::Kind::unsupported) return refusal(error);
    std::string names;
    for (const auto name : message::supported_charsets()) {
        if (!names.empty()) names += ' ';
        wire::put_astring(names, name);
    }
    return {wire::Condition::no, {wire::Code::bad_charset, "(" + names + ")", "That charset is not known"}};
}

// A SEARCH under way.
class Searching {
public:
    Searching(wire::SearchArguments arguments, SetOf of) : arguments_(std::move(arguments)), of_(of) {}

    Step operator()(Desk& desk) {
        if (!search_) {
            auto prepared = prepare(arguments_, desk.mailbox());
            if (!prepared) return search_refusal(prepared.error());
            search_ = *std::move(prepared);
            if (search_->asks_modseq) count_on_modseq(desk);
            // UID SEARCH 1:10 speaks of numbers too (RFC 7162 §3.2.10.2).
            if (search_->names_numbers) desk.numbers = Numbers::must_hold_still;
            left_ = desk.mailbox().view().uids();
        }
        TRY(look_at(desk, take_portion()));
        if (!left_.empty()) return std::nullopt;
        put_found(desk.out);
        return ok("Searched");
    }

private:
    UidSet take_portion() {
        auto most = search_->cost == Cost::entry ? entries_at_once : texts_at_once;
        UidSet portion;
        for (const auto& range : left_.ranges()) {
            const auto count = static_cast<std::uint32_t>(std::min<std::uint64_t>(range.size(), most));
            if (count == 0) break;
            portion.add(store::UidRange{range.first, Uid(range.first.value() + count - 1)});
            most -= count;
        }
        left_.remove(portion);
        return portion;
    }

    Result<void> look_at(Desk& desk, const UidSet& uids) {
        const auto mail = desk.account.view();
        const auto id = desk.mailbox().id();
        if (search_->cost == Cost::entry)
            return mail.each_entry(
                id, uids, [&](const store::Entry& entry) { return test(desk, mail, entry, nullptr); });
        return mail.each_message(id, uids, [&](const store::Entry& entry, const store::MessageView& message) {
            return test(desk, mail, entry, &message);
        });
    }

    Result<void> test(Desk& desk, const store::View& mail, const store::Entry& entry,
                      const store::MessageView* message) {
        Candidate candidate(mail, desk.mailbox(), entry, message);
        const auto matches = search_->matches(candidate);
        if (!matches) return unless_expunged(matches.error());
        const auto number = desk.mailbox().view().number_of(entry.uid);
        if (!*matches || !number) return {};
        found_.push_back(of_ == SetOf::uids ? entry.uid.value() : number->value());
        highest_ = std::max(highest_, entry.modseq);
        return {};
    }

    // Since this portion began; who is gone is not looked for.
    static Result<void> unless_expunged(const Error& error) {
        if (error.kind == Error::Kind::not_found) return {};
        return std::unexpected(error);
    }

    void put_found(std::string& out) const {
        out += "* SEARCH";
        for (const auto number : found_) fmt::format_to(std::back_inserter(out), " {}", number);
        if (search_->asks_modseq && !found_.empty())
            fmt::format_to(std::back_inserter(out), " (MODSEQ {})", highest_);
        out += "\r\n";
    }

    wire::SearchArguments arguments_;
    SetOf of_;
    std::optional<Search> search_;
    UidSet left_;
    std::vector<std::uint32_t> found_;
    ModSeq highest_;
};

}  // namespace

Reaction search(Session&, const Arguments& arguments) {
    auto wanted = wire::read_search(arguments.in);
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    return Job(Searching(std::move(wanted), arguments.of));
}

}  // namespace hongyan::imap::commands
