#include "admin/present.h"

#include <functional>

#include "base/scanner.h"
#include "message/body_text.h"
#include "message/encoded_word.h"
#include "message/field.h"
#include "message/structure.h"

namespace hongyan::admin {

namespace {

using message::Part;
using message::Structure;

using Visit = std::function<void(Part::Index, const std::string& number)>;

// Parts under the numbers that IMAP gives them. The message itself has a number only where it is no
// multipart.
void each_numbered(const Structure& structure, Part::Index index, const std::string& number,
                   const Visit& visit) {
    const auto& part = structure.parts[index];
    if (!part.is_multipart()) visit(index, number.empty() ? "1" : number);
    std::uint32_t child_number = 0;
    for (const auto child : structure.children(index)) {
        // The message inside a message/rfc822 part shares its number; the parts of that message do not.
        const auto below = part.is_message() ? number
                           : number.empty()  ? fmt::format("{}", ++child_number)
                                             : fmt::format("{}.{}", number, ++child_number);
        if (part.is_message() && !structure.parts[child].is_multipart()) continue;
        if (structure.parts[child].is_multipart() && !part.is_message()) visit(child, below);
        each_numbered(structure, child, below, visit);
    }
}

std::string media_type(const Part& part) { return fmt::format("{}/{}", part.type.type, part.type.subtype); }

std::string header_line(std::string_view raw, std::string_view name) {
    const auto value = message::unfolded(raw, name);
    return value.empty() ? "" : fmt::format("{}: {}\n", name, printable(message::decode_header_text(value)));
}

// Text on a terminal: LF, and nothing that drives the terminal but tabs.
std::string shown_text(std::string_view utf8) {
    std::string out;
    while (!utf8.empty()) {
        auto line = utf8.substr(0, utf8.find('\n'));
        utf8.remove_prefix(std::min(line.size() + 1, utf8.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        for (std::size_t tab = line.find('\t'); tab != line.npos; tab = line.find('\t')) {
            out += printable(line.substr(0, tab)) + "    ";
            line.remove_prefix(tab + 1);
        }
        out += printable(line) + "\n";
    }
    return out;
}

std::string attachment_line(const Part& part, const std::string& number) {
    const auto name = message::attachment_name(part);
    return fmt::format("[{}: {} {} {}]\n", number, name.empty() ? "(no name)" : printable(name),
                       media_type(part), human_size(part.body_size()));
}

Result<std::vector<std::uint32_t>> parse_number(std::string_view number) {
    std::vector<std::uint32_t> path;
    Scanner in(number);
    do path.push_back(in.number());
    while (in.present("."));
    if (!in.complete())
        return fail(Error::Kind::invalid, "\"{}\" is no number of a part, as 1 or 2.1", number);
    return path;
}

}  // namespace

std::string readable(std::string_view raw) {
    const auto structure = message::parse(raw);
    const auto header = message::header_of(structure.root(), raw);
    std::string out;
    for (const auto* name : {"From", "To", "Cc", "Date", "Subject"}) out += header_line(header, name);
    std::string attachments;
    each_numbered(structure, 0, "", [&](Part::Index index, const std::string& number) {
        if (message::is_attachment(structure, index))
            attachments += attachment_line(structure.parts[index], number);
    });
    if (!attachments.empty()) out += "\n" + attachments;
    return out + "\n" + shown_text(message::reading_text(structure, raw)) + "\n";
}

Listing structure_listing(std::string_view raw) {
    Listing listing({{"part"}, {"type"}, {"encoding"}, {"charset"}, {"size"}, {"lines"}, {"name"}});
    const auto structure = message::parse(raw);
    each_numbered(structure, 0, "", [&](Part::Index index, const std::string& number) {
        const auto& part = structure.parts[index];
        listing.add({number, media_type(part), part.transfer_encoding,
                     message::decoded(part.type.parameters, "charset").value_or(""), part.body_size(),
                     part.lines, message::attachment_name(part)});
    });
    return listing;
}

Result<std::string> part_content(std::string_view raw, std::string_view number) {
    TRY(const auto path, parse_number(number));
    const auto structure = message::parse(raw);
    const auto index = structure.at(path);
    if (!index) return fail(Error::Kind::not_found, "the message has no part {}", number);
    const auto& part = structure.parts[*index];
    return part.is_text() ? message::text_of(part, raw) : message::decoded_body(part, raw);
}

}  // namespace hongyan::admin
