// What FETCH and SEARCH of a whole mailbox cost this side of the socket, on one thread. HONGYAN_BENCH_STORE
// names the store folder of a server that is not running, and HONGYAN_BENCH_ACCOUNT the number of an account
// in it; without them a mailbox is made.
#include <cstdlib>
#include <random>

#include <benchmark/benchmark.h>

#include "base/testing/scratch_folder.h"
#include "engine/open_engine.h"
#include "support/imap_world.h"

namespace hongyan::imap {
namespace {

constexpr std::uint64_t messages = 50'000;
constexpr std::size_t block_cache = std::size_t{64} << 20U;  // as settings have it

std::string letter(std::uint64_t number) {
    const auto header = fmt::format(
        "Return-Path: <list-bounces@lists.example.org>\r\n"
        "Received: from mx{0}.example.org by here.test with ESMTPS; Mon, 2 Nov 2026 10:00:00 +0000\r\n"
        "From: \"Somebody Number {0}\" <somebody.{0}@example.org>\r\n"
        "To: Ann Lee <ann@here.test>, the list <list@lists.example.org>\r\n"
        "Subject: [list] About the matter of number {0} and what follows from it\r\n"
        "Date: Mon, 2 Nov 2026 10:00:00 +0000\r\n"
        "Message-ID: <{0}.20261102@example.org>\r\n"
        "In-Reply-To: <{1}.20261101@example.org>\r\n"
        "MIME-Version: 1.0\r\n",
        number, number / 2);
    if (number % 3 == 0)
        return header + "Content-Type: text/plain; charset=utf-8\r\n\r\nOne line, and no more than that.\r\n";
    return header +
           "Content-Type: multipart/alternative; boundary=\"=_42\"\r\n\r\n"
           "--=_42\r\nContent-Type: text/plain; charset=utf-8\r\n"
           "Content-Transfer-Encoding: quoted-printable\r\n\r\nOne line.\r\n"
           "--=_42\r\nContent-Type: text/html; charset=utf-8\r\n"
           "Content-Transfer-Encoding: quoted-printable\r\n\r\n<p>One line.</p>\r\n--=_42--\r\n";
}

void fill(store::Store& store, store::AccountId account, std::uint64_t count) {
    constexpr std::uint64_t at_once = 250;
    check(store.create_account(account).has_value(), "a new store takes an account");
    for (std::uint64_t number = 0; number < count;) {
        std::vector<store::NewMessage> some;
        for (std::uint64_t i = 0; i < at_once; ++i, ++number)
            some.push_back({.content = store::prepare(letter(number)),
                            .prefix = {},
                            .flags = {},
                            .received = SystemClock().now(),
                            .key = {}});
        check(store.account(account).append(store::inbox, std::move(some)).has_value(), "mail arrives");
    }
}

// The mailbox of one account, as it lies on disk after the server was started again, and its session.
class Mailbox {
public:
    Mailbox() {
        const auto* const given = std::getenv("HONGYAN_BENCH_STORE");
        if (given == nullptr) make();
        open(given == nullptr ? made_.path() : std::filesystem::path(given));
    }

    std::uint64_t octets_said_to(std::string_view commands) {
        session_->receive(commands);
        std::uint64_t octets = 0;
        for (;;) {
            const auto action =
                next_but_questions(*session_, [this](const auto& asked) { return answer(asked); });
            const auto* const write = std::get_if<session::Write>(&action);
            if (write == nullptr) return octets;
            octets += write->bytes.size();
        }
    }

private:
    void make() {
        const auto engine = engine::open_engine(made_.path()).value();
        store::Store store(*engine, clock_);
        fill(store, account_, messages);
    }

    void open(const std::filesystem::path& folder) {
        if (const auto* number = std::getenv("HONGYAN_BENCH_ACCOUNT"))
            account_ = store::AccountId(static_cast<std::uint32_t>(std::atoi(number)));
        engine_ = engine::open_engine(folder, {.block_cache = block_cache}).value();
        store_ = std::make_unique<store::Store>(*engine_, clock_);
        session_ = std::make_unique<Session>(std::make_shared<const Settings>(imap_world::open_settings()),
                                             session::Security{}, random_);
        octets_said_to("a LOGIN ann secret\r\nb SELECT INBOX\r\n");
    }

    // As a connection does.
    void do_it(Task& task) {
        if (task.begin_here(*store_) != Task::Begun::all_done) task.run(*store_);
    }

    Answer answer(const Question& asked) {
        if (const auto* work = std::get_if<Work>(&asked)) return do_it(*work->task), Done{};
        if (std::holds_alternative<OpenAccount>(asked)) return Result<store::AccountId>(account_);
        return sasl::Granted{"ann", {}};
    }

    const SystemClock clock_;
    imap_world::NoRandom random_;
    ScratchFolder made_;
    store::AccountId account_{1};
    std::unique_ptr<engine::Engine> engine_;
    std::unique_ptr<store::Store> store_;
    std::unique_ptr<Session> session_;
};

Mailbox& the_mailbox() {
    static Mailbox mailbox;
    return mailbox;
}

void run(benchmark::State& state, const char* command) {
    auto& mailbox = the_mailbox();
    const auto line = fmt::format("c {}\r\n", command);
    std::uint64_t octets = 0;
    for (auto _ : state) octets += mailbox.octets_said_to(line);
    state.SetBytesProcessed(static_cast<std::int64_t>(octets));
}

// Messages in no order, as somebody opens them.
void one(benchmark::State& state) {
    auto& mailbox = the_mailbox();
    std::minstd_rand dice;  // NOLINT(cert-msc51-cpp): the same ones each time
    for (auto _ : state)
        mailbox.octets_said_to(fmt::format("c FETCH {} (UID BODY.PEEK[])\r\n", 1 + dice() % messages));
}
BENCHMARK(one)->Unit(benchmark::kMicrosecond);

BENCHMARK_CAPTURE(run, flags, "FETCH 1:* FLAGS")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run, envelope, "FETCH 1:* ENVELOPE")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run, structure, "FETCH 1:* BODYSTRUCTURE")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(
    run, fields,
    "FETCH 1:* (UID RFC822.SIZE FLAGS BODY.PEEK[HEADER.FIELDS (From To Cc Bcc Subject Date Message-ID "
    "Priority X-Priority References Newsgroups In-Reply-To Content-Type Reply-To)])")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run, bodies, "FETCH 1:* BODY.PEEK[]")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run, sent_since, "SEARCH SENTSINCE 1-Feb-2024")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run, since, "SEARCH SINCE 1-Feb-2024")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace hongyan::imap
