#include "verify/authors.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/ascii.h"
#include "message/address.h"
#include "message/field.h"
#include "message/stray_addresses.h"
#include "verify/public_suffix.h"

namespace hongyan::verify {

namespace {

constexpr std::size_t longest_field = 128 * 1024;  // bytes of From that are read: the first half and the last
constexpr std::size_t most_fields = 8;             // that are read, where there should be one
constexpr std::size_t most_mended = 8;             // domains that are looked into label by label
constexpr std::size_t longest_mended = 12;         // labels

bool is_in_a_domain(char c) {
    return ascii::is_alnum(c) || ascii::is_8bit(c) || c == '.' || c == '-' || c == '_';
}

bool is_ip_literal(std::string_view domain) {
    const auto read = message::Domain::parse(domain);
    return read && read->is_literal();
}

// The last labels of what is no name, so many of them.
std::string_view last_labels(std::string_view text, std::size_t count) {
    for (auto dot = text.rfind('.'); dot != std::string_view::npos && dot > 0; dot = text.rfind('.', dot - 1))
        if (--count == 0) return text.substr(dot + 1);
    return text;
}

std::optional<dns::Name> as_name(std::string_view text) {
    if (text.empty()) return std::nullopt;  // one for each sign of a row of "@"
    auto name = dns::Name::parse(text);
    return name ? std::optional(*std::move(name)) : std::nullopt;
}

// What is left of a domain without the labels that no name has; somebody must own it.
std::optional<dns::Name> readable_end(std::string_view domain) {
    domain = last_labels(domain, longest_mended);
    for (auto dot = domain.find('.'); dot != std::string_view::npos; dot = domain.find('.')) {
        domain.remove_prefix(dot + 1);
        if (auto name = dns::Name::parse(domain); name && registrable_domain(*name)) return *std::move(name);
    }
    return std::nullopt;
}

// Where a comment begins that never ends: by RFC 5322 §3.2.2 all behind it is none of the address.
std::optional<std::size_t> endless_comment(std::string_view value) {
    std::size_t depth = 0, begin = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const char c = value[i];
        if (c == '\\') {
            ++i;
        } else if (c == '"' && depth == 0) {
            quoted = !quoted;
        } else if (c == '(' && !quoted) {
            if (depth++ == 0) begin = i;
        } else if (c == ')' && depth > 0) {
            --depth;
        }
    }
    return depth == 0 ? std::nullopt : std::optional(begin);
}

class Collector {
public:
    void field(std::string_view value) {
        if (++fields_ > most_fields) return;
        if (value.size() <= longest_field) return text(value);
        is_too_long_ = true;
        text(value.substr(0, longest_field / 2));
        text(value.substr(value.size() - longest_field / 2));
    }

    Authors conclude() && {
        const bool is_forbidden = fields_ != 1 || too_many_ || is_cut_ || is_too_long_;
        if (too_many_) unclear_ = fmt::format("its From names more than {} domains", most_authors);
        if (is_cut_) unclear_ = "its From names too many authors";
        if (is_too_long_) unclear_ = fmt::format("its From is longer than {} bytes", longest_field);
        if (fields_ != 1) unclear_ = fmt::format("the header has {} From fields, not one", fields_);
        if (known_.empty() && unclear_.empty())
            unclear_ = has_literal_ ? "the author has an address at a host, and no domain"
                                    : "the From field names no domain";
        return {std::move(known_), std::move(unclear_), is_forbidden};
    }

private:
    void text(std::string_view value) {
        list(value);
        strays(value);
        const auto comment = endless_comment(value);
        if (!comment) return;
        const auto before = known_.size();
        list(value.substr(0, *comment));
        if (known_.size() > before) unclear_ = "a comment in the From field has no end";
    }

    void list(std::string_view value) {
        const auto items = message::parse_address_list(value);
        is_cut_ |= items.size() >= message::max_listed_addresses;
        for (const auto& item : items)
            if (item.kind == message::ListedAddress::Kind::mailbox && !too_many_) mailbox(item);
    }

    // "ceo@example.com ann@example.net", without a comma: a reader may see the one, and what vouches be of
    // the other.
    void strays(std::string_view value) {
        if (std::ranges::count(value, '@') < 2) return;
        const auto before = known_.size();
        for (const auto& text : message::stray_addresses(value)) addresses_in(text);
        if (known_.size() > before) unclear_ = "an address in the From field cannot be read";
    }

    void mailbox(const message::ListedAddress& item) {
        if (is_ip_literal(item.domain))
            has_literal_ = true;
        else if (!item.domain.empty() && !item.domain.starts_with('['))
            domain(item.domain);
        else
            without_domain(item);
    }

    // What looks like an address, where none can be read: "ann@example.com <>".
    void without_domain(const message::ListedAddress& item) {
        if (!item.domain.empty()) unclear_ = "a domain in the From field is no name";
        for (const std::string_view text : {item.name, item.local_part, item.domain}) {
            if (text.contains('@')) unclear_ = "an address in the From field cannot be read";
            addresses_in(text);
        }
    }

    void addresses_in(std::string_view text) {
        for (auto at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1)) {
            const auto rest = text.substr(at + 1);
            const auto end = std::ranges::find_if_not(rest, is_in_a_domain);
            domain(rest.substr(0, static_cast<std::size_t>(end - rest.begin())));
        }
    }

    void domain(std::string_view text) {
        if (auto name = as_name(text)) return add({*std::move(name)});
        unclear_ = "a domain in the From field is no name";
        if (mended_ == most_mended) return;
        ++mended_;
        if (auto name = readable_end(text)) add({*std::move(name), true});
    }

    void add(Author author) {
        if (std::ranges::find(known_, author) != known_.end()) return;
        if (known_.size() == most_authors)
            too_many_ = true;
        else
            known_.push_back(std::move(author));
    }

    std::vector<Author> known_;
    std::string unclear_;
    std::size_t fields_ = 0, mended_ = 0;
    bool has_literal_ = false, too_many_ = false, is_cut_ = false, is_too_long_ = false;
};

}  // namespace

Authors authors_of(std::string_view header) {
    Collector collector;
    for (const auto& field : message::Fields(header))
        if (field.is("From")) collector.field(field.value);
    return std::move(collector).conclude();
}

}  // namespace hongyan::verify
