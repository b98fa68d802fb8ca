#include "bench/load/workloads/workload.h"

namespace hongyan::load {

namespace {

constexpr std::uint64_t many = 10'000'000;

constexpr OptionRow options[] = {
    {"connections", &Options::connections, 1, 60'000, "Connections at once"},
    {"messages", &Options::messages, 1, many, "Messages: to send, or that a mailbox should hold"},
    {"size", &Options::size, 0, 100'000'000, "Bytes of each message; 0: a mix as mail is, 33 KB in the mean"},
    {"recipients", &Options::recipients, 1, 1'000, "Recipients of each message"},
    {"per-session", &Options::per_session, 0, many, "Messages in one session; 0: as many as there are"},
    {"sessions", &Options::sessions, 1, many, "Sessions, one after the other on each connection"},
    {"window", &Options::window, 1, 10'000, "Commands on their way at once; 1: no pipelining"},
    {"parallel", &Options::parallel, 1, 1'000, "Log-ins at once"},
    {"hold", &Options::hold, 0, 3'600, "Seconds to wait before memory is weighed"},
    {"repeat", &Options::repeat, 1, 100'000, "How often each command is given"},
    {"imap-port", &Options::imap_port, 1, 65'535,
     "Where the mail that was sent is counted by IMAP in plain text"},
    {"lmtp-port", &Options::lmtp_port, 1, 65'535, "Where maildrops that lack messages are filled"},
};

const Workload rows[] = {
    {"smtp",
     "Messages come in by SMTP, until all are visible by IMAP",
     {{&Options::connections, 16},
      {&Options::messages, 2'000},
      {&Options::size, 0},
      {&Options::recipients, 1},
      {&Options::per_session, 0},
      {&Options::imap_port, 0}},
     &run_smtp},
    {"lmtp",
     "Messages are handed over by LMTP",
     {{&Options::connections, 16},
      {&Options::messages, 2'000},
      {&Options::size, 0},
      {&Options::recipients, 1},
      {&Options::per_session, 0}},
     &run_lmtp},
    {"submit",
     "Users log in and submit messages",
     {{&Options::connections, 8},
      {&Options::messages, 600},
      {&Options::size, 8'192},
      {&Options::recipients, 1},
      {&Options::per_session, 1},
      {&Options::imap_port, 0}},
     &run_submit},
    {"pop3",
     "Maildrops are fetched by POP3: STAT, LIST, UIDL, RETR of everything; nothing is deleted",
     {{&Options::connections, 4},
      {&Options::messages, 100},
      {&Options::sessions, 40},
      {&Options::window, 1},
      {&Options::size, 0},
      {&Options::lmtp_port, 0}},
     &run_pop3},
    {"append",
     "Messages are put into mailboxes by IMAP APPEND",
     {{&Options::connections, 8}, {&Options::messages, 1'000}, {&Options::size, 0}},
     &run_append},
    {"idle",
     "IMAP connections that are logged in and wait in IDLE: what memory they take",
     {{&Options::connections, 2'000}, {&Options::parallel, 16}, {&Options::hold, 6}},
     &run_idle},
    {"fetch",
     "A large mailbox is listed and read by IMAP FETCH",
     {{&Options::messages, 10'000}, {&Options::size, 4'096}, {&Options::repeat, 3}},
     &run_fetch},
    {"search",
     "A large mailbox is searched by IMAP SEARCH",
     {{&Options::messages, 10'000}, {&Options::size, 4'096}, {&Options::repeat, 3}},
     &run_search},
};

}  // namespace

std::span<const OptionRow> option_rows() { return options; }
std::span<const Workload> workloads() { return rows; }

Deck make_deck(const Options& given) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto run = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
    return Deck({.size = given.size, .seed = given.seed}, static_cast<std::uint64_t>(run));
}

}  // namespace hongyan::load
