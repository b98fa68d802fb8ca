#include "admin/listing.h"

#include <boost/json.hpp>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include "base/ascii.h"
#include "base/check.h"

namespace hongyan::admin {

namespace {

// The next code point of valid or invalid UTF-8, and moves on; an invalid byte is U+FFFD.
UChar32 take_code_point(std::string_view text, std::size_t& at) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    UChar32 point = 0;
    U8_NEXT_OR_FFFD(bytes, at, text.size(), point);
    return point;
}

std::size_t width_of(UChar32 point) {
    const auto type = u_charType(point);
    if (type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK || type == U_FORMAT_CHAR) return 0;
    const auto width = u_getIntPropertyValue(point, UCHAR_EAST_ASIAN_WIDTH);
    return width == U_EA_WIDE || width == U_EA_FULLWIDTH ? 2 : 1;
}

bool drives_a_terminal(UChar32 point) {
    const auto type = u_charType(point);
    return type == U_CONTROL_CHAR || type == U_LINE_SEPARATOR || type == U_PARAGRAPH_SEPARATOR ||
           u_hasBinaryProperty(point, UCHAR_BIDI_CONTROL) != 0;
}

std::string text_of(const Cell& cell) {
    struct {
        std::string operator()(const std::string& text) const { return text; }
        std::string operator()(std::uint64_t number) const { return fmt::format("{}", number); }
        std::string operator()(bool yes) const { return yes ? "yes" : "no"; }
        std::string operator()(const std::vector<std::string>& texts) const {
            return fmt::format("{}", fmt::join(texts, " "));
        }
    } as_text;
    return printable(std::visit(as_text, cell));
}

boost::json::value json_of(const Cell& cell) {
    return std::visit([](const auto& value) { return boost::json::value_from(value); }, cell);
}

}  // namespace

void Listing::add(std::vector<Cell> row) {
    check(row.size() == columns_.size(), "a row has a cell for every column");
    rows_.push_back(std::move(row));
}

std::vector<std::string> Listing::head() const {
    std::vector<std::string> line;
    for (const auto& column : columns_) line.push_back(ascii::to_upper(column.name));
    return line;
}

Listing::Lines Listing::lines() const {
    Lines lines;
    for (const auto& row : rows_) {
        auto& line = lines.emplace_back();
        for (std::size_t i = 0; i < row.size(); ++i) line.push_back(fit(text_of(row[i]), columns_[i].most));
    }
    return lines;
}

// The widths grow as the lines need it.
std::string Listing::padded(const Lines& lines, std::vector<std::size_t>& widths) {
    for (const auto& line : lines) {
        widths.resize(line.size());
        for (std::size_t i = 0; i < line.size(); ++i)
            widths[i] = std::max(widths[i], terminal_width(line[i]));
    }
    std::string out;
    for (const auto& line : lines) {
        for (std::size_t i = 0; i < line.size(); ++i) {
            out += line[i];
            if (i + 1 < line.size()) out.append(widths[i] - terminal_width(line[i]) + 2, ' ');
        }
        out += '\n';
    }
    return out;
}

std::string Listing::objects() const {
    std::string out;
    for (const auto& row : rows_) {
        boost::json::object object;
        for (std::size_t i = 0; i < row.size(); ++i) object[columns_[i].name] = json_of(row[i]);
        out += out.empty() ? "" : ",\n ";
        out += boost::json::serialize(object);
    }
    return out;
}

std::string Listing::table() const {
    auto all = lines();
    all.insert(all.begin(), head());
    std::vector<std::size_t> widths;
    return padded(all, widths);
}

std::string Listing::json() const { return "[" + objects() + "]\n"; }

LongListing::LongListing(std::vector<Column> columns, bool as_json, Out out)
    : page_(std::move(columns)), as_json_(as_json), out_(std::move(out)) {}

void LongListing::write(Page page) {
    std::string text;
    const bool is_first = !std::exchange(has_begun_, true);
    if (as_json_) {
        if (is_first) text = "[";
        if (page_.rows() > 0 && std::exchange(has_rows_, true)) text += ",\n ";
        text += page_.objects();
        if (page == Page::last) text += "]\n";
    } else {
        auto lines = page_.lines();
        if (is_first) lines.insert(lines.begin(), page_.head());
        text = Listing::padded(lines, widths_);
    }
    page_.rows_.clear();
    if (!text.empty()) out_(text);
}

std::string human_size(std::uint64_t bytes) {
    constexpr std::array<std::string_view, 5> units{"B", "KiB", "MiB", "GiB", "TiB"};
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= 1024 && unit + 1 < units.size()) {
        value /= 1024;
        ++unit;
    }
    return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, units[unit]);
}

std::string printable(std::string_view utf8) {
    std::string out;
    for (std::size_t at = 0; at < utf8.size();) {
        const auto start = at;
        const auto point = take_code_point(utf8, at);
        const bool invalid = point == 0xfffd;
        if (invalid || drives_a_terminal(point))
            out += "\xef\xbf\xbd";
        else
            out += utf8.substr(start, at - start);
    }
    return out;
}

std::size_t terminal_width(std::string_view utf8) {
    std::size_t width = 0;
    for (std::size_t at = 0; at < utf8.size();) width += width_of(take_code_point(utf8, at));
    return width;
}

std::string fit(std::string_view utf8, std::size_t columns) {
    std::size_t width = 0;
    std::size_t room_for_ellipsis = 0;  // where the text would be cut
    for (std::size_t at = 0; at < utf8.size();) {
        width += width_of(take_code_point(utf8, at));
        if (width + 1 <= columns) room_for_ellipsis = at;
        if (width > columns) return std::string(utf8.substr(0, room_for_ellipsis)) + "…";
    }
    return std::string(utf8);
}

}  // namespace hongyan::admin
