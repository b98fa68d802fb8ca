#include "spam/teaching.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "classify/features.h"

namespace hongyan::spam {

namespace {

using classify::Label;
using store::Change;
using store::MessageId;
using store::ModSeq;
using store::SpecialUse;

// So many modification sequences are looked at together.
constexpr std::uint64_t window = 500;

constexpr std::array<std::string_view, 2> junk_keywords{"$Junk", "Junk"};
constexpr std::array<std::string_view, 3> good_keywords{"$NotJunk", "NotJunk", "NonJunk"};

// What happened to one message.
struct Hints {
    bool into_junk = false;
    bool out_of_junk = false;
    bool filed = false;
    bool flags = false;
    bool destroyed = false;
    bool came_into_junk = false;  // new to the account
    bool came_to_be_kept = false;

    // Not delivered but brought by a program of the account's: a choice of its owner.
    void note_brought() {
        into_junk = into_junk || came_into_junk;
        filed = filed || came_to_be_kept;
    }
    friend bool operator==(const Hints&, const Hints&) = default;
};
using Candidates = std::map<MessageId, Hints>;

// Mailboxes into which mail goes that somebody wants to keep.
bool is_for_keeping(const store::Mailbox& mailbox) {
    return mailbox.id != store::inbox &&
           (mailbox.use == SpecialUse::none || mailbox.use == SpecialUse::archive ||
            mailbox.use == SpecialUse::important);
}

void note(Candidates& candidates, const store::Mailbox& mailbox, const store::ChangeRun& run) {
    const bool is_junk = mailbox.use == SpecialUse::junk;
    for (std::uint32_t i = 0; i < run.count; ++i) {
        Hints hints;
        hints.into_junk = is_junk && run.change == Change::joined;
        hints.out_of_junk = is_junk && run.change == Change::left;
        hints.filed = run.change == Change::joined && is_for_keeping(mailbox);
        hints.destroyed = run.change == Change::destroyed;
        hints.came_into_junk = is_junk && run.change == Change::appended;
        hints.came_to_be_kept = run.change == Change::appended && is_for_keeping(mailbox);
        if (hints == Hints{}) continue;
        auto& all = candidates[MessageId(run.message.value() + i)];
        all.into_junk = all.into_junk || hints.into_junk;
        all.out_of_junk = all.out_of_junk || hints.out_of_junk;
        all.filed = all.filed || hints.filed;
        all.flags = all.flags || hints.flags;
        all.destroyed = all.destroyed || hints.destroyed;
        all.came_into_junk = all.came_into_junk || hints.came_into_junk;
        all.came_to_be_kept = all.came_to_be_kept || hints.came_to_be_kept;
    }
}

bool is_called_junk(const store::Flags& flags) {
    return std::ranges::any_of(junk_keywords,
                               [&](std::string_view keyword) { return flags.contains(keyword); });
}
bool is_called_good(const store::Flags& flags) {
    return std::ranges::any_of(good_keywords,
                               [&](std::string_view keyword) { return flags.contains(keyword); });
}

store::UidRange uids_of(const store::ChangeRun& run) {
    return {run.first, store::Uid(run.first.value() + run.count - 1)};
}

// Of messages whose flags have changed, those of which they say something: that others were read or flagged
// is told by entries at hand, and nothing more of them need be looked at.
Result<void> note_flags(Candidates& candidates, const store::View& view, store::MailboxId mailbox,
                        const store::UidSet& changed) {
    if (changed.empty()) return {};
    return view.each_entry(mailbox, changed, [&](const store::Entry& entry) -> Result<void> {
        const auto& flags = entry.flags;
        if (flags.contains(store::Flag::answered) || is_called_junk(flags) || is_called_good(flags))
            candidates[entry.message].flags = true;
        return {};
    });
}

using Mailboxes = std::map<store::MailboxId, store::Mailbox>;

Result<Candidates> candidates_of(const store::View& view, const Mailboxes& mailboxes, ModSeq since,
                                 ModSeq until) {
    Candidates candidates;
    for (const auto& [id, mailbox] : mailboxes) {
        if (mailbox.highest_modseq <= since) continue;
        store::UidSet changed;
        const auto walked =
            view.each_change(id, since, [&](ModSeq modseq, const auto& record) -> Result<void> {
                if (modseq > until) return fail(Error::Kind::exists, "far enough");
                for (const auto& run : record.runs) {
                    note(candidates, mailbox, run);
                    if (run.change == Change::changed) changed.add(uids_of(run));
                }
                return {};
            });
        if (!walked && walked.error().kind != Error::Kind::exists) return std::unexpected(walked.error());
        TRY(note_flags(candidates, view, id, changed));
    }
    return candidates;
}

// Where a message is now, and what is said of it there.
struct Standing {
    bool in_junk = false;
    bool kept = false;  // in a mailbox that is neither for junk nor for trash
    bool called_junk = false;
    bool called_good = false;
    bool answered = false;
};

Result<Standing> standing_of(const store::View& view, const Mailboxes& mailboxes,
                             const store::Message& message) {
    Standing standing;
    for (const auto& home : message.homes) {
        const auto mailbox = mailboxes.find(home.mailbox);
        if (mailbox == mailboxes.end()) continue;
        const auto use = mailbox->second.use;
        standing.in_junk = standing.in_junk || use == SpecialUse::junk;
        standing.kept = standing.kept || (use != SpecialUse::junk && use != SpecialUse::trash);
        TRY(const auto entry, view.entry(home.mailbox, home.uid));
        if (!entry) continue;
        standing.called_junk = standing.called_junk || is_called_junk(entry->flags);
        standing.called_good = standing.called_good || is_called_good(entry->flags);
        standing.answered = standing.answered || entry->flags.contains(store::Flag::answered);
    }
    return standing;
}

std::optional<Label> label_of(const Hints& hints, const Standing& standing) {
    if (standing.called_good) return Label::good;
    if (standing.called_junk) return Label::junk;
    if (hints.into_junk && standing.in_junk) return Label::junk;
    if (standing.in_junk || !standing.kept) return std::nullopt;
    if (hints.out_of_junk || hints.filed || (hints.flags && standing.answered)) return Label::good;
    return std::nullopt;
}

// How a message was learned, as one octet.
struct Learned {
    Label label = Label::good;
    bool shared = true;  // by the shared model too

    static constexpr unsigned junk_bit = 1, own_bit = 2;
    static Learned decode(std::string_view octet) {
        const unsigned bits = octet.empty() ? 0U : static_cast<unsigned char>(octet.front());
        return {.label = (bits & junk_bit) != 0 ? Label::junk : Label::good, .shared = (bits & own_bit) == 0};
    }
    std::string encode() const {
        const unsigned bits = (label == Label::junk ? junk_bit : 0U) | (shared ? 0U : own_bit);
        return {static_cast<char>(bits)};
    }
    Pupil::Whose whose() const { return shared ? Pupil::Whose::all : Pupil::Whose::own; }
};

// What an account has taught the shared model on one day.
struct Lessons {
    std::uint64_t day = 0;  // since 1970 UTC
    std::uint64_t count = 0;

    static Lessons decode(std::string_view in) {
        Lessons lessons;
        lessons.day = bytes::take_varint(in).value_or(0);
        lessons.count = bytes::take_varint(in).value_or(0);
        return lessons;
    }
    std::string encode() const {
        std::string out;
        bytes::put_varint(out, day);
        bytes::put_varint(out, count);
        return out;
    }
};

// What one message teaches.
struct Task {
    MessageId message;
    std::optional<Learned> before;  // as it was learned already
    std::optional<Label> now;       // nothing: it is gone
};

class Teacher {
public:
    Teacher(store::Store& store, Models& models, AccountId account, const TeachingRules& rules)
        : store_(store),
          models_(models),
          account_(account),
          rules_(rules),
          view_(store.account(account).view()),
          snapshot_(store.engine().snapshot(engine::Scope::account(account))) {}

    Result<bool> run(const std::function<bool()>& stopped) {
        TRY(const auto state, view_.state());
        TRY(const auto since, learned_until());
        if (since >= state.modseq) return false;
        const ModSeq until(std::min(state.modseq.value(), since.value() + window));
        TRY(const auto tasks, tasks_between(since, until));
        TRY(lessons_, lessons_of_today());
        // That nothing was found is not worth a commit until it would be long to look for again.
        if (tasks.empty() && until.value() - since.value() < window) return false;
        std::size_t done = 0;
        do {
            if (stopped && stopped()) return fail(Error::Kind::unavailable, "the program ends");
            const auto count = std::min(tasks.size() - done, Models::most_lessons / 2);
            const bool is_last = done + count == tasks.size();
            TRY(teach({tasks.data() + done, count}, is_last ? std::optional(until) : std::nullopt));
            done += count;
        } while (done < tasks.size());
        return until < state.modseq;
    }

private:
    Result<ModSeq> learned_until() const {
        TRY(const auto kept, snapshot_->get(Memory::modseq()));
        if (!kept) return ModSeq();
        std::string_view in = *kept;
        return ModSeq(bytes::take_varint(in).value_or(0));
    }

    Result<std::vector<Task>> tasks_between(ModSeq since, ModSeq until) {
        TRY(const auto list, view_.mailboxes());
        Mailboxes mailboxes;
        for (const auto& mailbox : list) mailboxes.emplace(mailbox.id, mailbox);
        TRY(const auto candidates, candidates_of(view_, mailboxes, since, until));
        std::vector<Task> tasks;
        for (const auto& [id, hints] : candidates) {
            TRY(const auto before, learned_of(id));
            const auto message = view_.message(id);
            if (!message && message.error().kind != Error::Kind::not_found)
                return std::unexpected(message.error());
            if (!message) {
                if (before) tasks.push_back({id, before, std::nullopt});
                continue;
            }
            TRY(const auto standing, standing_of(view_, mailboxes, *message));
            auto what = hints;
            if (message->prefix.empty()) what.note_brought();
            const auto now = label_of(what, standing);
            if (now && (!before || *now != before->label)) tasks.push_back({id, before, now});
        }
        return tasks;
    }

    Result<std::optional<Learned>> learned_of(MessageId id) const {
        TRY(const auto kept, snapshot_->get(Memory::of_message(id.value())));
        if (!kept) return std::nullopt;
        return Learned::decode(*kept);
    }

    Result<Lessons> lessons_of_today() const {
        using std::chrono::days, std::chrono::floor;
        TRY(const auto kept, snapshot_->get(Memory::lessons_of_a_day()));
        const auto today =
            static_cast<std::uint64_t>(floor<days>(store_.clock().now().time_since_epoch()).count());
        const auto known = Lessons::decode(kept.value_or(""));
        return known.day == today ? known : Lessons{.day = today};
    }

    bool may_share() const {
        return rules_.shared && (rules_.lessons_of_a_day == 0 || lessons_.count < rules_.lessons_of_a_day);
    }

    // The lessons are given again where others teach meanwhile.
    Result<void> teach(std::span<const Task> tasks, std::optional<ModSeq> until) {
        const auto before = lessons_;
        return models_.teach({.account = account_, .shared = rules_.shared},
                             [&](Pupil& pupil) -> Result<void> {
                                 lessons_ = before;
                                 for (const auto& task : tasks) TRY(teach(pupil, task));
                                 if (lessons_.count != before.count)
                                     pupil.put(Memory::lessons_of_a_day(), lessons_.encode());
                                 if (!until) return {};
                                 std::string modseq;
                                 bytes::put_varint(modseq, until->value());
                                 pupil.put(Memory::modseq(), std::move(modseq));
                                 return {};
                             });
    }

    Result<void> teach(Pupil& pupil, const Task& task) {
        const auto key = Memory::of_message(task.message.value());
        if (!task.now) {
            pupil.erase(key);
            return {};
        }
        TRY(const auto message, view_.message(task.message));
        const auto raw = view_.read(task.message);
        // What the disk has damaged teaches nothing, and keeps nothing else from being learned.
        if (!raw && raw.error().kind != Error::Kind::corrupt) return std::unexpected(raw.error());
        if (!raw) return {};
        const auto seen = classify::look_at(*raw, message.received);
        if (task.before) pupil.unlearn(seen.features, task.before->label, task.before->whose());
        const Learned learned{.label = *task.now, .shared = may_share()};
        if (learned.shared) ++lessons_.count;
        pupil.learn(seen.features, learned.label, learned.whose());
        pupil.put(key, learned.encode());
        return {};
    }

    store::Store& store_;
    Models& models_;
    AccountId account_;
    TeachingRules rules_;
    store::View view_;
    std::unique_ptr<engine::Snapshot> snapshot_;
    Lessons lessons_;  // of today
};

}  // namespace

Result<bool> teach_portion(store::Store& store, Models& models, AccountId account, const TeachingRules& rules,
                           const std::function<bool()>& stopped) {
    return Teacher(store, models, account, rules).run(stopped);
}

}  // namespace hongyan::spam
