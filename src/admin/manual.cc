#include "admin/manual.h"

#include "admin/command.h"
#include "config/show.h"

namespace hongyan::admin {

namespace {

// Text as troff takes it: backslashes, and dots or quotes that would begin a request.
std::string troff(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\\')
            out += "\\e";
        else if (c == '-')
            out += "\\-";
        else
            out += c;
    }
    return out.starts_with('.') || out.starts_with('\'') ? "\\&" + out : out;
}

std::string page(std::string_view title, int section) {
    return fmt::format(".TH {} {} \"\" \"Hongyan\" \"Hongyan manual\"\n", title, section);
}

// How an argument stands in the synopsis.
std::string synopsis(const Argument& argument) {
    const auto name = troff(argument.name);
    using enum Argument::Kind;
    switch (argument.kind) {
        case required:
            return fmt::format("\\fI{}\\fR", name);
        case optional:
            return fmt::format("[\\fI{}\\fR]", name);
        case one_or_more:
            return fmt::format("\\fI{}\\fR...", name);
        case any_number:
            return fmt::format("[\\fI{}\\fR...]", name);
        case option:
            return fmt::format("[\\fB\\-\\-{}\\fR \\fIVALUE\\fR]", name);
        case required_option:
            return fmt::format("\\fB\\-\\-{}\\fR \\fIVALUE\\fR", name);
        case repeated:
            return fmt::format("[\\fB\\-\\-{}\\fR \\fIVALUE\\fR]...", name);
        case flag:
            return fmt::format("[\\fB\\-\\-{}\\fR]", name);
    }
    return name;
}

bool has_dashes(Argument::Kind kind) {
    using enum Argument::Kind;
    return kind == option || kind == required_option || kind == repeated || kind == flag;
}

std::string section_of(const Command& command) {
    std::string out = ".SS hongyan";
    if (!command.group.empty()) out += fmt::format(" {}", troff(command.group));
    out += fmt::format(" {}", troff(command.verb));
    for (const auto& argument : command.arguments) out += " " + synopsis(argument);
    out += fmt::format("\n{}.\n", troff(command.help));
    for (const auto& argument : command.arguments)
        out += fmt::format(".TP\n\\fB{}{}\\fR\n{}.\n", has_dashes(argument.kind) ? "\\-\\-" : "",
                           troff(argument.name), troff(argument.help));
    return out;
}

}  // namespace

std::string manual_of_commands() {
    std::string out = page("HONGYAN", 1);
    out +=
        ".SH NAME\nhongyan \\- a complete mail system\n"
        ".SH SYNOPSIS\n\\fBhongyan\\fR [\\fB\\-\\-config\\fR \\fIFILE\\fR] [\\fB\\-\\-data\\fR "
        "\\fIFOLDER\\fR] "
        "\\fICOMMAND\\fR ...\n"
        ".SH DESCRIPTION\n\\fBhongyan serve\\fR is the mail server: it runs until SIGTERM, and SIGHUP makes "
        "it read its\n"
        "settings and certificates again. The other commands look after what it keeps.\n"
        ".SH COMMANDS\n";
    for (const auto& command : commands()) out += section_of(command);
    out +=
        ".SH EXIT STATUS\n0, or one of sysexits.h: 64 wrong usage, 65 wrong data, 67 no such account, 70 a "
        "fault of the\n"
        "program, 73 exists already, 74 input or output failed, 75 try again later, 77 not permitted, 78 "
        "wrong settings.\n"
        ".SH SEE ALSO\n\\fBhongyan.toml\\fR(5)\n";
    return out;
}

std::string manual_of_settings() {
    return page("HONGYAN.TOML", 5) +
           ".SH NAME\nhongyan.toml \\- the settings of hongyan\n"
           ".SH DESCRIPTION\nOne TOML file. Every setting has a default, so an empty file, or none, is "
           "complete. An\n"
           "unknown name is an error.\n" +
           config::settings_man_section() + ".SH SEE ALSO\n\\fBhongyan\\fR(1)\n";
}

}  // namespace hongyan::admin
