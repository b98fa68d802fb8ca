#include "imap/session.h"

#include "imap/command_table.h"

namespace hongyan::imap {

namespace {

// Bytes of a command before log-in, its literals included: names and passwords, no messages. RFC 7162 §4 asks
// for lines of 8192 at least.
constexpr std::size_t longest_command = 16'384;

std::string_view to_string(Completion::Kind kind) {
    switch (kind) {
        case Completion::Kind::ok:
            return "OK";
        case Completion::Kind::no:
            return "NO";
        case Completion::Kind::bad:
            return "BAD";
    }
    return "BAD";
}

std::string_view goodbye(session::Farewell why) {
    switch (why) {
        case session::Farewell::timed_out:
            return "BYE You have been silent for too long";
        case session::Farewell::shutting_down:
            return "BYE The server is shutting down, please come back";
        case session::Farewell::too_many_mistakes:
            return "BYE Too many mistakes";
    }
    return "BYE";
}

}  // namespace

Session::Session(Settings settings)
    : Dialogue(longest_command), settings_(std::move(settings)), reader_(longest_command) {
    tell(fmt::format("OK [CAPABILITY {}] {} Hongyan IMAP server ready", capabilities(*this),
                     settings_.hostname));
}

void Session::tell(std::string_view text) { say(fmt::format("* {}\r\n", text)); }

void Session::complete(std::string_view tag, const Completion& completion) {
    say(fmt::format("{} {} {}\r\n", tag, to_string(completion.kind), completion.text));
    if (completion.kind == Completion::Kind::bad) count_mistake();
}

// Without a tag that can be read the answer has none either (RFC 9051 §7.1.3).
void Session::refuse(std::string_view command, const Completion& completion) {
    wire::Parser in(command);
    const auto tag = in.tag();
    complete(tag.empty() ? "*" : tag, completion);
}

bool Session::advance() {
    switch (reader_.advance(input())) {
        case wire::Gathered::nothing:
            return false;
        case wire::Gathered::continuation:
            say("+ Ready for the literal\r\n");
            break;
        case wire::Gathered::command:
            execute(reader_.command());
            break;
        case wire::Gathered::too_large:
            refuse(reader_.command(), {Completion::Kind::no, "[TOOBIG] The literal is too large"});
            break;
        case wire::Gathered::stray:
            refuse(reader_.command(),
                   {Completion::Kind::bad, "A line ends in CR LF and holds neither before"});
            break;
        case wire::Gathered::hopeless:
            tell("BYE The command is too long");
            end();
            break;
    }
    return true;
}

// command = tag SP (command-any / command-auth / command-nonauth / command-select) CRLF
void Session::execute(std::string_view command) {
    wire::Parser in(command);
    const auto tag = in.tag();
    in.space();
    const auto name = in.atom();
    if (in.failed()) return refuse(command, {Completion::Kind::bad, "A command is a tag and a name"});
    const auto* const row = find_command(name);
    if (row == nullptr) return complete(tag, {Completion::Kind::bad, "There is no such command"});
    if (!row->states.contains(state_)) return complete(tag, {Completion::Kind::bad, "Not in this state"});
    complete(tag, row->run(*this, in));
}

void Session::say_goodbye(session::Farewell why) { tell(goodbye(why)); }

std::string refuse_connection(std::string_view reason) { return fmt::format("* BYE {}\r\n", reason); }

}  // namespace hongyan::imap
