#include "message/structure.h"

#include <algorithm>
#include <unordered_map>

#include "base/ascii.h"
#include "message/field.h"
#include "message/line_scan.h"
#include "message/placement.h"
#include "message/transfer_encoding.h"

namespace hongyan::message {
namespace {

struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

void set_once(std::string& value, const Field& field) {
    if (value.empty()) value = unfold(field.value);
}

// Content-Language = language-tag *("," language-tag), with comments nobody writes   RFC 3282 §2
std::vector<std::string> parse_languages(std::string_view value) {
    std::vector<std::string> languages;
    while (!value.empty()) {
        const auto comma = std::min(value.find(','), value.size());
        auto tag = unfold(value.substr(0, comma));
        if (!tag.empty()) languages.push_back(std::move(tag));
        value.remove_prefix(std::min(comma + 1, value.size()));
    }
    return languages;
}

// The mechanism of Content-Transfer-Encoding; senders put comments and semicolons behind it.
std::string parse_encoding(std::string_view value) {
    const auto line = unfold(value);
    return ascii::to_lower(line.substr(0, line.find_first_of(" \t;(")));
}

struct FieldRow {
    std::string_view name;
    void (*read)(Part& part, const Field& field);
};

// The fields of RFC 2045 §3 and its relatives. Of several fields of one name the first counts.
constexpr FieldRow field_rows[] = {
    {"Content-Transfer-Encoding",
     [](Part& part, const Field& field) {
         if (part.transfer_encoding.empty()) part.transfer_encoding = parse_encoding(field.value);
     }},
    {"Content-Disposition",
     [](Part& part, const Field& field) {
         if (!part.disposition) part.disposition = parse_disposition(field.value);
     }},
    {"Content-Language",
     [](Part& part, const Field& field) {
         if (part.languages.empty()) part.languages = parse_languages(field.value);
     }},
    {"Content-ID", [](Part& part, const Field& field) { set_once(part.id, field); }},
    {"Content-Description", [](Part& part, const Field& field) { set_once(part.description, field); }},
    {"Content-Location", [](Part& part, const Field& field) { set_once(part.location, field); }},
    {"Content-MD5", [](Part& part, const Field& field) { set_once(part.md5, field); }},
};

void read_fields(Part& part, std::string_view header) {
    bool has_type = false;
    for (const auto& field : Fields(header)) {
        if (!ascii::istarts_with(field.name, "Content-")) continue;
        if (!has_type && field.is("Content-Type")) {
            has_type = true;
            if (auto type = parse_media_type(field.value)) part.type = *std::move(type);
            continue;
        }
        const auto row = std::ranges::find_if(field_rows, [&](auto& each) { return field.is(each.name); });
        if (row != std::end(field_rows)) row->read(part, field);
    }
}

// What follows a byte order mark, or the From_ line of an mbox, is a header all the same.
bool begins_header(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    if (text.starts_with("From ") || text.starts_with(">From ")) text.remove_prefix(line_end(text, 0));
    return is_empty_line(text) || begins_field(text);
}

// Without trailing blanks, which RFC 2046 §5.1.1 forbids at its end; empty if none is named.
std::string boundary_of(const Part& part) {
    if (!part.is_multipart()) return {};
    if (const auto* boundary = find(part.type.parameters, "boundary"))
        return std::string(without_trailing_blanks(*boundary));
    return std::string(without_trailing_blanks(decoded(part.type.parameters, "boundary").value_or("")));
}

// RFC 2046 §5.2.1 and RFC 6532 §3.7; under an encoding the message cannot be read in place.
bool may_hold_message(const Part& part) {
    const auto encoding = transfer_encoding(part.transfer_encoding);
    return (part.type.is("message", "rfc822") || part.type.is("message", "global")) &&
           encoding != TransferEncoding::base64 && encoding != TransferEncoding::quoted_printable;
}

// Goes through the message once. Each line that begins with "--" is looked up among the boundaries of all
// multiparts that are open; a match closes whatever was opened inside the multipart it belongs to.
class Parser {
public:
    Parser(std::string_view raw, const Limits& limits) : raw_(raw), limits_(limits) {}

    Structure run() {
        open_part();
        while (const auto delimiter = next_delimiter()) handle(*delimiter);
        close_down_to(0, at_, lines_);
        return std::move(structure_);
    }

private:
    static constexpr std::size_t no_level = SIZE_MAX;

    // A part whose end is not yet known. The stack of them leads from the message to the part being read.
    struct Open {
        Part::Index part;
        Part::Index last_child = Part::none;
        std::uint64_t lines_before_body = 0;
        std::string boundary;             // of a multipart that has not seen its last delimiter, else empty
        std::size_t shadowed = no_level;  // the outer multipart with the same boundary
    };
    struct Delimiter {
        std::size_t level;  // in the stack
        bool is_last;
    };

    // All ways to go forward keep lines_ the number of line ends before at_.
    std::string_view line() const { return raw_.substr(at_, line_end(raw_, at_) - at_); }
    void skip(std::string_view line) {
        at_ += line.size();
        if (line.ends_with('\n')) ++lines_;
    }

    std::optional<Delimiter> next_delimiter();
    std::optional<Delimiter> delimiter_in(std::string_view line) const;
    std::optional<std::size_t> level_of(std::string_view boundary) const;
    void handle(const Delimiter& delimiter);

    void open_part();
    bool add_part();
    void read_header(Part& part);
    bool may_nest() {
        const bool may = open_.size() <= limits_.depth;
        structure_.limit_reached |= !may;
        return may;
    }
    void expect_boundary(std::string boundary);
    void forget_boundary(Open& open);
    void close_down_to(std::size_t level, std::size_t end, std::uint64_t lines);

    std::string_view raw_;
    const Limits& limits_;
    std::size_t at_ = 0;  // always the start of a line, or the end
    std::uint64_t lines_ = 0;
    Structure structure_;
    std::vector<Open> open_;
    std::unordered_map<std::string, std::size_t, TextHash, std::equal_to<>> levels_;  // by boundary
};

// Leaves at_ in front of the delimiter line. RFC 2046 §5.1.1
std::optional<Parser::Delimiter> Parser::next_delimiter() {
    while (at_ < raw_.size()) {
        if (levels_.empty()) {
            lines_ += count_lines(raw_.substr(at_));
            at_ = raw_.size();
        } else if (!raw_.substr(at_).starts_with("--")) {
            at_ = find_dash_line(raw_, at_, lines_);
        } else {
            const auto candidate = line();
            if (const auto delimiter = delimiter_in(candidate)) return delimiter;
            skip(candidate);
        }
    }
    return std::nullopt;
}

// delimiter = "--" boundary ["--"] transport-padding   RFC 2046 §5.1.1
// We hold to the grammar: a line that only begins with a boundary is none, since that may be the boundary of
// a multipart inside.
std::optional<Parser::Delimiter> Parser::delimiter_in(std::string_view line) const {
    if (!line.starts_with("--")) return std::nullopt;
    auto boundary = without_trailing_blanks(without_line_break(line.substr(2)));
    if (const auto level = level_of(boundary)) return Delimiter{*level, false};
    if (!boundary.ends_with("--")) return std::nullopt;
    boundary.remove_suffix(2);
    if (const auto level = level_of(boundary)) return Delimiter{*level, true};
    return std::nullopt;
}

std::optional<std::size_t> Parser::level_of(std::string_view boundary) const {
    if (boundary.empty() || boundary.size() > limits_.boundary_size) return std::nullopt;
    const auto found = levels_.find(boundary);
    if (found == levels_.end()) return std::nullopt;
    return found->second;
}

void Parser::handle(const Delimiter& delimiter) {
    if (!delimiter.is_last && structure_.parts.size() >= limits_.parts) {
        structure_.limit_reached = true;
        levels_.clear();  // the part being read goes on to the end
        return;
    }
    // The line break before a delimiter belongs to it, unless it ends the header of the part being read.
    const auto end =
        std::max(without_line_break(raw_.substr(0, at_)).size(), structure_.parts[open_.back().part].body);
    close_down_to(delimiter.level + 1, end, end < at_ ? lines_ - 1 : lines_);
    skip(line());
    if (delimiter.is_last)
        forget_boundary(open_.back());
    else
        open_part();
}

// Opens the part that begins here, and if it holds a message, that too.
void Parser::open_part() {
    while (add_part()) {
        auto& part = structure_.parts.back();
        read_header(part);
        open_.back().lines_before_body = lines_;
        if (auto boundary = boundary_of(part); !boundary.empty() && may_nest())
            expect_boundary(std::move(boundary));
        if (!may_hold_message(part) || !may_nest()) return;
    }
}

bool Parser::add_part() {
    auto& parts = structure_.parts;
    if (!parts.empty() && parts.size() >= limits_.parts) {
        structure_.limit_reached = true;
        return false;
    }
    const auto index = static_cast<Part::Index>(parts.size());
    auto& part = parts.emplace_back();
    if (!open_.empty()) {
        auto& parent = open_.back();
        auto& parent_part = parts[parent.part];
        part.parent = parent.part;
        (parent.last_child == Part::none ? parent_part.first_child : parts[parent.last_child].next_sibling) =
            index;
        parent.last_child = index;
        if (parent_part.type.is("multipart", "digest")) part.type = {"message", "rfc822", {}};
    }
    open_.push_back({.part = index, .boundary = {}});
    return true;
}

// A header ends with an empty line, with a delimiter, or with the message. Without any field there is none.
void Parser::read_header(Part& part) {
    part.begin = at_;
    bool more = begins_header(raw_.substr(at_));
    while (more && at_ < raw_.size()) {
        const auto next = line();
        if (delimiter_in(next)) break;
        more = !is_empty_line(next);
        skip(next);
    }
    part.body = at_;
    structure_.limit_reached |= part.header_size() > limits_.header_size;
    read_fields(part, raw_.substr(part.begin, std::min(part.header_size(), limits_.header_size)));
}

void Parser::expect_boundary(std::string boundary) {
    if (boundary.size() > limits_.boundary_size) {
        structure_.limit_reached = true;
        return;
    }
    const auto level = open_.size() - 1;
    auto& open = open_.back();
    const auto [place, is_new] = levels_.try_emplace(boundary, level);
    if (!is_new) open.shadowed = std::exchange(place->second, level);
    open.boundary = std::move(boundary);
}

void Parser::forget_boundary(Open& open) {
    const auto place = levels_.find(open.boundary);
    open.boundary.clear();
    if (place == levels_.end()) return;
    if (open.shadowed == no_level)
        levels_.erase(place);
    else
        place->second = open.shadowed;
}

// Ends all parts at this level and above: their bodies reach to `end`, before which there are `lines` line
// ends.
void Parser::close_down_to(std::size_t level, std::size_t end, std::uint64_t lines) {
    for (; open_.size() > level; open_.pop_back()) {
        auto& open = open_.back();
        auto& part = structure_.parts[open.part];
        part.end = end;
        part.lines = lines - open.lines_before_body;
        if (!open.boundary.empty()) forget_boundary(open);
    }
}

// In these the first part is what is meant to be read, the others belong to it.
constexpr std::string_view companion_types[] = {"related", "signed", "encrypted", "report"};

}  // namespace

Structure parse(std::string_view raw, const Limits& limits) { return Parser(raw, limits).run(); }

std::vector<Part::Index> Structure::children(Part::Index part) const {
    std::vector<Part::Index> indexes;
    for (auto child = parts[part].first_child; child != Part::none; child = parts[child].next_sibling)
        indexes.push_back(child);
    return indexes;
}

std::optional<Part::Index> Structure::at(std::span<const std::uint32_t> path) const {
    Part::Index found = 0;
    bool is_whole_message = true;  // whose only body is part 1, if it is no multipart
    bool is_only_body = false;     // of a multipart without parts, which is its part 1
    for (const auto number : path) {
        if (!is_whole_message && parts[found].is_message()) {
            found = parts[found].first_child;
            is_whole_message = true;
        }
        if (parts[found].is_multipart() && parts[found].first_child != Part::none) {
            found = parts[found].first_child;
            for (auto n = number; n > 1 && found != Part::none; --n) found = parts[found].next_sibling;
            if (found == Part::none || number == 0) return std::nullopt;
        } else {
            const bool has_one = is_whole_message || (parts[found].is_multipart() && !is_only_body);
            if (!has_one || number != 1) return std::nullopt;
            is_only_body = true;
        }
        is_whole_message = false;
    }
    return found;
}

std::optional<Part::Index> Structure::message_at(std::span<const std::uint32_t> path) const {
    if (path.empty()) return 0;
    const auto part = at(path);
    if (!part || !parts[*part].is_message()) return std::nullopt;
    return parts[*part].first_child;
}

bool is_consistent(const Structure& structure, std::size_t size) {
    return placement::fits(structure.parts, size);
}

std::string_view header_of(const Part& part, std::string_view raw) {
    return raw.substr(part.begin, part.header_size());
}
std::string_view body_of(const Part& part, std::string_view raw) {
    return raw.substr(part.body, part.body_size());
}
std::string_view whole_of(const Part& part, std::string_view raw) {
    return raw.substr(part.begin, part.size());
}

std::string decoded_body(const Part& part, std::string_view raw) {
    return decode(transfer_encoding(part.transfer_encoding), body_of(part, raw));
}

std::string attachment_name(const Part& part) {
    if (part.disposition)
        if (auto name = decoded(part.disposition->parameters, "filename")) return *std::move(name);
    return decoded(part.type.parameters, "name").value_or("");
}

bool is_attachment(const Structure& structure, Part::Index index) {
    const auto& part = structure.parts[index];
    if (part.is_multipart()) return false;
    if (part.disposition && part.disposition->type == "attachment") return true;
    if (part.parent == Part::none) return !part.is_text();
    const auto& parent = structure.parts[part.parent];
    const bool is_companion = parent.is_multipart() && parent.first_child != index &&
                              std::ranges::count(companion_types, parent.type.subtype) > 0;
    return !is_companion && (!part.is_text() || !attachment_name(part).empty());
}

}  // namespace hongyan::message
