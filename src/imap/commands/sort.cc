// SORT (RFC 5256 §3, RFC 5267 §3, RFC 5957).
#include <algorithm>
#include <iterator>

#include "imap/commands/commands.h"
#include "imap/commands/finding.h"
#include "imap/commands/keyed.h"
#include "imap/commands/messages.h"
#include "imap/commands/updating.h"
#include "imap/sort_order.h"
#include "imap/wire/sort_parser.h"

namespace hongyan::imap::commands {
namespace {

// A SORT under way: it finds, reads keys, and tells.
class Sorting {
public:
    Sorting(wire::SortArguments arguments, const Session& session, SetOf of)
        : arguments_(std::move(arguments)),
          finding_(std::move(arguments_.program), session.tag(), session.settings().keys),
          keyed_(session.settings().keys, kinds_of(arguments_.criteria), session.tag()),
          correlator_{session.tag()},
          of_(of) {}

    Step operator()(Desk& desk) {
        if (!finding_.has_begun())
            if (auto refused = begin(desk)) return *std::move(refused);
        TRY(const auto is_done, go_on(desk));
        if (!is_done) return std::nullopt;
        tell(desk);
        return ok("Sorted");
    }

private:
    std::optional<Completion> begin(Desk& desk) {
        const auto& wanted = arguments_.wanted;
        if (wanted)
            if (auto refused = tag_refusal(desk, *wanted, correlator_.tag)) return refused;
        if (auto refused = finding_.begin(desk, desk.mailbox())) return refused;
        const bool by_relevancy = std::ranges::find(arguments_.criteria, wire::SortKey::relevancy,
                                                    &wire::SortCriterion::key) != arguments_.criteria.end();
        return relevancy_refusal(finding_.search(),
                                 by_relevancy ? wire::ResultOptions{.relevancy = true} : wanted);
    }

    Result<bool> go_on(Desk& desk) {
        if (!has_found_) {
            TRY(has_found_, finding_.look(desk, desk.mailbox()));
            return false;
        }
        return keyed_.bring_forward(desk);
    }

    Found in_order() {
        auto found = finding_.take_found();
        const auto order = keyed_.with(found, [&](const MessageKeys& keys, const auto& places) {
            std::vector<int> relevancy;
            for (const auto& message : found) relevancy.push_back(message.relevancy);
            return sorted(keys, arguments_.criteria, places, relevancy);
        });
        Found ordered;
        ordered.reserve(order.size());
        for (const auto position : order) ordered.push_back(found[position]);
        return ordered;
    }

    void tell(Desk& desk) {
        const auto found = in_order();
        const auto& wanted = arguments_.wanted;
        if (!wanted) return put_sort(desk.out, found);
        put_esearch(desk.out, correlator_, *wanted, found, of_, finding_.search().asks_modseq);
        if (wanted->save) desk.mailbox().save(uids_of(pointed_at(found, *wanted)));
        if (wanted->update)
            keep_up_to_date(desk, {.tag = correlator_.tag,
                                   .of = of_,
                                   .search = finding_.take_search(),
                                   .results = results_of(found),
                                   .criteria = arguments_.criteria,
                                   .keys = keyed_.keys(),
                                   .fetched = wanted->fetched,
                                   .headers = headers_for(desk.here)});
    }

    // RFC 5256 §4; RFC 7162 §3.1.6: with the highest modseq where it was asked for.
    void put_sort(std::string& out, const Found& found) const {
        const auto to = std::back_inserter(out);
        out += "* SORT";
        for (const auto& message : found) fmt::format_to(to, " {}", message.named(of_));
        if (finding_.search().asks_modseq && !found.empty())
            fmt::format_to(to, " (MODSEQ {})", highest_of(found));
        out += "\r\n";
    }

    wire::SortArguments arguments_;
    Finding finding_;
    Keyed keyed_;
    Correlator correlator_;
    SetOf of_;
    bool has_found_ = false;
};

}  // namespace

Reaction sort(Session& session, const Arguments& arguments) {
    auto wanted = wire::read_sort(arguments.in);
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    if (wanted.wanted && wanted.wanted->save) session.note_save();
    return Job(Sorting(std::move(wanted), session, arguments.of));
}

}  // namespace hongyan::imap::commands
