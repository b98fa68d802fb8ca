// Whatever a server says, and whenever it falls silent: each recipient has one outcome, nobody is believed to
// have a message that the server has not taken, and nobody's is given up without a word that the server has.
#include <array>
#include <map>

#include <gtest/gtest.h>

#include "base/scanner.h"
#include "smtp_client/session.h"

namespace hongyan::smtp_client {
namespace {

class Dice {
public:
    explicit Dice(std::uint64_t seed) : random_(seed) {}
    std::size_t below(std::size_t count) { return static_cast<std::size_t>(random_.number() % count); }
    bool one_in(std::size_t count) { return below(count) == 0; }
    Random& random() { return random_; }

private:
    SeededRandom random_;
};

// Answers at random, mostly well, and keeps account of what it took.
class WildServer {
public:
    WildServer(Dice& dice, Service service) : dice_(dice), service_(service), out_("220 wild.test\r\n") {
        nastiness_ = dice.below(3) * 10 + 5;
    }

    void hear(std::string_view bytes) {
        in_ += bytes;
        while (!is_gone() && take()) continue;
    }
    // What it says now, cut anywhere; may be nothing for good.
    std::string speak() {
        if (dice_.one_in(nastiness_ * 20)) cut_off_ = true;
        const auto count = cut_off_ ? dice_.below(out_.size() + 1) : out_.size();
        const auto said = out_.substr(0, count);
        out_.erase(0, count);
        is_cut_ = cut_off_;
        return said;
    }
    bool is_gone() const { return is_cut_; }

    // Whom it has taken a message for, and which.
    const std::map<std::string, std::string>& taken() const { return taken_; }

private:
    bool take() {
        if (chunk_left_ > 0 || in_chunk_) return take_chunk();
        const auto end = in_.find("\r\n");
        if (end == in_.npos) return false;
        const auto line = in_.substr(0, end);
        in_.erase(0, end + 2);
        if (in_data_)
            take_text(line);
        else
            command(line);
        return true;
    }

    int some_code() {
        constexpr int codes[] = {250, 251, 354, 421, 450, 451, 452, 500, 550, 552, 554, 599};
        return codes[dice_.below(std::size(codes))];
    }
    int mostly(int good) { return dice_.one_in(nastiness_) ? some_code() : good; }
    int say(int code) {
        if (dice_.one_in(4)) out_ += fmt::format("{}-first\r\n", code);
        out_ += fmt::format("{} {}text\r\n", code, dice_.one_in(2) ? fmt::format("{}.5.3 ", code / 100) : "");
        if (dice_.one_in(nastiness_ * 50)) out_ += "nonsense\r\n";
        return code;
    }

    void hello() {
        const int code = mostly(250);
        if (code != 250) return void(say(code));
        constexpr const char* lines[] = {"PIPELINING",       "CHUNKING",         "DSN",      "SIZE 100000",
                                         "LIMITS RCPTMAX=2", "LIMITS MAILMAX=3", "8BITMIME", "RSET"};
        for (const auto* line : lines)
            if (dice_.one_in(2)) out_ += fmt::format("250-{}\r\n", line);
        out_ += "250 HELP\r\n";
    }

    void command(const std::string& line) {
        Scanner in(line);
        if (in.present("EHLO") || in.present("LHLO") || in.present("HELO")) return hello();
        if (in.present("MAIL")) return begin();
        if (in.present("RCPT TO:<")) return recipient(std::string(in.take_until(">")));
        if (in.present("DATA")) return data();
        if (in.present("BDAT ")) return chunk(in);
        if (in.present("RSET")) {
            accepted_.clear();
            return void(say(mostly(250)));
        }
        if (in.present("QUIT")) return void(say(221));
        ADD_FAILURE() << "not a command: " << line;
    }
    void begin() {
        accepted_.clear();
        text_.clear();
        say(mostly(250));
    }
    void recipient(const std::string& address) {
        if (say(mostly(250)) / 100 == 2) accepted_.push_back(address);
    }
    void data() { in_data_ = say(mostly(accepted_.empty() && !dice_.one_in(4) ? 503 : 354)) == 354; }
    void chunk(Scanner& in) {
        chunk_left_ = in.number<std::size_t>();
        in_chunk_ = true;
        is_last_ = in.present(" LAST");
    }
    bool take_chunk() {
        const auto count = std::min(chunk_left_, in_.size());
        text_ += in_.substr(0, count);
        in_.erase(0, count);
        chunk_left_ -= count;
        if (chunk_left_ > 0) return false;
        in_chunk_ = false;
        if (is_last_)
            conclude();
        else
            say(mostly(250));
        return true;
    }
    void take_text(std::string_view line) {
        if (line == ".") {
            in_data_ = false;
            return conclude();
        }
        if (line.starts_with('.')) line.remove_prefix(1);
        text_ += line;
        text_ += "\r\n";
    }
    void conclude() {
        if (service_ == Service::lmtp) {
            for (const auto& address : accepted_)
                if (say(mostly(250)) / 100 == 2) keep(address);
        } else if (say(mostly(250)) / 100 == 2) {
            for (const auto& address : accepted_) keep(address);
        }
        accepted_.clear();
        text_.clear();
    }
    void keep(const std::string& address) { taken_[address] = text_; }

    Dice& dice_;
    Service service_;
    std::string in_;
    std::string out_;
    std::vector<std::string> accepted_;
    std::string text_;
    std::map<std::string, std::string> taken_;
    std::size_t nastiness_;
    std::size_t chunk_left_ = 0;
    bool in_data_ = false;
    bool in_chunk_ = false;
    bool is_last_ = false;
    bool cut_off_ = false;
    bool is_cut_ = false;
};

struct Sent {
    std::vector<std::string> addresses;
    std::string text;
};

class Play {
public:
    explicit Play(std::uint64_t seed)
        : dice_(seed),
          service_(dice_.one_in(3) ? Service::lmtp : Service::smtp),
          server_(dice_, service_),
          session_(settings(), Security{}, dice_.random()) {}

    // What came of the recipients, by their fates; the last is for those that are uncertain.
    using Tally = std::array<std::size_t, 6>;

    void run(Tally& tally) {
        for (int step = 0; step < 100'000; ++step) {
            auto action = session_.next();
            if (std::holds_alternative<session::Close>(action)) return examine(tally);
            std::visit([this](auto& each) { act(each); }, action);
        }
        ADD_FAILURE() << "it never ends";
    }

private:
    std::shared_ptr<const Settings> settings() {
        Settings settings{.service = service_};
        if (dice_.one_in(2)) settings.chunking = Chunking::when_offered;
        settings.limits.outstanding = dice_.below(6) + 1;
        settings.limits.chunk = dice_.below(60) + 1;
        return std::make_shared<const Settings>(std::move(settings));
    }

    void act(const session::Write& write) { server_.hear(write.bytes); }
    void act(const session::Read& /*read*/) {
        if (dice_.one_in(4) && messages_ < 5 && session_.takes_message()) return send();
        const auto bytes = server_.speak();
        if (!bytes.empty()) session_.receive(bytes);
        if (server_.is_gone() || bytes.empty())
            dice_.one_in(2) ? session_.lost("gone") : session_.timed_out();
    }
    void act(const session::StartTls& /*wish*/) { ADD_FAILURE() << "TLS is not offered"; }
    void act(const session::Close& /*end*/) {}
    void act(const Ready& /*ready*/) {
        if (messages_ < 5 && !dice_.one_in(6))
            send();
        else
            session_.quit();
    }
    void act(const Report& report) {
        ASSERT_LT(reports_.size(), sent_.size());
        reports_.push_back(report);
    }

    void send() {
        ++messages_;
        Sent sent;
        Outgoing outgoing{.sender = *message::parse_path("<ann@here.test>")};
        for (auto i = dice_.below(6) + 1; i > 0; --i) {
            sent.addresses.push_back(fmt::format("r{}@{}.test", i, messages_));
            outgoing.recipients.push_back({.path = *message::parse_path("<" + sent.addresses.back() + ">")});
        }
        for (auto i = dice_.below(8); i > 0; --i)
            sent.text += fmt::format(".line {} of {}\r\n", i, messages_);
        outgoing.content = std::make_shared<const std::string>(sent.text);
        sent_.push_back(sent);
        session_.send(std::move(outgoing));
    }

    void examine(Tally& tally) const {
        ASSERT_EQ(reports_.size(), sent_.size()) << "each message has one report";
        for (std::size_t i = 0; i < sent_.size(); ++i) {
            ASSERT_EQ(reports_[i].outcomes.size(), sent_[i].addresses.size());
            for (std::size_t k = 0; k < sent_[i].addresses.size(); ++k) {
                const auto& outcome = reports_[i].outcomes[k];
                compare(sent_[i].addresses[k], sent_[i].text, outcome);
                ++tally[outcome.uncertain ? 5 : static_cast<std::size_t>(outcome.fate)];
            }
        }
    }
    void compare(const std::string& address, const std::string& text, const Outcome& outcome) const {
        const auto taken = server_.taken().find(address);
        const bool has_it = taken != server_.taken().end();
        if (has_it) EXPECT_EQ(taken->second, text);
        if (outcome.is_success())
            EXPECT_TRUE(has_it) << address << ": " << to_text(outcome);
        else
            EXPECT_TRUE(!has_it || outcome.uncertain) << address << ": " << to_text(outcome);
        EXPECT_FALSE(outcome.status.empty());
        const char category = outcome.is_success() ? '2' : outcome.fate == Fate::failed ? '5' : '4';
        EXPECT_EQ(outcome.status[0], category) << to_text(outcome);
        EXPECT_FALSE(outcome.untried && has_it);
    }

    Dice dice_;
    Service service_;
    WildServer server_;
    Session session_;
    int messages_ = 0;
    std::vector<Sent> sent_;
    std::vector<Report> reports_;
};

TEST(Model, EachRecipientHasTheOutcomeThatTheServerKnows) {
    Play::Tally tally{};
    for (std::uint64_t seed = 0; seed < 5000 && !HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        Play(seed).run(tally);
    }
    for (const auto count : tally) EXPECT_GT(count, 100U) << "each fate is met";
}

}  // namespace
}  // namespace hongyan::smtp_client
