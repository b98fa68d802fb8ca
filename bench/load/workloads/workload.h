// The workloads: each a sub-command, a row in a table, and a file beside this one.
#pragma once

#include <span>

#include "bench/load/bench.h"

namespace hongyan::load {

// What a workload may be told. Which of these it heeds, and what they are if nothing is said, is in its row.
struct Options {
    std::uint64_t connections = 0;
    std::uint64_t messages = 0;
    std::uint64_t size = 0;
    std::uint64_t recipients = 0;
    std::uint64_t per_session = 0;
    std::uint64_t sessions = 0;
    std::uint64_t window = 0;
    std::uint64_t parallel = 0;
    std::uint64_t hold = 0;
    std::uint64_t repeat = 0;
    std::uint64_t imap_port = 0;
    std::uint64_t lmtp_port = 0;
    std::uint64_t seed = 1;  // every workload heeds it
};

// How an option is called and bounded.
struct OptionRow {
    std::string_view name;
    std::uint64_t Options::* place;
    std::uint64_t least, most;
    std::string_view help;
};
std::span<const OptionRow> option_rows();

struct Workload {
    struct Heeded {
        std::uint64_t Options::* option;
        std::uint64_t usually;
    };
    std::string_view name;
    std::string_view help;
    std::vector<Heeded> options;
    std::vector<Report> (*run)(Bench&, const Options&);
};
std::span<const Workload> workloads();

// The messages of a run: dealt by the options, set apart from those of earlier runs.
Deck make_deck(const Options& options);

std::vector<Report> run_smtp(Bench& bench, const Options& options);
std::vector<Report> run_lmtp(Bench& bench, const Options& options);
std::vector<Report> run_submit(Bench& bench, const Options& options);
std::vector<Report> run_pop3(Bench& bench, const Options& options);
std::vector<Report> run_append(Bench& bench, const Options& options);
std::vector<Report> run_idle(Bench& bench, const Options& options);
std::vector<Report> run_fetch(Bench& bench, const Options& options);
std::vector<Report> run_search(Bench& bench, const Options& options);

}  // namespace hongyan::load
