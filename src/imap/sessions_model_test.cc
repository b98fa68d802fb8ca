// Several sessions do anything to one mailbox, and each believes only what it is told: what it believes is
// always true (RFC 3501 §2.3.1.2, §7.4.1).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/scanner.h"
#include "support/imap_world.h"

namespace hongyan::imap {
namespace {

// A client that keeps the list of messages as the protocol demands. An unknown UID is 0.
class Client {
public:
    explicit Client(imap_world::World& world)
        : session_(world, imap_world::open_settings(), session::Security{}) {
        give("LOGIN ann secret");
        give("SELECT INBOX");
    }

    // Fails the test where what is said contradicts what the client knows.
    void give(const std::string& command) {
        holds_still_ =
            !command.starts_with("UID") &&
            (command.starts_with("FETCH") || command.starts_with("STORE") || command.starts_with("SEARCH"));
        const auto said = session_.after("t " + command + "\r\n");
        for (std::size_t begin = 0; begin < said.size();) {
            const auto end = said.find("\r\n", begin);
            hear(said.substr(begin, end - begin), command);
            begin = end + 2;
        }
    }

    std::size_t size() const { return uids_.size(); }
    const std::vector<std::uint32_t>& uids() const { return uids_; }

private:
    void hear(const std::string& line, const std::string& command) {
        SCOPED_TRACE(command + " -> " + line);
        Scanner in(line);
        if (line.starts_with("t BAD")) ADD_FAILURE() << "a command that follows the rules is understood";
        if (!in.present("* ")) return;
        const auto number = in.number();
        if (in.present(" EXISTS")) {
            EXPECT_GE(number, uids_.size());
            uids_.resize(number);
        } else if (in.present(" EXPUNGE")) {
            EXPECT_FALSE(holds_still_);
            ASSERT_LE(number, uids_.size());
            uids_.erase(uids_.begin() + number - 1);
        } else if (in.present(" FETCH (")) {
            ASSERT_LE(number, uids_.size());
            learn(number, line);
        }
    }

    void learn(std::uint32_t number, const std::string& line) {
        const auto place = line.find("UID ");
        if (place == std::string::npos) return;
        const auto uid = Scanner(std::string_view(line).substr(place + 4)).number();
        auto& known = uids_[number - 1];
        EXPECT_TRUE(known == 0 || known == uid);
        known = uid;
    }

    imap_world::Session session_;
    std::vector<std::uint32_t> uids_;
    bool holds_still_ = false;
};

std::string any_command(std::mt19937& random, std::size_t messages) {
    const auto number = messages == 0 ? 1 : random() % messages + 1;
    const std::string commands[] = {
        "NOOP",
        fmt::format("UID FETCH {}:* UID", number),
        fmt::format("FETCH {} (UID FLAGS)", number),
        fmt::format("FETCH {}:* UID", number),
        fmt::format("STORE {} +FLAGS (\\Deleted)", number),
        fmt::format("STORE {} -FLAGS.SILENT (\\Deleted)", number),
        "EXPUNGE",
        "APPEND INBOX {4+}\r\na\r\nb",
        fmt::format("COPY {} INBOX", number),
        fmt::format("MOVE {} Trash", number),
        "UID SEARCH DELETED",
        "LIST \"\" *",
    };
    auto command = commands[random() % std::size(commands)];
    const bool of_numbers = command.contains(fmt::format(" {}", number)) && !command.starts_with("UID");
    return messages == 0 && of_numbers ? "NOOP" : command;
}

TEST(Sessions, WhatEachBelievesIsAlwaysTrue) {
    for (unsigned seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE(seed);
        imap_world::World world;
        std::mt19937 random(seed);
        std::vector<std::unique_ptr<Client>> clients;
        for (int i = 0; i < 4; ++i) clients.push_back(std::make_unique<Client>(world));
        for (int step = 0; step < 300; ++step) {
            auto& client = *clients[random() % clients.size()];
            client.give(any_command(random, client.size()));
        }
        for (auto& client : clients) client->give("NOOP");
        for (auto& client : clients) client->give("UID FETCH 1:* UID");
        for (auto& client : clients) {
            EXPECT_EQ(client->uids(), clients.front()->uids());
            EXPECT_TRUE(std::ranges::is_sorted(client->uids()));
        }
    }
}

}  // namespace
}  // namespace hongyan::imap
