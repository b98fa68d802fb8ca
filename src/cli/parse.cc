#include "cli/parse.h"

#include <sstream>

#include <CLI/CLI.hpp>
#include <sysexits.h>

namespace hongyan::cli {

namespace {

using admin::Argument;
using admin::Command;

constexpr int most_values = 1'000'000;  // more than the kernel lets a command line have

// What CLI11 writes into for one argument; kept until parsing is over.
struct Slot {
    const Argument* argument;
    CLI::Option* option = nullptr;
    std::string value;                // of those that take one
    std::vector<std::string> values;  // of those that take many

    std::vector<std::string> given() const {
        if (option->count() == 0) return {};
        if (argument->kind == Argument::Kind::flag) return {"true"};
        return values.empty() ? std::vector{value} : values;
    }
};

struct Row {
    const Command* command;
    CLI::App* app;
    std::deque<Slot> slots;
};

void add_argument(Row& row, const Argument& argument) {
    auto& slot = row.slots.emplace_back(Slot{&argument, nullptr, {}, {}});
    const std::string name(argument.name);
    const std::string help(argument.help);
    auto& app = *row.app;
    using enum Argument::Kind;
    switch (argument.kind) {
        case required:
            slot.option = app.add_option(name, slot.value, help)->required();
            break;
        case optional:
            slot.option = app.add_option(name, slot.value, help);
            break;
        case one_or_more:
            slot.option = app.add_option(name, slot.values, help)->required()->expected(1, most_values);
            break;
        case any_number:
            slot.option = app.add_option(name, slot.values, help)->expected(0, most_values);
            break;
        case option:
            slot.option = app.add_option("--" + name, slot.value, help);
            break;
        case required_option:
            slot.option = app.add_option("--" + name, slot.value, help)->required();
            break;
        case repeated:
            slot.option = app.add_option("--" + name, slot.values, help)
                              ->expected(1)
                              ->take_all()
                              ->allow_extra_args(false);
            break;
        case flag:
            slot.option = app.add_flag("--" + name, help);
            break;
    }
}

admin::Values values_of(const Row& row) {
    admin::Values values;
    for (const auto& slot : row.slots)
        if (auto given = slot.given(); !given.empty()) values.set(slot.argument->name, std::move(given));
    return values;
}

// "--name=" names an empty value; CLI11 would take the next word for it.
std::vector<std::string> with_empty_values(const std::vector<std::string>& words) {
    std::vector<std::string> out;
    bool are_options = true;
    for (const auto& word : words) {
        are_options = are_options && word != "--";
        const bool is_empty = are_options && word.starts_with("--") && word.find('=') == word.size() - 1;
        out.push_back(is_empty ? word.substr(0, word.size() - 1) : word);
        if (is_empty) out.emplace_back();
    }
    return out;
}

class Parser {
public:
    Parser() {
        app_.require_subcommand(1);
        app_.add_option("--config", options_.config_file,
                        "The settings file (default: DATA/hongyan.toml, or /etc/hongyan.toml)");
        app_.add_option("--data", options_.data_folder, "The data folder, in place of the configured one");
        for (const auto& group : admin::groups()) {
            auto* app = app_.add_subcommand(std::string(group.name), std::string(group.help));
            app->require_subcommand(1);
            groups_[std::string(group.name)] = app;
        }
        for (const auto& command : admin::commands()) add_command(command);
        // For the list of commands only: its words are those of sendmail (sendmail_call.h).
        app_.add_subcommand("sendmail",
                            "Leave mail for the server, with the options of sendmail: -t -f -F -i -bp -bs");
        serve_ = app_.add_subcommand(
            "serve", "Run the mail server until SIGTERM; SIGHUP reloads settings and certificates");
    }

    std::variant<Parsed, Ended> parse(std::vector<std::string> words) {
        std::ranges::reverse(words);  // as CLI11 wants them
        try {
            app_.parse(std::move(words));
        } catch (const CLI::ParseError& error) {
            std::ostringstream out;
            std::ostringstream err;
            const bool asked_for_help = app_.exit(error, out, err) == 0;
            return Ended{asked_for_help ? EX_OK : EX_USAGE, out.str(), err.str()};
        }
        for (const auto& row : rows_)
            if (row.app->parsed()) return Parsed{options_, row.command, values_of(row)};
        return Parsed{options_, nullptr, {}};
    }

private:
    void add_command(const Command& command) {
        auto& parent = command.group.empty() ? app_ : *groups_.at(std::string(command.group));
        auto* app = parent.add_subcommand(std::string(command.verb), std::string(command.help));
        auto& row = rows_.emplace_back(Row{&command, app, {}});
        for (const auto& argument : command.arguments) add_argument(row, argument);
    }

    CLI::App app_{"Hongyan (鸿雁), a complete mail system", "hongyan"};
    Options options_;
    std::map<std::string, CLI::App*> groups_;
    std::deque<Row> rows_;
    CLI::App* serve_ = nullptr;
};

}  // namespace

std::variant<Parsed, Ended> parse(const std::vector<std::string>& words) {
    return Parser().parse(with_empty_values(words));
}

}  // namespace hongyan::cli
