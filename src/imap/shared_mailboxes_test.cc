// Eight sessions do anything to three mailboxes that they share, for a minute. A referee, another session,
// looks after each step: what is there is what the commands given so far lead to, and what each session has
// been told is true (RFC 3501 §2.3.1, §7.4.1; RFC 7162 §3.1, §3.2).
//
// HONGYAN_SESSIONS_SECONDS makes it longer, HONGYAN_SESSIONS_SEED begins with another seed; a failure names
// the seed that shows it again.
#include <chrono>
#include <cstdlib>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/imap_believer.h"
#include "support/imap_truth.h"
#include "support/imap_world.h"

namespace hongyan::imap {
namespace {

using imap_world::Believer;
using imap_world::FlagSet;
using imap_world::FlagWork;
using imap_world::TrueMailbox;

constexpr std::string_view names[] = {"INBOX", "a", "b"};
constexpr std::string_view some_flags[] = {"\\Seen", "\\Deleted", "\\Flagged", "$Forwarded", "work"};
constexpr int sessions = 8;
constexpr int steps = 250;

// One life of the mailboxes, the same for the same seed.
class Life {
public:
    explicit Life(std::uint32_t seed) : dice_(seed), referee_(world_, Believer::Kind::condstore) {
        referee_.give("CREATE a");
        referee_.give("CREATE b");
        for (const auto name : names) truth_[std::string(name)];
        for (int i = 0; i < sessions; ++i) {
            clients_.push_back(std::make_unique<Believer>(world_, static_cast<Believer::Kind>(i % 3)));
            clients_.back()->select(any_name());
        }
    }

    void live() {
        for (int step = 0; step < steps && !testing::Test::HasFailure(); ++step) {
            SCOPED_TRACE(fmt::format("step {}", step));
            act(*clients_[below(sessions)]);
        }
        for (auto& client : clients_) expect_up_to_date(*client);
    }

private:
    using Step = void (Life::*)(Believer&);

    void act(Believer& client) {
        constexpr Step any[] = {&Life::append, &Life::append, &Life::select, &Life::look,    &Life::look,
                                &Life::store,  &Life::store,  &Life::store,  &Life::expunge, &Life::copy,
                                &Life::move,   &Life::search, &Life::status, &Life::rest,    &Life::idle};
        (this->*any[below(std::size(any))])(client);
    }

    std::size_t below(std::size_t end) { return dice_() % end; }
    bool one_in(std::size_t count) { return below(count) == 0; }
    std::string any_name() { return std::string(names[below(std::size(names))]); }
    FlagSet any_flags() {
        FlagSet flags;
        for (const auto flag : some_flags)
            if (one_in(3)) flags.insert(std::string(flag));
        return flags;
    }
    TrueMailbox& truth_of(const Believer& client) { return truth_[client.mailbox()]; }

    // Some messages that the client knows of, and how it names them.
    struct Some {
        bool by_uid = false;
        std::string set;
        std::vector<std::uint32_t> uids;
        bool all_there = true;
        bool has(std::uint32_t uid) const { return std::ranges::find(uids, uid) != uids.end(); }
    };
    Some any_messages(Believer& client) {
        Some some;
        some.by_uid = one_in(2);
        const auto first = below(client.known().size());
        const auto last = std::min(first + below(4), client.known().size() - 1);
        for (auto i = first; i <= last; ++i) {
            const auto uid = client.known()[i].uid;
            some.uids.push_back(uid);
            some.all_there &= truth_of(client).messages.contains(uid);
        }
        some.set = some.by_uid ? fmt::format("{}:{}", some.uids.front(), some.uids.back())
                               : fmt::format("{}:{}", first + 1, last + 1);
        return some;
    }
    static std::string text(const FlagSet& flags) { return fmt::format("({})", fmt::join(flags, " ")); }

    void append(Believer& client) {
        const auto name = any_name();
        const auto flags = any_flags();
        const auto uid = truth_[name].append(flags);
        client.give_and_learn(fmt::format("APPEND {} {} {{4+}}\r\na\r\nb", name, text(flags)));
        EXPECT_THAT(said_of(client, "t OK"), testing::HasSubstr(fmt::format(" {}]", uid)));
        referee_looks(name);
    }

    void select(Believer& client) {
        client.select(any_name());
        expect_up_to_date(client);
    }

    void look(Believer& client) {
        if (client.known().empty()) return;
        const auto some = any_messages(client);
        client.give_and_learn(fmt::format("{}FETCH {} (UID FLAGS)", some.by_uid ? "UID " : "", some.set));
        expect_true(client);
    }

    void store(Believer& client) {
        if (client.known().empty()) return;
        const auto some = any_messages(client);
        const auto work = static_cast<FlagWork>(below(3));
        const auto flags = any_flags();
        const bool silent = one_in(2);
        std::optional<std::uint64_t> unchanged_since;
        if (client.kind() != Believer::Kind::plain && one_in(3))
            unchanged_since = client.known()[below(client.known().size())].modseq;
        std::set<std::uint32_t> refused;
        for (const auto uid : some.uids) {
            const auto message = truth_of(client).messages.find(uid);
            if (message == truth_of(client).messages.end()) continue;
            if (unchanged_since && message->second.modseq > *unchanged_since)
                refused.insert(uid);
            else
                message->second.flags = worked_on(message->second.flags, work, flags);
        }
        client.give(fmt::format("{}STORE {} {}{}FLAGS{} {}", some.by_uid ? "UID " : "", some.set,
                                unchanged_since ? fmt::format("(UNCHANGEDSINCE {}) ", *unchanged_since) : "",
                                work == FlagWork::add      ? "+"
                                : work == FlagWork::remove ? "-"
                                                           : "",
                                silent ? ".SILENT" : "", text(flags)));
        EXPECT_EQ(client.tagged().contains("[MODIFIED"), !refused.empty()) << client.tagged();
        // Who asks for silence works out by itself what has become of the flags.
        if (silent) assume(client, some, refused, work, flags);
        client.give_and_learn("CHECK");
        referee_looks(client.mailbox());
        expect_true(client);
    }

    static void assume(Believer& client, const Some& some, const std::set<std::uint32_t>& refused,
                       FlagWork work, const FlagSet& flags) {
        for (auto& known : client.known())
            if (some.has(known.uid) && !refused.contains(known.uid) && known.flags)
                known.flags = worked_on(*known.flags, work, flags);
    }

    void expunge(Believer& client) {
        auto& mailbox = truth_of(client);
        for (const auto uid : mailbox.with("\\Deleted"))
            if (client.knows(uid)) mailbox.messages.erase(uid);
        client.give_and_learn("EXPUNGE");
        referee_looks(client.mailbox());
        expect_up_to_date(client);
    }

    // Of numbers, all or none; of UIDs, those that are there.
    void copy(Believer& client) {
        transfer(client, "COPY", [](const Some& some) { return !some.by_uid; });
    }
    void move(Believer& client) {
        transfer(client, "MOVE", [](const Some&) { return false; });
    }
    template <typename AllOrNone>
    void transfer(Believer& client, std::string_view verb, AllOrNone all_or_none) {
        if (client.known().empty()) return;
        const auto some = any_messages(client);
        const auto to = any_name();
        const auto from = client.mailbox();
        // What is taken back takes UIDs all the same: only the referee knows how many.
        if (all_or_none(some) && !some.all_there) return;
        std::vector<FlagSet> copied;
        for (const auto uid : some.uids) {
            const auto message = truth_[from].messages.find(uid);
            if (message == truth_[from].messages.end()) continue;
            copied.push_back(message->second.flags);
            if (verb == "MOVE") truth_[from].messages.erase(message);
        }
        for (const auto& flags : copied) truth_[to].append(flags);
        client.give_and_learn(fmt::format("{}{} {} {}", some.by_uid ? "UID " : "", verb, some.set, to));
        referee_looks(from);
        referee_looks(to);
        expect_true(client);
    }

    void search(Believer& client) {
        const auto flag = one_in(2) ? std::string("\\Seen") : std::string("work");
        const auto key = flag == "work" ? "KEYWORD work" : "SEEN";
        const bool by_uid = one_in(2);
        std::string expected = "* SEARCH";
        for (std::size_t i = 0; i < client.known().size(); ++i) {
            const auto uid = client.known()[i].uid;
            const auto message = truth_of(client).messages.find(uid);
            if (message != truth_of(client).messages.end() && message->second.flags.contains(flag))
                expected += fmt::format(" {}", by_uid ? uid : i + 1);
        }
        client.give_and_learn(fmt::format("{}SEARCH {}", by_uid ? "UID " : "", key));
        EXPECT_EQ(said_of(client, "* SEARCH"), expected);
    }

    void status(Believer& client) {
        const auto name = any_name();
        const auto& mailbox = truth_[name];
        client.give_and_learn(fmt::format("STATUS {} (MESSAGES UIDNEXT UNSEEN)", name));
        EXPECT_EQ(said_of(client, "* STATUS"),
                  fmt::format("* STATUS {} (MESSAGES {} UIDNEXT {} UNSEEN {})", name, mailbox.messages.size(),
                              mailbox.uid_next, mailbox.messages.size() - mailbox.with("\\Seen").size()));
    }

    void rest(Believer& client) { expect_up_to_date(client); }
    void idle(Believer& client) {
        client.idle();
        expect_all_known(client);
    }

    static std::string said_of(const Believer& client, std::string_view begin) {
        for (const auto& line : client.lines())
            if (line.starts_with(begin)) return line;
        return "nothing";
    }

    // The mailbox as it is, from a session that knows nothing: what the commands lead to, with UIDs that
    // ascend, and modseqs that move when flags do, and not otherwise.
    void referee_looks(const std::string& name) {
        SCOPED_TRACE("the referee looks at " + name);
        referee_.select(name);
        auto& mailbox = truth_[name];
        const auto highest = mailbox.highest();
        std::map<std::uint32_t, imap_world::TrueMessage> there;
        for (const auto& known : referee_.known()) there[known.uid] = {known.flags.value(), known.modseq};
        EXPECT_EQ(there.size(), referee_.known().size());
        EXPECT_THAT(uids_of(there), testing::ElementsAreArray(uids_of(mailbox.messages)));
        for (const auto& [uid, message] : there) {
            const auto expected = mailbox.messages.find(uid);
            if (expected == mailbox.messages.end()) continue;
            EXPECT_EQ(message.flags, expected->second.flags) << "UID " << uid;
            const auto before = seen_[name].find(uid);
            if (before == seen_[name].end() || before->second.flags != message.flags)
                EXPECT_GT(message.modseq, highest) << "UID " << uid;
            else
                EXPECT_EQ(message.modseq, before->second.modseq) << "UID " << uid;
        }
        seen_[name] = there;
        mailbox.messages = std::move(there);
    }
    template <typename Messages>
    static std::vector<std::uint32_t> uids_of(const Messages& messages) {
        std::vector<std::uint32_t> uids;
        for (const auto& [uid, message] : messages) uids.push_back(uid);
        return uids;
    }

    // Of what is still there, the client knows the flags as they are.
    void expect_true(const Believer& client) {
        for (const auto& known : client.known()) {
            const auto message = truth_of(client).messages.find(known.uid);
            if (message != truth_of(client).messages.end())
                EXPECT_EQ(known.flags, message->second.flags) << client.mailbox() << " UID " << known.uid;
        }
    }
    void expect_all_known(const Believer& client) {
        std::vector<std::uint32_t> uids;
        for (const auto& known : client.known()) uids.push_back(known.uid);
        EXPECT_EQ(uids, uids_of(truth_of(client).messages));
        expect_true(client);
    }
    void expect_up_to_date(Believer& client) {
        client.give_and_learn("NOOP");
        expect_all_known(client);
    }

    std::mt19937 dice_;
    imap_world::World world_;
    std::map<std::string, TrueMailbox> truth_;
    std::map<std::string, std::map<std::uint32_t, imap_world::TrueMessage>> seen_;
    Believer referee_;
    std::vector<std::unique_ptr<Believer>> clients_;
};

std::uint32_t number_from_environment(const char* name, std::uint32_t otherwise) {
    const auto* const text = std::getenv(name);
    return text != nullptr ? static_cast<std::uint32_t>(std::stoul(text)) : otherwise;
}

TEST(SharedMailboxes, HoldWhatWasDoneToThemAndEachSessionIsToldTheTruth) {
    using Time = std::chrono::steady_clock;
    const auto end =
        Time::now() + std::chrono::seconds(number_from_environment("HONGYAN_SESSIONS_SECONDS", 60));
    auto seed = number_from_environment("HONGYAN_SESSIONS_SEED", 1);
    int lives = 0;
    for (; Time::now() < end && !HasFailure(); ++seed, ++lives) {
        SCOPED_TRACE(fmt::format("HONGYAN_SESSIONS_SEED={}", seed));
        Life(seed).live();
    }
    RecordProperty("lives", lives);
}

}  // namespace
}  // namespace hongyan::imap
