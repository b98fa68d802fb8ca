// ID (RFC 2971): who is who. Nothing may depend on it; the log has it for those who look for what went wrong.
#include <algorithm>

#include "base/ascii.h"
#include "imap/commands/commands.h"

namespace hongyan::imap::commands {

namespace {

constexpr std::size_t most_logged = 500;  // octets; what real clients say is shorter

// `name="Thunderbird" version="128.0"`, as far as it fits.
std::string to_log(const wire::IdPairs& pairs) {
    std::string text;
    for (const auto& [field, value] : pairs) {
        if (!value) continue;
        text += fmt::format("{}{}=\"{}\"", text.empty() ? "" : " ", field, *value);
        if (text.size() > most_logged) break;
    }
    text.resize(std::min(text.size(), most_logged));
    for (auto& c : text)
        if (ascii::is_control(c)) c = ' ';
    return text;
}

}  // namespace

Reaction id(Session& session, const Arguments& arguments) {
    const auto pairs = arguments.in.id_arguments();
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    session.note_client(to_log(pairs));
    session.tell(R"(ID ("name" "Hongyan"))");
    return ok("Nice to meet you");
}

}  // namespace hongyan::imap::commands
