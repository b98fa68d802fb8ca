#include "dns/name.h"

#include <idn2.h>

#include "base/ascii.h"

namespace hongyan::dns {

namespace {

struct FreeIdn {
    void operator()(std::uint8_t* text) const { idn2_free(text); }
};

Result<std::string> to_a_labels(std::string_view text) {
    const std::string terminated(text);
    std::uint8_t* out = nullptr;
    const int status = idn2_lookup_u8(reinterpret_cast<const std::uint8_t*>(terminated.c_str()), &out,
                                      IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    const std::unique_ptr<std::uint8_t, FreeIdn> owner(out);
    if (status != IDN2_OK)
        return fail(Error::Kind::invalid, "\"{}\" is no domain: {}", text, idn2_strerror(status));
    return std::string(reinterpret_cast<const char*>(owner.get()));
}

// What may stand in a label that we ask for: visible ASCII but the two that separate and escape.
bool belongs(char c) { return c > ' ' && c < 0x7f && c != '.' && c != '\\'; }

bool can_be_asked_for(char c) { return c != '\0' && c != '\\' && !ascii::is_8bit(c); }

Result<void> check_label(std::string_view label) {
    if (label.empty()) return fail(Error::Kind::invalid, "a domain name has an empty label");
    if (label.size() > Name::longest_label)
        return fail(Error::Kind::invalid, "a label of {} octets is longer than {}", label.size(),
                    Name::longest_label);
    if (!std::ranges::all_of(label, belongs))
        return fail(Error::Kind::invalid, "a label of a domain name holds a character that no name has");
    return {};
}

std::vector<std::string_view> split(std::string_view text) {
    std::vector<std::string_view> labels;
    while (!text.empty()) {
        const auto dot = text.find('.');
        labels.push_back(text.substr(0, dot));
        text = dot == text.npos ? std::string_view() : text.substr(dot + 1);
        if (dot != std::string_view::npos && text.empty()) labels.emplace_back();
    }
    return labels;
}

Result<void> check_text(std::string_view text) {
    if (text.size() > Name::longest)
        return fail(Error::Kind::invalid, "a domain name of {} octets is longer than {}", text.size(),
                    Name::longest);
    while (!text.empty()) {
        const auto dot = text.find('.');
        TRY(check_label(text.substr(0, dot)));
        if (dot == std::string_view::npos) break;
        text.remove_prefix(dot + 1);
        if (text.empty()) TRY(check_label(text));  // behind a dot at the end
    }
    return {};
}

}  // namespace

Result<Name> Name::parse(std::string_view text) {
    constexpr std::size_t longest_in_utf8 = 4 * longest;
    if (text.empty()) return fail(Error::Kind::invalid, "a domain name is empty");
    if (text.size() > longest_in_utf8 || text.contains('\0'))
        return fail(Error::Kind::invalid, "this is no domain name");
    auto ascii = ascii::to_lower(text);
    if (!ascii::all_ascii(text)) {
        TRY(auto converted, to_a_labels(text));
        ascii = ascii::to_lower(converted);
    }
    if (ascii.ends_with('.')) ascii.pop_back();
    TRY(check_text(ascii));
    return Name(std::move(ascii));
}

Result<Name> Name::computed(std::string_view text) {
    if (text.ends_with('.')) text.remove_suffix(1);
    if (text.empty() || text.size() > longest)
        return fail(Error::Kind::invalid, "a name of {} octets cannot be asked for", text.size());
    for (std::size_t begin = 0; begin <= text.size();) {
        const auto label = text.substr(begin, text.find('.', begin) - begin);
        if (label.empty() || label.size() > longest_label || !std::ranges::all_of(label, can_be_asked_for))
            return fail(Error::Kind::invalid, "\"{}\" cannot be asked for", label);
        begin += label.size() + 1;
    }
    return Name(ascii::to_lower(text));
}

Result<Name> Name::take(std::string_view& in) {
    std::string text;
    for (;;) {
        if (in.empty()) return fail(Error::Kind::invalid, "a domain name in a record has no end");
        const auto size = static_cast<std::uint8_t>(in.front());
        in.remove_prefix(1);
        if (size == 0) break;
        if (size > longest_label || size > in.size())
            return fail(Error::Kind::invalid, "a label in a record is longer than it may be");
        TRY(check_label(in.substr(0, size)));
        if (!text.empty()) text += '.';
        text += ascii::to_lower(in.substr(0, size));
        in.remove_prefix(size);
        if (text.size() > longest) return fail(Error::Kind::invalid, "a domain name in a record is too long");
    }
    return Name(std::move(text));
}

std::string Name::to_wire() const {
    std::string out;
    for (const auto label : split(text_)) {
        out.push_back(static_cast<char>(label.size()));
        out += label;
    }
    out.push_back('\0');
    return out;
}

bool Name::is_within(const Name& zone) const {
    if (zone.is_root() || *this == zone) return true;
    return text_.size() > zone.text_.size() && text_.ends_with(zone.text_) &&
           text_[text_.size() - zone.text_.size() - 1] == '.';
}

Result<Name> Name::under(std::string_view labels) const {
    return parse(is_root() ? std::string(labels) : fmt::format("{}.{}", labels, text_));
}

std::vector<std::string_view> Name::labels() const { return split(text_); }

}  // namespace hongyan::dns
