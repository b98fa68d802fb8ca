#include "verify/dmarc_record.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/scanner.h"
#include "verify/tag_list.h"

namespace hongyan::verify {

namespace {

struct Item {
    std::string_view name, value;
};

// dmarc-record: items between semicolons. What is no item is left out (RFC 7489 §6.3).
std::vector<Item> items_of(std::string_view text) {
    std::vector<Item> items;
    while (!text.empty()) {
        const auto semicolon = text.find(';');
        const auto spec = text.substr(0, semicolon);
        text.remove_prefix(semicolon == std::string_view::npos ? text.size() : semicolon + 1);
        const auto equals = spec.find('=');
        if (equals == std::string_view::npos) continue;
        items.push_back({ascii::trim(spec.substr(0, equals)), ascii::trim(spec.substr(equals + 1))});
    }
    return items;
}

// dmarc-version = "v" *WSP "=" *WSP %x44 %x4d %x41 %x52 %x43 %x31, and it comes first: nothing is before it,
// blanks neither (RFC 7489 §6.4, §6.6.3, step 2).
bool has_version(std::string_view text) {
    Scanner in(text);
    in.expect("v");
    in.skip_blanks();
    in.expect("=");
    in.skip_blanks();
    const auto version = in.take_while(ascii::is_alnum);
    in.skip_blanks();
    return version == "DMARC1" && (in.at_end() || in.peek() == ';');
}

std::optional<DmarcPolicy> parse_policy(std::string_view text) {
    for (const auto policy : {DmarcPolicy::none, DmarcPolicy::quarantine, DmarcPolicy::reject})
        if (ascii::iequals(text, to_string(policy))) return policy;
    return std::nullopt;
}

// Is it a URI, as far as its scheme tells?
bool is_uri(std::string_view text) {
    const auto colon = text.find(':');
    return colon != std::string_view::npos && colon > 0 && colon + 1 < text.size() &&
           ascii::is_alpha(text.front()) &&
           std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

// dmarc-uri *(*WSP "," *WSP dmarc-uri); what is none is left out, and so is what is more than anybody needs
// (RFC 7489 §7.2.1 leaves the number to who reports, from two on).
std::vector<std::string> uris_of(std::string_view text) {
    constexpr std::size_t most_uris = 10, most_bytes = 2'000;
    std::vector<std::string> uris;
    std::size_t left = most_bytes;
    while (!text.empty() && uris.size() < most_uris) {
        const auto comma = text.find(',');
        const auto uri = ascii::trim(text.substr(0, comma));
        if (is_uri(uri) && uri.size() <= left) {
            left -= uri.size();
            uris.emplace_back(uri);
        }
        text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    }
    return uris;
}

// dmarc-fo: what is none of its letters is left out; without any it is "0".
std::string failure_options_of(std::string_view text) {
    std::string options;
    while (!text.empty()) {
        const auto colon = text.find(':');
        const auto option = ascii::to_lower(ascii::trim(text.substr(0, colon)));
        const bool is_known = option == "0" || option == "1" || option == "d" || option == "s";
        if (is_known && options.find(option) == std::string::npos)
            options.append(options.empty() ? "" : ":").append(option);
        text.remove_prefix(colon == std::string_view::npos ? text.size() : colon + 1);
    }
    return options.empty() ? "0" : options;
}

class Reader {
public:
    explicit Reader(std::string_view text) : items_(items_of(text)) {}

    std::optional<std::string_view> find(std::string_view name) const {
        const auto found =
            std::ranges::find_if(items_, [&](const Item& item) { return ascii::iequals(item.name, name); });
        return found == items_.end() ? std::nullopt : std::optional(found->value);
    }
    bool is(std::string_view name, std::string_view value) const {
        const auto found = find(name);
        return found && ascii::iequals(*found, value);
    }

private:
    std::vector<Item> items_;
};

}  // namespace

std::string_view to_string(DmarcPolicy policy) {
    constexpr std::string_view names[] = {"none", "quarantine", "reject"};
    return names[static_cast<std::size_t>(policy)];
}

std::optional<DmarcRecord::Read> DmarcRecord::parse(std::string_view text) {
    if (!has_version(text)) return std::nullopt;
    const Reader in(text);
    Read read;
    auto& record = read.record;
    record.aggregate_to = uris_of(in.find("rua").value_or(""));
    record.failures_to = uris_of(in.find("ruf").value_or(""));
    record.failure_options = failure_options_of(in.find("fo").value_or(""));
    record.dkim = in.is("adkim", "s") ? Alignment::strict : Alignment::relaxed;
    record.spf = in.is("aspf", "s") ? Alignment::strict : Alignment::relaxed;
    record.testing = in.is("t", "y");
    if (in.is("psd", "y")) record.public_suffix = true;
    if (in.is("psd", "n")) record.public_suffix = false;
    constexpr std::uint64_t all = 100;
    if (const auto digits = read_digits(in.find("pct").value_or(""), 3); digits && *digits <= all)
        record.percent = static_cast<unsigned>(*digits);
    const auto policy = parse_policy(in.find("p").value_or(""));
    // One without a value asks for nothing; OpenDMARC and authheaders take it so, too.
    const auto wanted_below = in.find("sp").value_or(""), wanted_of_absent = in.find("np").value_or("");
    const auto below = parse_policy(wanted_below), of_absent = parse_policy(wanted_of_absent);
    if (policy && (below || wanted_below.empty()) && (of_absent || wanted_of_absent.empty())) {
        record.policy = *policy;
        record.subdomains = below;
        record.absent_subdomains = of_absent;
    } else {
        read.broken = record.aggregate_to.empty();
    }
    return read;
}

DmarcPolicy DmarcRecord::policy_for(Whose whose) const {
    if (whose == Whose::own) return policy;
    const auto below = subdomains.value_or(policy);
    return whose == Whose::absent_subdomain ? absent_subdomains.value_or(below) : below;
}

}  // namespace hongyan::verify
