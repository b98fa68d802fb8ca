#include "config/domain_limit.h"

#include <algorithm>

#include "base/ascii.h"
#include "config/words.h"

namespace hongyan::config {

namespace {

constexpr std::size_t longest = 1000;  // bytes of a limit: of lines in settings and the log

struct Option {
    std::string_view name;
    std::uint64_t DomainLimit::* member;
    std::uint64_t most;
};
constexpr Option options[] = {{"connections", &DomainLimit::connections, most_connections},
                              {"messages", &DomainLimit::messages, most_messages}};

Result<void> take_option(std::string_view word, DomainLimit& limit) {
    const auto equals = std::min(word.find('='), word.size());
    const auto* const option = std::ranges::find(options, word.substr(0, equals), &Option::name);
    if (equals == word.size() || option == std::end(options))
        return fail(Error::Kind::invalid, "\"{}\" is no limit: there are connections=N and messages=N", word);
    if (limit.*(option->member) != 0) return fail(Error::Kind::invalid, "\"{}\" is said twice", option->name);
    if (!take_number(word.substr(equals + 1), option->most, limit.*(option->member)))
        return fail(Error::Kind::invalid, "\"{}\" does not say a number from 1 to {}", word, option->most);
    return {};
}

Result<void> take_who(std::string_view who, DomainLimit& limit) {
    if (who.ends_with(':')) {
        limit.provider = find_provider(who.substr(0, who.size() - 1));
        if (limit.provider != nullptr) return {};
        return fail(Error::Kind::invalid, "\"{}\" is no provider that we know", who);
    }
    limit.domain = ascii::to_lower(who);
    if (is_domain_pattern(limit.domain)) return {};
    return fail(Error::Kind::invalid,
                "\"{}\" is not a domain such as \"example.org\", \".example.org\" or \"*\"", who);
}

}  // namespace

Result<DomainLimit> DomainLimit::parse(std::string_view text) {
    const auto words = words_of(text);
    if (words.empty() || text.size() > longest)
        return fail(Error::Kind::invalid, "\"{}\" is not a limit such as \"example.org messages=60\"",
                    text.substr(0, 80));
    DomainLimit limit;
    TRY(take_who(words.front(), limit));
    for (const auto word : std::span(words).subspan(1)) TRY(take_option(word, limit));
    const bool says_nothing = limit.connections == 0 && limit.messages == 0;
    if (limit.provider == nullptr && says_nothing)
        return fail(Error::Kind::invalid, "\"{}\" does not say connections=N or messages=N", text);
    return limit;
}

std::string DomainLimit::to_string() const {
    auto text = provider != nullptr ? fmt::format("{}:", provider->name) : domain;
    for (const auto& option : options)
        if (const auto number = this->*(option.member)) text += fmt::format(" {}={}", option.name, number);
    return text;
}

}  // namespace hongyan::config
