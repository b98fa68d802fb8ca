// SEARCH (RFC 3501 §6.4.4, RFC 9051 §6.4.4, RFC 4731, RFC 5182, RFC 7162 §3.1.5).
#include <algorithm>
#include <iterator>
#include <ranges>

#include "imap/commands/commands.h"
#include "imap/commands/finding.h"
#include "imap/commands/messages.h"
#include "imap/commands/updating.h"
#include "imap/wire/search_parser.h"

namespace hongyan::imap::commands {
namespace {

// A SEARCH under way.
class Searching {
public:
    Searching(wire::SearchArguments arguments, const Session& session, SetOf of)
        : finding_(std::move(arguments.program), session.tag(), session.settings().keys),
          wanted_(arguments.wanted),
          correlator_{session.tag()},
          of_(of) {}

    Step operator()(Desk& desk) {
        if (!finding_.has_begun())
            if (auto refused = begin(desk)) return *std::move(refused);
        TRY(const auto is_done, finding_.look(desk, desk.mailbox()));
        if (!is_done) return std::nullopt;
        tell(desk, finding_.take_found());
        return ended(desk.out, ok("Searched"), finding_.cut());
    }

private:
    std::optional<Completion> begin(Desk& desk) {
        if (wanted_)
            if (auto refused = tag_refusal(desk, *wanted_, correlator_.tag)) return refused;
        if (auto refused = finding_.begin(desk, desk.mailbox(), Finding::Beyond::cut_short)) return refused;
        return relevancy_refusal(finding_.search(), wanted_);
    }

    void tell(Desk& desk, const Found& found) {
        const bool with_modseq = finding_.search().asks_modseq;
        if (!wanted_) return put_search(desk.out, found, with_modseq);
        put_esearch(desk.out, correlator_, *wanted_, found, of_, with_modseq);
        if (wanted_->save) desk.mailbox().save(uids_of(pointed_at(found, *wanted_)));
        if (wanted_->update)
            keep_up_to_date(desk, {.tag = correlator_.tag,
                                   .of = of_,
                                   .search = finding_.take_search(),
                                   .results = results_of(found),
                                   .fetched = wanted_->fetched,
                                   .headers = headers_for(desk.here)});
    }

    // RFC 3501 §7.2.5, RFC 7162 §3.1.5
    void put_search(std::string& out, const Found& found, bool with_modseq) const {
        const auto to = std::back_inserter(out);
        out += "* SEARCH";
        const auto put = [&](const FoundMessage& message) { fmt::format_to(to, " {}", message.named(of_)); };
        if (finding_.cut())
            std::ranges::for_each(found | std::views::reverse, put);  // RFC 9738 §3.1
        else
            std::ranges::for_each(found, put);
        if (with_modseq && !found.empty()) fmt::format_to(to, " (MODSEQ {})", highest_of(found));
        out += "\r\n";
    }

    Finding finding_;
    std::optional<wire::ResultOptions> wanted_;
    Correlator correlator_;
    SetOf of_;
};

}  // namespace

Reaction search(Session& session, const Arguments& arguments) {
    auto wanted = wire::read_search(arguments.in);
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    // RFC 6855 §3
    if (session.standing().utf8 && !wanted.program.charset.empty())
        return bad("After ENABLE UTF8=ACCEPT a search names no charset");
    // RFC 9051 §6.4.4: there is no other response in IMAP4rev2.
    if (session.standing().rev2 && !wanted.wanted) wanted.wanted = wire::ResultOptions{.all = true};
    if (wanted.wanted && wanted.wanted->save) session.note_save();
    return Job(Searching(std::move(wanted), session, arguments.of));
}

}  // namespace hongyan::imap::commands
