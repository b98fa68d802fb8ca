// LANGUAGE (RFC 5255 §3.2): in what language the server speaks to people.
#include "imap/commands/commands.h"
#include "imap/commands/names.h"

namespace hongyan::imap::commands {
namespace {

constexpr std::size_t most_wishes = 100;

// *(SP lang-range-quoted)   RFC 5255 §3.5
std::vector<std::string> read_wishes(wire::Parser& in) {
    std::vector<std::string> wishes;
    while (!in.failed() && !in.at_end()) {
        in.space();
        wishes.push_back(in.astring());
        if (wishes.size() > most_wishes) in.fail("less to choose from");
    }
    return wishes;
}

std::string listed(std::span<const Language> some) {
    std::string out = "LANGUAGE (";
    for (const auto language : some) out.append(out.ends_with('(') ? "" : " ").append(to_string(language));
    return out + ")";
}

}  // namespace

Reaction language(Session& session, const Arguments& arguments) {
    const auto wishes = read_wishes(arguments.in);
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    if (wishes.empty()) {
        session.tell(listed(languages()));
        return ok("That is all");
    }
    const std::vector<std::string_view> views(wishes.begin(), wishes.end());
    const auto found = find_language(views);
    if (!found) return no(wire::Code::none, "There is no such language");
    session.standing().language = *found;
    session.tell(listed(std::span(&*found, 1)));
    // RFC 5255 §3.4: the name of a namespace may be another now.
    if (session.state() != State::not_authenticated) session.tell(namespaces(session.standing()));
    return ok("Your language is spoken here");
}

}  // namespace hongyan::imap::commands
