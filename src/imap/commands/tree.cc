#include "imap/commands/tree.h"

#include <algorithm>
#include <set>

#include "imap/commands/names.h"

namespace hongyan::imap::commands {
namespace {

using Subscriptions = std::set<std::string>;

Visible name_only(store::MailboxName name) {
    store::Mailbox mailbox{{}, store::no_mailbox, std::move(name), true};
    mailbox.kind = store::MailboxState::Kind::name_only;
    mailbox.use = store::SpecialUse::none;
    return {std::move(mailbox), {Right::lookup}, nullptr};
}

// What one other account shares, as its own listing has it.
class Shared {
public:
    Shared(Desk& desk, store::AccountId owner, std::string owner_name)
        : user_(desk.here.account.value()),
          owner_name_(std::move(owner_name)),
          mail_(std::make_shared<const store::View>(desk.store.account(owner).view())) {}

    Result<void> add_to(Tree& tree, Subscriptions& subscribed) const {
        TRY(const auto all, mail_->mailboxes());
        std::vector<Visible> shared;
        for (const auto& mailbox : all) {
            TRY(const auto rights, mail_->rights(mailbox.id, user_));
            if (rights.contains(Right::lookup)) shared.push_back(as_seen(mailbox, rights, subscribed));
        }
        if (shared.empty()) return {};
        for (std::size_t i = 0; i < shared.size(); ++i)
            shared[i].mailbox.has_children =
                i + 1 < shared.size() && shared[i + 1].mailbox.name.is_below(shared[i].mailbox.name);
        tree.mailboxes.push_back(name_only(owner_level()));
        add_levels(tree, shared);
        std::ranges::move(shared, std::back_inserter(tree.mailboxes));
        return {};
    }

private:
    store::MailboxName owner_level() const {
        return store::MailboxName::of_levels({std::string(others_level), owner_name_});
    }
    void add_levels(Tree& tree, const std::vector<Visible>& shared) const {
        std::set<std::string> known;
        for (const auto& [mailbox, rights, mail] : shared) known.insert(mailbox.name.text());
        for (const auto& [mailbox, rights, mail] : shared) {
            const auto levels = mailbox.name.levels();
            for (auto depth = owner_level().levels().size() + 1; depth < levels.size(); ++depth) {
                const auto above = levels.first(depth);
                auto name = store::MailboxName::of_levels({above.begin(), above.end()});
                if (known.insert(name.text()).second) tree.levels.push_back(std::move(name));
            }
        }
    }
    Visible as_seen(store::Mailbox mailbox, Rights rights, Subscriptions& subscribed) const {
        mailbox.name = name_of_others(owner_name_, mailbox.name);
        mailbox.use = store::SpecialUse::none;  // it is the owner's junk, not the reader's
        mailbox.subscribed = subscribed.erase(mailbox.name.text()) > 0;
        return {std::move(mailbox), rights, mail_};
    }

    store::AccountId user_;
    std::string owner_name_;
    std::shared_ptr<const store::View> mail_;
};

Result<void> add_shared(Desk& desk, Tree& tree, Subscriptions& subscribed) {
    TRY(const auto owners, desk.store.sharers(desk.here.account.value()));
    const auto before = tree.mailboxes.size();
    for (const auto owner : owners) {
        auto name = desk.here.people->name_of(owner);
        if (name) TRY(Shared(desk, owner, *std::move(name)).add_to(tree, subscribed));
    }
    if (tree.mailboxes.size() == before) return {};
    tree.mailboxes.insert(tree.mailboxes.begin() + static_cast<std::ptrdiff_t>(before),
                          name_only(store::MailboxName::of_levels({std::string(others_level)})));
    return {};
}

}  // namespace

Result<Tree> read_tree(Desk& desk) {
    Tree tree;
    const auto home = std::make_shared<const store::View>(desk.home().view());
    TRY(auto own, home->mailboxes());
    for (auto& mailbox : own) tree.mailboxes.push_back({std::move(mailbox), Rights::all(), home});
    TRY(tree.lost, home->lost_subscriptions());
    if (!desk.here.people) return tree;
    TRY(const auto names, home->subscriptions_elsewhere());
    Subscriptions subscribed(names.begin(), names.end());
    TRY(add_shared(desk, tree, subscribed));
    for (const auto& name : subscribed)
        if (auto lost = store::MailboxName::parse(name)) tree.lost.push_back(*std::move(lost));
    return tree;
}

}  // namespace hongyan::imap::commands
