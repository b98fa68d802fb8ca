// A list of things with the same fields, for a person as an aligned table, for a program as JSON.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hongyan::admin {

using Cell = std::variant<std::string, std::uint64_t, bool, std::vector<std::string>>;

struct Column {
    std::string
        name;  // lower case with underscores: the key in JSON and, in capitals, the head of the column
    std::size_t most = 80;  // columns of the terminal; a table cuts what is wider, JSON never

    Column(const char* given, std::size_t widest = 80)
        : name(given), most(widest) {}  // NOLINT(google-explicit-constructor)
};

class Listing {
public:
    explicit Listing(std::vector<Column> columns) : columns_(std::move(columns)) {}

    void add(std::vector<Cell> row);
    std::size_t rows() const { return rows_.size(); }

    std::string table()
        const;  // text as it is, controls made visible; columns padded to terminal width of UTF-8 text
    std::string json() const;  // an array of objects

private:
    friend class LongListing;
    using Lines = std::vector<std::vector<std::string>>;

    std::vector<std::string> head() const;
    Lines lines() const;
    static std::string padded(const Lines& lines, std::vector<std::size_t>& widths);
    std::string objects() const;

    std::vector<Column> columns_;
    std::vector<std::vector<Cell>> rows_;
};

// A list too long to be held, told page by page: each is written and forgotten. A table's columns are as wide
// as the pages so far needed.
class LongListing {
public:
    using Out = std::function<void(std::string_view)>;

    LongListing(std::vector<Column> columns, bool as_json, Out out);
    void add(std::vector<Cell> row) { page_.add(std::move(row)); }
    // Writes what was added since the last time; at the end once more with `last`.
    enum class Page { more, last };
    void write(Page page);

private:
    Listing page_;
    bool as_json_;
    Out out_;
    bool has_begun_ = false, has_rows_ = false;
    std::vector<std::size_t> widths_;
};

// Bytes as a person reads them: "512 B", "1.2 MiB".
std::string human_size(std::uint64_t bytes);

// Text that a terminal shows as it is: control characters become U+FFFD, so that no message can drive the
// terminal.
std::string printable(std::string_view utf8);

// Columns that the text takes on a terminal: two for wide East Asian characters, none for combining ones.
std::size_t terminal_width(std::string_view utf8);

// The text cut so that it takes at most `columns`, with an ellipsis where something was cut.
std::string fit(std::string_view utf8, std::size_t columns);

}  // namespace hongyan::admin
