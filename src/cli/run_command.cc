#include "cli/run_command.h"

#include <thread>

namespace hongyan::cli {

namespace {

constexpr auto lock_patience =
    std::chrono::seconds(10);  // another command is at work; none takes long to open

}  // namespace

bool takes_password(const Parsed& parsed) {
    return parsed.command->reads == admin::Reads::password && !parsed.values.given("no-password");
}

bool takes_everything(const Parsed& parsed) {
    if (parsed.command->reads == admin::Reads::without_file) return parsed.values.text_or("file", "-") == "-";
    const auto& arguments = parsed.command->arguments;
    return parsed.command->reads == admin::Reads::where_dash &&
           std::ranges::any_of(arguments, [&](const admin::Argument& argument) {
               const auto& texts = parsed.values.texts(argument.name);
               return std::ranges::find(texts, "-") != texts.end();
           });
}

int run_here(const Parsed& parsed, const admin::Console& console, const config::Settings& settings,
             const admin::Kept* kept) {
    const SystemClock clock;
    return admin::run(*parsed.command,
                      {parsed.values, console, {.settings = settings, .clock = clock, .kept = kept}});
}

Result<std::unique_ptr<admin::DataFolder>> open_patiently(const config::Config& config, const Clock& clock,
                                                          Random& random,
                                                          const std::function<bool()>& is_still_wanted,
                                                          const admin::DataFolder::Complain& complain) {
    const auto give_up = std::chrono::steady_clock::now() + lock_patience;
    for (;;) {
        if (!is_still_wanted()) return fail(Error::Kind::conflict, "another has taken care of it");
        auto folder = admin::DataFolder::open(config, clock, random, complain);
        const bool busy = !folder && folder.error().kind == Error::Kind::conflict;
        if (!busy || std::chrono::steady_clock::now() >= give_up) return folder;
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
}

}  // namespace hongyan::cli
