// Clients that keep a copy of a mailbox and use QRESYNC do anything to it, and lose their connections at any
// moment: what they are told when they come back makes their copies true again (RFC 7162 §3.2, §6).
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/scanner.h"
#include "support/imap_world.h"

namespace hongyan::imap {
namespace {

using Copy = std::map<std::uint32_t, std::string>;  // UIDs and flags

// The text between `before` and `after`; nothing if it is not there.
std::optional<std::string> between(std::string_view line, std::string_view before, std::string_view after) {
    const auto begin = line.find(before);
    if (begin == std::string_view::npos) return std::nullopt;
    const auto from = begin + before.size();
    return std::string(line.substr(from, line.find(after, from) - from));
}
std::uint64_t number(std::string_view text) { return Scanner(text).number<std::uint64_t>(); }

class Client {
public:
    explicit Client(imap_world::World& world) : world_(world) { connect(); }

    const Copy& copy() const { return copy_; }
    std::size_t size() const { return copy_.size(); }

    // With nothing but what it has kept.
    void connect() {
        session_.emplace(world_, imap_world::open_settings(), session::Security{});
        give("LOGIN ann secret");
        give("ENABLE QRESYNC");
        const auto known = modseq_ == 0 ? "" : fmt::format(" (QRESYNC ({} {}))", uid_validity_, modseq_);
        announced_ = 0;
        give("SELECT INBOX" + known);
        give(fmt::format("UID FETCH {}:* FLAGS", copy_.empty() ? 1 : copy_.rbegin()->first + 1));
        EXPECT_EQ(copy_.size(), announced_) << "what EXISTS counted";
    }

    // Hears so many lines of the answer, and what it said last if that was its end.
    void give(const std::string& command, std::size_t lines = SIZE_MAX) {
        SCOPED_TRACE(command);
        highest_told_.reset();
        highest_seen_ = 0;
        const auto said = session_->after("t " + command + "\r\n");
        for (std::size_t begin = 0; begin < said.size() && lines > 0; --lines) {
            const auto end = said.find("\r\n", begin);
            hear(said.substr(begin, end - begin));
            begin = end + 2;
        }
        if (lines > 0) modseq_ = highest_told_.value_or(std::max(modseq_, highest_seen_));
    }

    // The same, and the UIDs of new messages are asked for.
    void give_and_learn(const std::string& command) {
        give(command);
        if (copy_.size() < announced_)
            give(fmt::format("UID FETCH {}:* FLAGS", copy_.empty() ? 1 : copy_.rbegin()->first + 1));
        EXPECT_EQ(copy_.size(), announced_) << command;
    }

private:
    void hear(const std::string& line) {
        SCOPED_TRACE(line);
        EXPECT_FALSE(line.starts_with("t BAD"));
        EXPECT_FALSE(line.contains(" EXPUNGE") && line.starts_with("* ")) << "VANISHED takes its place";
        if (const auto highest = between(line, "[HIGHESTMODSEQ ", "]")) highest_told_ = number(*highest);
        if (const auto validity = between(line, "[UIDVALIDITY ", "]")) uid_validity_ = number(*validity);
        if (line.ends_with(" EXISTS")) announced_ = number(std::string_view(line).substr(2));
        if (line.contains(" FETCH (")) fetched(line);
        Scanner in(line);
        if (in.present("* VANISHED (EARLIER) "))
            vanished(in, false);
        else if (in.present("* VANISHED "))
            vanished(in, true);
    }

    void fetched(const std::string& line) {
        const auto uid = between(line, "UID ", " ");
        const auto flags = between(line, "FLAGS (", ")");
        const auto modseq = between(line, "MODSEQ (", ")");
        if (modseq) highest_seen_ = std::max(highest_seen_, number(*modseq));
        if (uid && flags) copy_[static_cast<std::uint32_t>(number(*uid))] = without_recent(*flags);
    }
    static std::string without_recent(std::string flags) {
        if (const auto at = flags.find("\\Recent"); at != std::string::npos)
            flags.erase(at == 0 ? 0 : at - 1, 8);
        return flags;
    }

    void vanished(Scanner& in, bool counts) {
        do {
            const auto first = in.number();
            const auto last = in.present(":") ? in.number() : first;
            for (auto uid = first; uid <= last; ++uid) {
                const auto removed = copy_.erase(uid);
                if (counts) --announced_;
                if (counts) EXPECT_EQ(removed, 1U) << "only what the client knows vanishes";
            }
        } while (in.present(","));
        EXPECT_TRUE(in.complete());
    }

    imap_world::World& world_;
    std::optional<imap_world::Session> session_;
    Copy copy_;
    std::uint64_t announced_ = 0;
    std::uint64_t uid_validity_ = 0;
    std::uint64_t modseq_ = 0;
    std::optional<std::uint64_t> highest_told_;
    std::uint64_t highest_seen_ = 0;
};

std::string any_command(std::mt19937& random, std::size_t messages) {
    const auto any = messages == 0 ? 1 : random() % messages + 1;
    const std::string commands[] = {
        "APPEND INBOX {4+}\r\na\r\nb",
        "NOOP",
        "EXPUNGE",
        "UID SEARCH DELETED",
        "SEARCH ALL",
        fmt::format("STORE {} +FLAGS (\\Deleted)", any),
        fmt::format("STORE {}:* FLAGS (\\Seen)", any),
        fmt::format("STORE {} +FLAGS ($k{})", any, random() % 3),
        fmt::format("FETCH {} BODY[TEXT]", any),
        fmt::format("COPY {} INBOX", any),
        fmt::format("MOVE {} Trash", any),
    };
    const auto chosen = random() % std::size(commands);
    return messages == 0 && chosen > 4 ? commands[0] : commands[chosen];
}

Copy truth(imap_world::World& world) { return Client(world).copy(); }

TEST(Resynchronisation, MakesACopyTrueAgain) {
    for (unsigned seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE(seed);
        imap_world::World world;
        std::mt19937 random(seed);
        std::vector<std::unique_ptr<Client>> clients;
        for (int i = 0; i < 3; ++i) clients.push_back(std::make_unique<Client>(world));
        for (int step = 0; step < 300; ++step) {
            auto& client = *clients[random() % clients.size()];
            if (random() % 10 == 0) {
                client.connect();
                ASSERT_EQ(client.copy(), truth(world)) << "in step " << step;
            } else if (random() % 5 == 0) {
                client.give(any_command(random, client.size()), random() % 4);  // and the connection is lost
                client.connect();
                ASSERT_EQ(client.copy(), truth(world)) << "in step " << step;
            } else {
                client.give_and_learn(any_command(random, client.size()));
            }
        }
        for (auto& client : clients) client->give_and_learn("NOOP");
        for (auto& client : clients) EXPECT_EQ(client->copy(), truth(world));
    }
}

}  // namespace
}  // namespace hongyan::imap
