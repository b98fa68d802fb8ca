// An IMAP client that knows of its mailbox what it has been told, and nothing else (RFC 3501 §7.4.1, RFC 7162
// §3.2). Fails the test where it is told what contradicts what it knows.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/scanner.h"
#include "support/imap_truth.h"
#include "support/imap_world.h"

namespace hongyan::imap_world {

class Believer {
public:
    enum class Kind { plain, condstore, qresync };
    struct Known {
        std::uint32_t uid = 0;  // 0: not told yet
        std::optional<FlagSet> flags;
        std::uint64_t modseq = 0;
    };

    Believer(World& world, Kind kind) : session_(world, open_settings(), session::Security{}), kind_(kind) {
        give("LOGIN ann secret");
        if (kind == Kind::condstore) give("ENABLE CONDSTORE");
        if (kind == Kind::qresync) give("ENABLE QRESYNC");
    }

    // Asks for all that the client does not know, too.
    void select(const std::string& mailbox) {
        known_.clear();
        mailbox_ = mailbox;
        give("SELECT " + mailbox);
        learn_news();
    }
    void leave() {
        mailbox_.clear();
        known_.clear();
    }

    // What was said, line by line.
    const std::vector<std::string>& give(const std::string& command) {
        holds_still_ =
            command.starts_with("FETCH") || command.starts_with("STORE") || command.starts_with("SEARCH");
        hear_all(session_.after("t " + command + "\r\n"), command);
        return lines_;
    }
    void give_and_learn(const std::string& command) {
        give(command);
        const auto said = lines_;
        learn_news();
        lines_ = said;
    }

    void idle() {
        holds_still_ = false;
        hear_all(session_.after("t IDLE\r\n"), "IDLE");
        session_.mail_changed();
        hear_all(session_.after("DONE\r\n"), "DONE");
        learn_news();
    }

    Kind kind() const { return kind_; }
    const std::string& mailbox() const { return mailbox_; }
    const std::vector<Known>& known() const { return known_; }
    std::vector<Known>& known() { return known_; }
    bool knows(std::uint32_t uid) const {
        return std::ranges::find(known_, uid, &Known::uid) != known_.end();
    }
    const std::vector<std::string>& lines() const { return lines_; }
    // How the last command ended.
    std::string tagged() const { return lines_.empty() ? "" : lines_.back(); }

private:
    void learn_news() {
        const auto unknown = std::ranges::find(known_, 0U, &Known::uid);
        if (unknown == known_.end()) return;
        const auto wanted = kind_ == Kind::plain ? "(UID FLAGS)" : "(UID FLAGS MODSEQ)";
        give(fmt::format("FETCH {}:* {}", unknown - known_.begin() + 1, wanted));
        EXPECT_TRUE(std::ranges::is_sorted(known_, std::ranges::less_equal{}, &Known::uid) ||
                    std::ranges::find(known_, 0U, &Known::uid) != known_.end());
    }

    void hear_all(const std::string& said, const std::string& command) {
        lines_.clear();
        for (std::size_t begin = 0; begin < said.size();) {
            const auto end = said.find("\r\n", begin);
            lines_.push_back(said.substr(begin, end - begin));
            SCOPED_TRACE(mailbox_ + ": " + command + " -> " + lines_.back());
            hear(lines_.back());
            begin = end + 2;
        }
    }

    void hear(const std::string& line) {
        EXPECT_FALSE(line.starts_with("t BAD")) << "a command that follows the rules is understood";
        EXPECT_FALSE(line.starts_with("* BYE"));
        Scanner in(line);
        if (!in.present("* ")) return;
        if (in.present("VANISHED ")) return vanished(in);
        if (line.size() < 3 || line[2] < '0' || line[2] > '9') return;
        const auto number = in.number();
        if (in.present(" EXISTS")) {
            EXPECT_GE(number, known_.size()) << "messages leave by EXPUNGE only";
            known_.resize(number);
        } else if (in.present(" EXPUNGE")) {
            EXPECT_FALSE(holds_still_) << "numbers must hold still";
            EXPECT_NE(kind_, Kind::qresync) << "VANISHED takes its place";
            ASSERT_TRUE(number >= 1 && number <= known_.size());
            known_.erase(known_.begin() + (number - 1));
        } else if (in.present(" FETCH (")) {
            ASSERT_TRUE(number >= 1 && number <= known_.size());
            learn(known_[number - 1], line);
        }
    }

    void vanished(Scanner& in) {
        EXPECT_EQ(kind_, Kind::qresync);
        EXPECT_FALSE(holds_still_) << "numbers must hold still";
        do {
            const auto first = in.number();
            const auto last = in.present(":") ? in.number() : first;
            std::erase_if(known_, [&](const Known& known) {
                return known.uid != 0 && known.uid >= first && known.uid <= last;
            });
        } while (in.present(","));
    }

    static std::optional<std::string_view> behind(std::string_view line, std::string_view word) {
        const auto place = line.find(word);
        if (place == std::string_view::npos) return std::nullopt;
        return line.substr(place + word.size());
    }

    void learn(Known& known, std::string_view line) {
        if (const auto uid = behind(line, "UID ")) {
            const auto told = Scanner(*uid).number();
            EXPECT_TRUE(known.uid == 0 || known.uid == told) << "it was " << known.uid;
            known.uid = told;
        }
        if (const auto modseq = behind(line, "MODSEQ (")) {
            const auto told = Scanner(*modseq).number();
            EXPECT_GE(told, known.modseq) << "a modseq goes back";
            known.modseq = told;
        }
        if (const auto flags = behind(line, "FLAGS (")) {
            known.flags.emplace();
            const auto text = flags->substr(0, flags->find(')'));
            for (std::size_t begin = 0; begin < text.size();) {
                const auto end = std::min(text.find(' ', begin), text.size());
                const auto flag = std::string(text.substr(begin, end - begin));
                if (flag != "\\Recent") known.flags->insert(flag);
                begin = end + 1;
            }
        }
    }

    Session session_;
    Kind kind_;
    std::string mailbox_;
    std::vector<Known> known_;  // in the order of sequence numbers
    std::vector<std::string> lines_;
    bool holds_still_ = false;
};

}  // namespace hongyan::imap_world
