#include "spam/header_edit.h"

#include <algorithm>

#include "base/ascii.h"
#include "message/composer.h"
#include "message/header_writer.h"
#include "message/surrogate.h"
#include "message/utf8.h"

namespace hongyan::spam {

namespace {

bool is_blank_line(std::string_view line) { return std::ranges::all_of(line, ascii::is_blank); }

// One field with its line end.
std::string written(std::string_view name, std::string_view value, LeadingSpace space) {
    std::string out(name);
    out += space == LeadingSpace::added ? ": " : ":";
    bool is_first = true;
    for (; is_first || !value.empty(); is_first = false) {
        const auto end = std::min(value.find('\n'), value.size());
        std::string line(value.substr(0, end));
        value.remove_prefix(std::min(end + 1, value.size()));
        std::erase_if(line, [](char c) { return c == '\r' || c == '\0'; });
        // A line of blanks would end the header for some readers.
        if (!is_first && is_blank_line(line)) continue;
        if (!is_first) out += ascii::is_blank(line.front()) ? "\r\n" : "\r\n\t";
        out += line;
    }
    return out + "\r\n";
}

bool has_long_line(std::string_view field) {
    while (!field.empty()) {
        const auto line = field.substr(0, message::line_end(field, 0));
        if (message::without_line_break(line).size() > message::longest_line) return true;
        field.remove_prefix(line.size());
    }
    return false;
}

// The field on lines that are not too long.
std::string folded(std::string_view field, message::Headers headers) {
    const auto parts = *message::Fields(field).begin();
    auto value = message::unfold(parts.value);
    std::ranges::replace(value, '\t', ' ');
    if (!message::is_ascii(value))
        value =
            message::encode_header_text(message::decode_header_text(value), message::Context::unstructured,
                                        message::max_encoded_word, headers);
    std::string out;
    message::put_field(out, parts.name, value);
    return out;
}

// The field as it may be sent.
std::string fit_to_send(std::string field, message::Headers headers) {
    using enum message::Headers;
    if (headers == utf8) field = message::replace_invalid_utf8(field);
    if (headers == ascii && !message::is_ascii(field)) {
        // Addresses and parameters have their own ways; what it leaves out is free text.
        auto plain = message::surrogate_header(field);
        field = plain.empty() ? folded(field, headers) : std::move(plain);
    }
    return has_long_line(field) ? folded(field, headers) : field;
}

}  // namespace

HeaderEdit::HeaderEdit(std::string_view before, std::string_view message, message::Headers headers)
    : headers_(headers) {
    for (const auto& field : message::Fields(before)) entries_.push_back(entry_of(field));
    ours_ = entries_.size();
    std::size_t header = 0;
    std::size_t hidden = 0;  // where those begin that are too many
    for (const auto& field : message::Fields(message)) {
        if (entries_.size() < ours_ + most_fields) {
            entries_.push_back(entry_of(field));
            hidden = header + field.whole.size();
        }
        header += field.whole.size();
    }
    if (hidden < header) entries_.push_back({.original = message.substr(hidden, header - hidden)});
    const auto rest = message.substr(header);
    has_end_ = !rest.empty();
    body_ = rest.substr(message::line_end(rest, 0));
}

std::vector<message::Field> HeaderEdit::fields() const {
    std::vector<message::Field> out;
    for (const auto& entry : entries_)
        if (!entry.is_removed && entry.is_field()) out.push_back(*message::Fields(entry.text()).begin());
    return out;
}

std::size_t HeaderEdit::count(std::string_view name) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(entries_, [&](const auto& entry) { return entry.is(name); }));
}

std::string HeaderEdit::value_of(std::string_view name) const {
    for (const auto& field : fields())
        if (field.is(name)) return message::unfold(field.value);
    return {};
}

HeaderEdit::Entry HeaderEdit::entry_of(const message::Field& field) {
    return {.original = field.whole, .name_size = field.name.size()};
}

HeaderEdit::Entry HeaderEdit::entry_of(std::string_view name, std::string_view value,
                                       LeadingSpace space) const {
    return {.own = fit_to_send(written(name, value, space), headers_), .name_size = name.size()};
}

HeaderEdit::Entry* HeaderEdit::find(std::string_view name, std::size_t index) {
    for (auto& entry : entries_)
        if (entry.is(name) && (index <= 1 || --index == 0)) return &entry;
    return nullptr;
}

void HeaderEdit::add(std::string_view name, std::string_view value, LeadingSpace space) {
    entries_.push_back(entry_of(name, value, space));
    is_changed_ = true;
}

void HeaderEdit::insert(std::size_t index, std::string_view name, std::string_view value,
                        LeadingSpace space) {
    std::size_t place = 0;
    for (std::size_t before = std::max<std::size_t>(index, 1) - 1; before > 0 && place < entries_.size();
         ++place)
        if (entries_[place].is_field()) --before;
    entries_.insert(entries_.begin() + static_cast<std::ptrdiff_t>(place), entry_of(name, value, space));
    if (place <= ours_)
        ++ours_;
    else
        is_changed_ = true;
}

void HeaderEdit::change(std::string_view name, std::size_t index, std::string_view value,
                        LeadingSpace space) {
    if (value.empty()) return remove(name, index);
    auto* const entry = find(name, index);
    if (entry == nullptr) return add(name, value, space);
    *entry = entry_of(name, value, space);
    is_changed_ |= entry >= entries_.data() + ours_;
}

void HeaderEdit::remove(std::string_view name, std::size_t index) {
    if (auto* const entry = find(name, index)) remove(*entry);
}

void HeaderEdit::remove_all(std::string_view name) {
    for (auto& entry : entries_)
        if (entry.is(name)) remove(entry);
}

void HeaderEdit::remove(Entry& entry) {
    entry.is_removed = true;
    is_changed_ |= &entry >= entries_.data() + ours_;
}

std::string HeaderEdit::joined(std::size_t from, std::size_t to) const {
    std::string out;
    for (; from < to; ++from) {
        if (entries_[from].is_removed) continue;
        out += entries_[from].text();
        // The last line of a header without a body.
        if (!out.ends_with('\n')) out += "\r\n";
    }
    return out;
}

HeaderEdit::Edited HeaderEdit::finish(const std::optional<std::string>& body) const {
    Edited out{.before = joined(0, ours_), .message = {}};
    if (!is_changed_ && !body) return out;
    const std::string_view text = body ? std::string_view(*body) : body_;
    auto& message = out.message.emplace(joined(ours_, entries_.size()));
    if (has_end_ || !text.empty()) message += "\r\n";
    message += text;
    return out;
}

}  // namespace hongyan::spam
