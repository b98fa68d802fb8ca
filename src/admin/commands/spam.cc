#include <boost/json.hpp>

#include "admin/accounts.h"
#include "admin/present.h"
#include "admin/services.h"
#include "admin/spam_commands.h"
#include "admin/verdicts.h"
#include "classify/features.h"
#include "message/mailbox_file.h"
#include "spam/models.h"

namespace hongyan::admin {

namespace {

using classify::Label;
using Kind = Argument::Kind;

constexpr std::size_t most_at_once = std::size_t{1} << 30U;  // bytes of mail to learn, kept in memory

spam::Models models_of(const Call& call) { return spam::Models(call.services.kept->engine); }

Result<std::optional<store::AccountId>> account_of(const Call& call) {
    if (!call.values.given("account")) return std::nullopt;
    TRY(const auto account, account_named(call, call.values.text("account")));
    return account.id();
}

Result<void> check_message(const Call& call) {
    TRY(const auto raw, message_of(call));
    TRY(const auto account, account_of(call));
    TRY(const auto known, models_of(call).known(account));
    const auto verdict =
        classify::judge(classify::look_at(raw, call.services.clock.now()), known.knowledge());
    const std::string word = verdict.is_junk() ? "junk" : "good";
    std::vector<std::string> lines{fmt::format("{} {:.1f} points; from {:.0f} on it is junk", word,
                                               verdict.points, classify::junk_points)};
    boost::json::array reasons;
    for (const auto& line : verdict.lines) {
        lines.push_back(fmt::format("{:+5.1f} {}", line.points, printable(line.words)));
        reasons.push_back(
            boost::json::object{{"code", line.code}, {"points", line.points}, {"words", line.words}});
    }
    show_verdict(call,
                 {{"result", word},
                  {"points", verdict.points},
                  {"confidence", verdict.confidence},
                  {"reasons", std::move(reasons)}},
                 lines);
    return {};
}

// Mail to be learned, of one label.
class Pile {
public:
    // A file or folder, or else a mailbox of the account.
    Result<void> add(const Call& call, const std::string& name, std::optional<store::AccountId> account) {
        const auto path = call.path(name);
        if (name == "-" || std::filesystem::exists(path) || !account) {
            TRY(message::read_mailbox(path,
                                      [&](const message::FoundMessage& found) { return keep(found.raw); }));
            return {};
        }
        const auto view = call.services.kept->store.account(*account).view();
        TRY(const auto mailbox, mailbox_named(view, name));
        return view.each_message(mailbox.id, store::UidSet::all(),
                                 [&](const store::Entry&, const store::MessageView& message) -> Result<void> {
                                     TRY(const auto raw, view.read(message));
                                     return keep(raw);
                                 });
    }
    std::size_t size() const { return messages_.size(); }
    const std::string& operator[](std::size_t index) const { return messages_[index]; }

private:
    Result<void> keep(std::string_view raw) {
        bytes_ += raw.size();
        if (bytes_ > most_at_once)
            return fail(Error::Kind::too_large, "too much mail to learn at once: give it in parts");
        messages_.emplace_back(raw);
        return {};
    }
    std::vector<std::string> messages_;
    std::size_t bytes_ = 0;
};

struct ToLearn {
    const std::string* raw;
    Label label;
};
// Both kinds by turns, in proportion: who learns all junk first and then all good mail forgets half of it.
std::vector<ToLearn> by_turns(const Pile& junk, const Pile& good) {
    std::vector<ToLearn> all;
    std::size_t from_junk = 0, from_good = 0;
    while (from_junk < junk.size() || from_good < good.size()) {
        const bool is_junk = from_good == good.size() ||
                             (from_junk < junk.size() && from_junk * good.size() <= from_good * junk.size());
        all.push_back(is_junk ? ToLearn{&junk[from_junk++], Label::junk}
                              : ToLearn{&good[from_good++], Label::good});
    }
    return all;
}

Result<void> learn(const Call& call) {
    TRY(const auto account, account_of(call));
    Pile junk, good;
    for (const auto& name : call.values.texts("junk")) TRY(junk.add(call, name, account));
    for (const auto& name : call.values.texts("good")) TRY(good.add(call, name, account));
    if (junk.size() + good.size() == 0)
        return fail(Error::Kind::invalid, "give mail with --junk, --good or both");
    const auto all = by_turns(junk, good);
    auto models = models_of(call);
    const bool is_shared = !account || call.values.given("shared");
    for (std::size_t begin = 0; begin < all.size(); begin += spam::Models::most_lessons)
        TRY(models.teach({.account = account, .shared = is_shared}, [&](spam::Pupil& pupil) -> Result<void> {
            for (auto i = begin; i < std::min(begin + spam::Models::most_lessons, all.size()); ++i)
                pupil.learn(classify::look_at(*all[i].raw, std::nullopt).features, all[i].label);
            return {};
        }));
    call.say(fmt::format("learned {} junk and {} good messages", junk.size(), good.size()));
    return {};
}

Result<void> stats(const Call& call) {
    TRY(const auto account, account_of(call));
    TRY(const auto known, models_of(call).known(account));
    Listing listing({{"model"}, {"junk"}, {"good"}, {"features"}, {"slots"}, {"confidence"}});
    const auto add = [&](std::string name, const classify::Model& model) {
        listing.add({std::move(name), model.junk(), model.good(), model.slots_in_use(),
                     std::uint64_t{1} << model.bits(),
                     fmt::format("{:.2f}", classify::confidence(model.junk(), model.good()))});
    };
    add("shared", *known.shared);
    if (known.account) add(call.values.text("account"), *known.account);
    call.show(listing);
    return {};
}

Result<void> forget(const Call& call) {
    TRY(const auto account, account_of(call));
    TRY(models_of(call).forget(account));
    call.say(account ? "forgotten what the account has taught" : "forgotten what all have taught together");
    return {};
}

}  // namespace

std::span<const Command> spam_commands() {
    static constexpr Argument check_arguments[] = {
        message_file,
        {"account", Kind::option, "Judge it as for this account"},
        json_object_flag,
    };
    static constexpr Argument learn_arguments[] = {
        {"junk", Kind::repeated,
         "Junk: a message, an mbox, a Maildir or a folder; with --account also a mailbox"},
        {"good", Kind::repeated, "Good mail, likewise; both together are learned by turns"},
        {"account", Kind::option, "Teach the model of this account (default: the shared one)"},
        {"shared", Kind::flag, "With --account: teach the shared one too"},
    };
    static constexpr Argument stats_arguments[] = {
        {"account", Kind::option, "Show that of this account too"},
        json_flag,
    };
    static constexpr Argument forget_arguments[] = {
        {"account", Kind::option, "What this account has taught (default: what is shared)"},
    };
    static constexpr Command rows[] = {
        {"spam", "check", "Is the message junk, and why? The verdict, then each reason with its points",
         check_arguments, Needs::services, &check_message, Reads::without_file},
        {"spam", "learn", "Teach the classifier mail that somebody has sorted", learn_arguments,
         Needs::services, &learn},
        {"spam", "stats", "What the classifier has learned so far", stats_arguments, Needs::services, &stats},
        {"spam", "forget", "Let the classifier begin anew", forget_arguments, Needs::services, &forget},
    };
    return rows;
}

}  // namespace hongyan::admin
