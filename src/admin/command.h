// The commands of the program, as a table: what each is called, what it takes, what it does. The command
// line, its help, the manual and the control socket of a running server all read the same rows.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "admin/listing.h"
#include "base/result.h"

namespace hongyan::admin {

struct Services;

struct Argument {
    enum class Kind {
        required,         // NAME
        optional,         // [NAME]
        one_or_more,      // NAME...
        any_number,       // [NAME...]
        option,           // --name VALUE, at most once
        required_option,  // the same, exactly once
        repeated,         // --name VALUE, as often as wanted
        flag,             // --name
    };

    std::string_view name;
    Kind kind;
    std::string_view help;
};

// What one call was given, by the argument's name. Names are those of the command's row; others are a broken
// invariant.
class Values {
public:
    void set(std::string_view name, std::vector<std::string> values) {
        values_[std::string(name)] = std::move(values);
    }

    bool given(std::string_view name) const { return !texts(name).empty(); }
    const std::string& text(std::string_view name) const;  // the first value; must be given
    std::string text_or(std::string_view name, std::string_view fallback) const;
    const std::vector<std::string>& texts(std::string_view name) const;
    // A whole number in [0, max]; invalid otherwise, with the argument named.
    Result<std::uint64_t> number_or(std::string_view name, std::uint64_t fallback,
                                    std::uint64_t max = UINT64_MAX) const;
    // How long something is to last, from a second to a hundred years; must be given. Invalid otherwise.
    Result<std::chrono::milliseconds> length(std::string_view name) const;

private:
    std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

// What a command takes from standard input; whoever calls it reads that beforehand.
enum class Reads {
    nothing,
    password,      // one line, asked for without echo where standard input is a terminal
    where_dash,    // everything, if one of its arguments is "-"
    without_file,  // everything, unless it is given a file other than "-"
};

// Where a command reads and writes: a terminal, or the far end of the control socket.
struct Console {
    std::string input;  // as the command's row says
    std::function<void(std::string_view)> out;
    std::function<void(std::string_view)> err;
    std::filesystem::path folder;  // what relative paths are relative to
    // Whether nobody waits for the outcome any more; empty: somebody does.
    std::function<bool()> is_gone = {};
};

struct Call {
    const Values& values;
    const Console& console;
    const Services& services;

    void say(std::string_view line) const { console.out(fmt::format("{}\n", line)); }
    // As JSON if --json was given.
    void show(const Listing& listing) const;
    // The same for one that is too long to be held.
    LongListing show_pages(std::vector<Column> columns) const;
    // Asked between the steps of what takes longer: unavailable where nobody waits for it any more.
    Result<void> is_wanted() const;
    // What the caller named, from where the caller stands.
    std::filesystem::path path(std::string_view given) const { return console.folder / given; }
};

enum class Needs {
    settings,        // the configuration only
    services,        // the store and the directory: here, or through the server that holds them
    services_alone,  // the same while no server runs
};

struct Command {
    std::string_view group;  // "domain"; empty for a command of one word
    std::string_view verb;   // "add"
    std::string_view help;   // a sentence
    std::span<const Argument> arguments;
    Needs needs;
    Result<void> (*run)(const Call&);
    Reads reads = Reads::nothing;
};

// Taken by every listing.
inline constexpr Argument json_flag{"json", Argument::Kind::flag, "Print JSON instead of a table"};

// All of them, in the order of the manual.
std::span<const Command> commands();

struct Group {
    std::string_view name;
    std::string_view help;
};
std::span<const Group> groups();

// Runs the command and returns its exit code (sysexits); an error is said on the console.
int run(const Command& command, const Call& call);

}  // namespace hongyan::admin
