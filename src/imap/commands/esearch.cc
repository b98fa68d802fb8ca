// ESEARCH: one search of several mailboxes (RFC 7377 §2). The selected one, if any is, stays so.
#include <algorithm>

#include "imap/commands/commands.h"
#include "imap/commands/finding.h"
#include "imap/commands/names.h"
#include "imap/commands/tree.h"
#include "imap/commands/updating.h"
#include "imap/wire/multi_search.h"
#include "imap/wire/writer.h"

namespace hongyan::imap::commands {
namespace {

using wire::MailboxFilter;
using Which = MailboxFilter::Which;

bool is_selected(const MailboxFilter& filter) { return filter.which == Which::selected; }

bool is_named(const MailboxFilter& filter, const store::Mailbox& mailbox) {
    return std::ranges::any_of(filter.names, [&](const std::string& text) {
        const auto name = store::MailboxName::parse(text);
        if (!name) return false;
        if (mailbox.name == *name) return true;
        if (filter.which == Which::mailboxes || !mailbox.name.is_below(*name)) return false;
        return filter.which == Which::subtree || mailbox.name.levels().size() == name->levels().size() + 1;
    });
}

// A mailbox to be searched: one's own, or one that somebody shares.
struct Target {
    store::AccountId account;
    store::Mailbox mailbox;
    Rights rights;
};

bool is_of(const Standing& here, const Target& target) {
    return here.mailbox && here.mailbox->account() == target.account &&
           here.mailbox->id() == target.mailbox.id;
}

bool means(const MailboxFilter& filter, const Target& target, const Standing& here) {
    const auto& mailbox = target.mailbox;
    const bool is_own = here.account == target.account;
    switch (filter.which) {
        case Which::selected:
            return is_of(here, target);
        case Which::inboxes:  // where mail is delivered to (RFC 5465 §6.3)
            return is_own && (mailbox.id == store::inbox || mailbox.use == store::SpecialUse::junk);
        case Which::personal:
            return is_own;
        case Which::subscribed:
            return mailbox.subscribed;
        default:
            return is_named(filter, mailbox);
    }
}

// An ESEARCH under way: one mailbox after the other, each found once however often it is meant.
class SearchingMany {
public:
    SearchingMany(wire::MultiSearchArguments arguments, std::string tag)
        : arguments_(std::move(arguments)),
          wanted_(arguments_.wanted.value_or(wire::ResultOptions{.all = true})),
          tag_(std::move(tag)) {
        if (arguments_.sources.empty()) arguments_.sources = {MailboxFilter{}};
    }

    Step operator()(Desk& desk) {
        if (!has_begun_)
            if (auto refused = tag_refused(desk)) return *std::move(refused);
        if (!std::exchange(has_begun_, true)) TRY(choose(desk));
        TRY(leave_what_is_closed(desk));
        if (!finding_ && !left_.empty()) {
            TRY(auto refused, begin(desk));
            if (refused) return *std::move(refused);
        }
        if (finding_) TRY(go_on(desk));
        if (finding_ || !left_.empty()) return std::nullopt;
        return ok("Searched");
    }

private:
    std::optional<Completion> tag_refused(const Desk& desk) const {
        return desk.here.mailbox ? tag_refusal(desk, wanted_, tag_) : std::nullopt;
    }

    Result<void> choose(Desk& desk) {
        const auto& sources = arguments_.sources;
        if (std::ranges::any_of(sources, is_selected)) TRY(choose_selected(desk));
        if (!std::ranges::all_of(sources, is_selected)) TRY(choose_listed(desk));
        std::ranges::reverse(left_);
        return {};
    }

    // Whether it is in a listing or not. The rights are those of now, not of the last command: in what may be
    // read no longer nothing is found, and the session ends (RFC 4314 §5.1.1).
    Result<void> choose_selected(Desk& desk) {
        const auto& selected = desk.mailbox();
        const auto mail = desk.store.account(selected.account()).view();
        auto mailbox = mail.mailbox(selected.id());
        if (!mailbox && mailbox.error().kind == Error::Kind::not_found) return {};
        TRY(mailbox);
        TRY(const auto rights, mail.rights(selected.id(), desk.here.account.value()));
        if (!rights.contains(Right::read)) return {};
        if (selected.account() != desk.here.account) {
            TRY(const auto owner, desk.here.people->name_of(selected.account()));
            mailbox->name = name_of_others(owner, mailbox->name);
        }
        left_.push_back({selected.account(), *std::move(mailbox), rights});
        return {};
    }

    Result<void> choose_listed(Desk& desk) {
        TRY(auto tree, read_tree(desk));
        const bool has_selected = !left_.empty();
        for (auto& visible : tree.mailboxes) {
            const bool is_open = visible.mail && visible.mailbox.selectable();
            if (!is_open || !visible.rights.contains(Right::read)) continue;
            Target target{visible.mail->account(), std::move(visible.mailbox), visible.rights};
            if (has_selected && is_of(desk.here, target)) continue;
            const auto is_meant = [&](const MailboxFilter& filter) {
                return means(filter, target, desk.here);
            };
            if (std::ranges::any_of(arguments_.sources, is_meant)) left_.push_back(std::move(target));
        }
        return {};
    }

    bool is_here(const Desk& desk) const { return is_of(desk.here, left_.back()); }
    const Selected& mailbox(const Desk& desk) const { return is_here(desk) ? *desk.here.mailbox : *opened_; }

    // Of others: their rights may have been taken away since the last portion (RFC 4314 §5.1.1).
    Result<void> leave_what_is_closed(const Desk& desk) {
        while (!left_.empty() && left_.back().account != desk.here.account) {
            const auto mail = desk.store.account(left_.back().account).view();
            const auto rights = mail.rights(left_.back().mailbox.id, desk.here.account.value());
            const bool is_gone = !rights && rights.error().kind == Error::Kind::not_found;
            if (!is_gone) TRY(rights);
            if (!is_gone && rights->contains(Right::read)) break;
            leave();
        }
        return {};
    }

    void leave() {
        finding_.reset();
        opened_.reset();
        left_.pop_back();
    }

    // A mailbox that has gone meanwhile is passed over.
    Result<std::optional<Completion>> begin(Desk& desk) {
        if (!is_here(desk)) {
            auto opened = Selected::open(desk.store.account(left_.back().account), left_.back().mailbox,
                                         Access::read_only, left_.back().rights);
            if (!opened && opened.error().kind != Error::Kind::not_found)
                return std::unexpected(opened.error());
            if (!opened) return leave(), std::nullopt;
            opened_ = *std::move(opened);
        }
        finding_.emplace(arguments_.program, tag_);
        if (auto refused = finding_->begin(desk, mailbox(desk))) return refused;
        return relevancy_refusal(finding_->search(), wanted_);
    }

    Result<void> go_on(Desk& desk) {
        TRY(const auto is_done, finding_->look(desk, mailbox(desk)));
        if (!is_done) return {};
        tell(desk, finding_->take_found());
        leave();
        return {};
    }

    // RFC 7377 §2.1: nothing of a mailbox in which nothing was found.
    void tell(Desk& desk, const Found& found) {
        Correlator correlator{.tag = tag_, .uid_validity = mailbox(desk).uid_validity()};
        wire::put_mailbox(correlator.mailbox, left_.back().mailbox.name.text(), desk.here.names);
        if (!found.empty())
            put_esearch(desk.out, correlator, wanted_, found, SetOf::uids, finding_->search().asks_modseq);
        if (wanted_.save) desk.mailbox().save(uids_of(pointed_at(found, wanted_)));
        if (wanted_.update && is_here(desk))
            keep_up_to_date(desk, {.tag = tag_,
                                   .of = SetOf::uids,
                                   .search = finding_->take_search(),
                                   .results = results_of(found),
                                   .fetched = wanted_.fetched,
                                   .headers = headers_for(desk.here)});
    }

    wire::MultiSearchArguments arguments_;
    wire::ResultOptions wanted_;
    std::string tag_;
    bool has_begun_ = false;
    std::vector<Target> left_;        // the next one is the last
    std::optional<Selected> opened_;  // unless it is the selected one
    std::optional<Finding> finding_;
};

// RFC 7377 §2.2
std::optional<Completion> refused(const Session& session, const wire::MultiSearchArguments& wanted) {
    const bool only_selected = std::ranges::all_of(wanted.sources, is_selected);
    const bool any_selected = wanted.sources.empty() || std::ranges::any_of(wanted.sources, is_selected);
    const bool is_there = session.state() == State::selected;
    if (any_selected && !is_there) return bad("No mailbox is selected");
    if (wanted.wanted && wanted.wanted->save && !only_selected)
        return bad("SAVE is for the selected mailbox alone");
    if (wanted.wanted && wanted.wanted->update && !is_there) return bad("UPDATE is for the selected mailbox");
    return std::nullopt;
}

}  // namespace

Reaction esearch(Session& session, const Arguments& arguments) {
    auto wanted = wire::read_multi_search(arguments.in);
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    if (auto completion = refused(session, wanted)) return *std::move(completion);
    if (wanted.wanted && wanted.wanted->save) session.note_save();
    return Job(SearchingMany(std::move(wanted), session.tag()));
}

}  // namespace hongyan::imap::commands
