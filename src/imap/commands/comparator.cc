// COMPARATOR (RFC 5255 §4.7): how texts are compared. There is one way, that of every language.
#include <algorithm>

#include "base/ascii.h"
#include "imap/commands/commands.h"

namespace hongyan::imap::commands {
namespace {

constexpr std::string_view unicode_casemap = "i;unicode-casemap";
constexpr std::size_t most_wishes = 100;

// collation-order   RFC 4790 §3.2: "*" stands for any run of characters, and may stand at either end or in
// the middle.
bool matches(std::string_view wish, std::string_view name) {
    if (ascii::iequals(wish, "default")) return true;
    const auto star = wish.find('*');
    if (star == std::string_view::npos) return ascii::iequals(wish, name);
    const auto front = wish.substr(0, star);
    if (!ascii::istarts_with(name, front)) return false;
    const auto rest = wish.substr(star + 1);
    for (std::size_t i = front.size(); i <= name.size(); ++i) {
        const auto behind = name.substr(i);
        if (rest.contains('*') ? matches(rest, behind) : ascii::iequals(rest, behind)) return true;
    }
    return false;
}

}  // namespace

// *(SP comp-order-quoted)
Reaction comparator(Session& session, const Arguments& arguments) {
    std::vector<std::string> wishes;
    while (!arguments.in.failed() && !arguments.in.at_end()) {
        arguments.in.space();
        wishes.push_back(arguments.in.astring());
        const bool is_too_much = wishes.size() > most_wishes || std::ranges::count(wishes.back(), '*') > 2;
        if (is_too_much) arguments.in.fail("less to choose from");
    }
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    const auto is_ours = [](const std::string& wish) { return matches(wish, unicode_casemap); };
    if (!wishes.empty() && std::ranges::none_of(wishes, is_ours))
        return no(wire::Code::bad_comparator, "There is no such comparator");
    session.tell(fmt::format("COMPARATOR {}", unicode_casemap));
    return ok("So texts are compared");
}

}  // namespace hongyan::imap::commands
