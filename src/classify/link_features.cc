// Where links go. Who sends junk must name a place where something is sold.
#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "classify/extract.h"
#include "classify/words.h"

namespace hongyan::classify {

namespace {

constexpr std::size_t max_links = 200;
constexpr std::size_t max_url = 1'000;
constexpr std::size_t max_path_words = 12;

// Second levels under which names are registered.
constexpr std::string_view second_levels[] = {"co", "com", "net", "org", "edu", "gov",
                                              "ac", "or",  "ne",  "gob", "gouv"};

bool is_host_character(char c) {
    return ascii::is_alnum(c) || c == '-' || c == '.' || c == '%' || c == '_' || ascii::is_8bit(c);
}
bool ends_url(char c) {
    return ascii::is_space(c) || c == '"' || c == '\'' || c == '<' || c == '>' || c == ')';
}

bool is_number(std::string_view host) {
    return !host.empty() && ascii::is_digit(host.back()) &&
           std::ranges::all_of(host, [](char c) { return ascii::is_digit(c) || c == '.'; });
}

struct Authority {
    std::string_view user, host, port;
};
Authority authority_of(std::string_view url) {
    const auto start = url.find("://");
    if (start == std::string_view::npos) return {};
    auto text = url.substr(start + 3);
    text = text.substr(0, text.find_first_of("/?#\\"));
    Authority authority;
    if (const auto at = text.rfind('@'); at != std::string_view::npos) {
        authority.user = text.substr(0, at);
        text.remove_prefix(at + 1);
    }
    const auto end = std::ranges::find_if_not(text, is_host_character) - text.begin();
    authority.host = text.substr(0, static_cast<std::size_t>(end));
    const auto rest = text.substr(authority.host.size());
    if (rest.starts_with(':')) authority.port = rest.substr(1);
    return authority;
}

std::string_view path_of(std::string_view url) {
    const auto start = url.find("://");
    if (start == std::string_view::npos) return {};
    const auto slash = url.find_first_of("/?#", start + 3);
    return slash == std::string_view::npos ? std::string_view() : url.substr(slash);
}

}  // namespace

std::string_view host_of(std::string_view url) { return authority_of(url).host; }

std::string_view registered_domain(std::string_view host) {
    const auto last = host.rfind('.');
    if (last == std::string_view::npos || last == 0) return host;
    auto second = host.rfind('.', last - 1);
    if (second == std::string_view::npos) return host;
    const bool is_country = host.size() - last - 1 == 2;
    const auto label = host.substr(second + 1, last - second - 1);
    if (is_country && second > 0 &&
        std::ranges::find(second_levels, ascii::to_lower(label)) != std::end(second_levels))
        second = host.rfind('.', second - 1);
    return second == std::string_view::npos ? host : host.substr(second + 1);
}

void look_at_link(Seen& seen, std::string_view url) {
    url = url.substr(0, max_url);
    const auto authority = authority_of(url);
    if (authority.host.empty()) return;
    auto& traits = seen.traits;
    traits.set(Trait::link_with_user, !authority.user.empty());
    traits.set(Trait::link_in_disguise, authority.host.contains('%'));
    traits.set(Trait::link_to_number, is_number(authority.host));
    traits.set(Trait::link_to_port,
               !authority.port.empty() && authority.port != "80" && authority.port != "443");
    const auto host = ascii::to_lower(authority.host);
    seen.features.add(Kind::link_host, host);
    seen.features.add(Kind::link_host, registered_domain(host));
    seen.features.add_words(Kind::link_word, words_of(path_of(url), max_path_words));
}

void look_at_links_in_text(Seen& seen, std::string_view text) {
    std::size_t links = 0;
    for (auto at = text.find("://"); at != std::string_view::npos && links < max_links;
         at = text.find("://", at + 3)) {
        const auto before = text.substr(0, at);
        const auto scheme = before.ends_with("https") ? 5U : before.ends_with("http") ? 4U : 0U;
        if (scheme == 0) continue;
        const auto rest = text.substr(at - scheme, max_url);
        look_at_link(seen, rest.substr(0, static_cast<std::size_t>(std::ranges::find_if(rest, ends_url) -
                                                                   rest.begin())));
        ++links;
    }
}

}  // namespace hongyan::classify
