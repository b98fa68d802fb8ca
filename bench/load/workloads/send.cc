// smtp, lmtp, submit: messages are sent, and with an IMAP port counted until all of them are there.
#include "bench/load/imap_client.h"
#include "bench/load/smtp_client.h"
#include "bench/load/workloads/workload.h"

namespace hongyan::load {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds look_again{20};
constexpr std::size_t log_ins_at_once = 8;

enum class LogIn { no, yes };

struct Sending {
    const Target& target;
    Delivery delivery;
    LogIn log_in;
    const Deck& deck;
    const Options& options;
    Measurement& measured;
    Counter letters;
    std::vector<std::uint64_t> expected;  // messages by user

    // Users take turns.
    std::vector<std::string> recipients_of(std::uint64_t letter) const {
        std::vector<std::string> names;
        for (std::uint64_t i = 0; i < options.recipients; ++i)
            names.push_back(target.user(letter * options.recipients + i));
        return names;
    }
    void expect(std::uint64_t letter) {
        for (std::uint64_t i = 0; i < options.recipients; ++i)
            ++expected[(letter * options.recipients + i) % expected.size()];
    }
};

net::Task<> send_one(SmtpClient& client, Sending& sending, std::uint64_t letter, std::string_view sender,
                     Clock::time_point begun) {
    const auto recipients = sending.recipients_of(letter);
    const auto data = sending.deck.data(letter);
    co_await client.send(sender, recipients, data);
    sending.expect(letter);
    sending.measured.done(begun, sending.deck.size(letter));
}

// One session, which begins with `letter`. Opening it counts to the time of its first message.
net::Task<> send_in_a_session(Bench& bench, Sending& sending, std::uint64_t letter) {
    auto begun = Clock::now();
    auto client = co_await SmtpClient::open(sending.target, sending.delivery, bench.tls(), bench.deadline());
    const auto user = sending.target.user(letter);
    if (sending.log_in == LogIn::yes) co_await client.log_in(user, sending.target.password);
    const std::string sender = sending.log_in == LogIn::yes ? user : "goose@load.test";
    std::optional next(letter);
    for (std::uint64_t sent = 1; next; ++sent) {
        co_await send_one(client, sending, *next, sender, begun);
        if (sent == sending.options.per_session) break;
        next = sending.letters.next();
        begun = Clock::now();
    }
    co_await client.quit();
}

net::Task<> send_while_there_are_letters(Bench& bench, Sending& sending) {
    while (const auto letter = sending.letters.next()) co_await send_in_a_session(bench, sending, *letter);
}

// One IMAP connection for each user, open from before the first message to after the last, so that counting
// costs the server little.
class Counting {
public:
    Counting(Bench& bench, std::uint16_t port)
        : bench_(bench), target_(bench.behind(port)), users_(target_.user_count) {
        Counter next(users_.size());
        bench_.together(std::min(users_.size(), log_ins_at_once), [&](std::size_t) { return open(next); });
    }

    // Until every user has as many messages more as were expected.
    void wait_for(const std::vector<std::uint64_t>& expected) {
        bench_.together(1, [&](std::size_t) { return watch(expected); });
    }

private:
    struct User {
        std::optional<ImapClient> client;
        std::uint64_t before = 0;
    };

    net::Task<> open(Counter& next) {
        while (const auto index = next.next()) {
            auto& user = users_[*index];
            const auto name = target_.user(*index);
            user.client.emplace(co_await ImapClient::open(target_, name, bench_.tls(), bench_.deadline()));
            user.before = co_await count(user);
        }
    }

    net::Task<> watch(const std::vector<std::uint64_t>& expected) {
        for (std::size_t i = 0; i < users_.size(); ++i)
            while (co_await count(users_[i]) < users_[i].before + expected[i])
                co_await net::sleep_until(std::min(net::after(look_again), bench_.deadline()));
    }

    static net::Task<std::uint64_t> count(User& user) {
        co_return (co_await user.client->command("STATUS INBOX (MESSAGES)")).messages;
    }

    Bench& bench_;
    Target target_;
    std::vector<User> users_;
};

std::vector<Report> send(Bench& bench, const Options& options, std::string phase, Delivery delivery,
                         LogIn log_in) {
    const auto deck = make_deck(options);
    std::optional<Counting> counting;
    if (options.imap_port > 0) counting.emplace(bench, static_cast<std::uint16_t>(options.imap_port));

    Measurement measured(bench, std::move(phase));
    Sending sending{bench.target(),
                    delivery,
                    log_in,
                    deck,
                    options,
                    measured,
                    Counter(options.messages),
                    std::vector<std::uint64_t>(bench.target().user_count)};
    const auto begun = Clock::now();
    bench.together(options.connections,
                   [&](std::size_t) { return send_while_there_are_letters(bench, sending); });
    measured.stop();
    if (counting) counting->wait_for(sending.expected);
    const auto visible = std::chrono::duration<double>(Clock::now() - begun).count();

    auto report = measured.report();
    if (counting) report.add("visible_per_second", measured.units() / visible);
    return {std::move(report)};
}

}  // namespace

std::vector<Report> run_smtp(Bench& bench, const Options& options) {
    return send(bench, options, "smtp", Delivery::smtp, LogIn::no);
}

std::vector<Report> run_lmtp(Bench& bench, const Options& options) {
    return send(bench, options, "lmtp", Delivery::lmtp, LogIn::no);
}

std::vector<Report> run_submit(Bench& bench, const Options& options) {
    return send(bench, options, "submit", Delivery::smtp, LogIn::yes);
}

}  // namespace hongyan::load
