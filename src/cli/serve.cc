#include "cli/serve.h"

#include <iostream>

#include <sysexits.h>

#include "admin/indexing.h"
#include "admin/upkeep.h"
#include "base/exit_code.h"
#include "base/file.h"
#include "cli/run_command.h"
#include "server/server.h"
#include "spam/learning.h"

namespace hongyan::cli {

namespace {

int fail_with(const Error& error) {
    std::cerr << "hongyan: " << error.message << "\n";
    return exit_code(error.kind);
}

Result<std::string> read_from(const server::Source& source) {
    std::string all;
    for (;;) {
        TRY(const auto piece, source());
        if (piece.empty()) return all;
        all += piece;
        if (all.size() > default_file_limit) return fail(Error::Kind::too_large, "the input is too large");
    }
}

spam::TeachingRules teaching_rules(const config::Config& config) {
    const auto& classifier = config.classifier;
    return {.enabled = classifier.enabled,
            .shared = classifier.shared,
            .lessons_of_a_day = classifier.lessons_of_a_day};
}

// A command that came over the control socket.
int serve_command(const server::Request& request, const server::Streams& streams,
                  const config::Settings& settings, const admin::Kept& kept) {
    const auto outcome = parse(request.arguments);
    const auto* parsed = std::get_if<Parsed>(&outcome);
    if (parsed == nullptr || parsed->command == nullptr || parsed->command->needs != admin::Needs::services) {
        streams.err("hongyan: the running server and this program do not know the same commands\n");
        return EX_UNAVAILABLE;
    }
    admin::Console console{.input = {},
                           .out = streams.out,
                           .err = streams.err,
                           .folder = request.folder,
                           .is_gone = streams.is_gone};
    if (takes_password(*parsed) || takes_everything(*parsed)) {
        auto input = read_from(streams.in);
        if (!input) {
            streams.err(fmt::format("hongyan: {}\n", input.error().message));
            return exit_code(input.error().kind);
        }
        console.input = *std::move(input);
    }
    return run_here(*parsed, console, settings, &kept);
}

}  // namespace

int serve(const config::Settings& settings, std::function<Result<config::Settings>()> read_settings) {
    const SystemClock clock;
    SystemRandom random;
    Metrics metrics;
    log::Output log(clock);
    if (const auto opened = log.apply(settings.config.log.settings()); !opened)
        return fail_with(opened.error());
    server::Server server(
        settings,
        {.log = log, .metrics = metrics, .clock = clock, .read_settings = std::move(read_settings)});
    if (const auto opened = server.open(); !opened) return fail_with(opened.error());
    auto failures = metrics.counter("hongyan_store_reclaim_failures_total",
                                    "How often garbage in the store could not be given back");
    const auto complain = [&failures, log = log::Log(log)](const Error& error) mutable {
        failures.add();
        log.error("garbage not given back", {{"why", error.message}});
    };
    const auto folder = open_patiently(settings.config, clock, random, [] { return true; }, complain);
    if (!folder) return fail_with(folder.error());
    const auto& kept = (*folder)->kept();
    const admin::Upkeep upkeep(kept.store, kept.queue, log::Log(log));
    const admin::Indexing indexing(kept.store, log::Log(log));
    spam::Models models(kept.engine);
    spam::Learning learning(kept.store, models, teaching_rules(settings.config), log::Log(log));
    const auto command = [&](const server::Request& request, const server::Streams& streams) {
        return serve_command(request, streams, settings, kept);
    };
    const auto announce = [](std::string_view line) { std::cout << line << std::endl; };
    const auto apply = [&kept, &learning](const config::Config& config) {
        learning.apply(teaching_rules(config));
        kept.directory.apply(admin::directory_options(config));
        kept.queue.apply(admin::queue_options(config));
        kept.reputation.apply(admin::reputation_options(config));
    };
    const auto ended = server.run({.store = kept.store,
                                   .directory = kept.directory,
                                   .queue = kept.queue,
                                   .reputation = &kept.reputation,
                                   .apply = apply},
                                  command, announce);
    return ended ? EX_OK : fail_with(ended.error());
}

}  // namespace hongyan::cli
