// A header of any kind, changed by filters in any way, is a header again: what is put in is the field that
// was asked for, on lines that may be sent. The message is what follows the first empty line of the input;
// the lines before it are changes: a letter, an index, a name and a value.
#include <cstdint>
#include <utility>

#include "base/check.h"
#include "message/composer.h"
#include "message/utf8.h"
#include "spam/header_edit.h"

namespace {

using namespace hongyan;
using namespace hongyan::spam;

constexpr std::string_view names[] = {"Subject", "X-Spam", "From", "Received"};

std::string with_line_feeds(std::string value) {
    std::ranges::replace(value, '\x01', '\n');
    return value;
}

void change(HeaderEdit& edit, std::string_view line) {
    if (line.size() < 3) return;
    const std::size_t index = static_cast<unsigned char>(line[1]) % 8U;
    const auto name = names[static_cast<unsigned char>(line[2]) % std::size(names)];
    const auto value = with_line_feeds(std::string(line.substr(3)));
    const auto space = index % 2 == 0 ? LeadingSpace::added : LeadingSpace::given;
    switch (line[0] % 5) {
        case 0:
            return edit.add(name, value, space);
        case 1:
            return edit.insert(index, name, value, space);
        case 2:
            return edit.change(name, index, value, space);
        case 3:
            return edit.remove(name, index);
        default:
            return edit.remove_all(name);
    }
}

// Every line of a field that we wrote may be sent, and none looks empty.
void check_written(std::string_view field, message::Headers headers) {
    check(headers == message::Headers::ascii ? message::is_ascii(field) : message::valid_utf8(field),
          "what a message may hold");
    while (!field.empty()) {
        const auto line = field.substr(0, field.find("\r\n"));
        check(!line.empty() && line.size() <= message::longest_line, "lines are not too long");
        check(!std::ranges::all_of(line, ascii::is_blank), "no line looks like the header's end");
        check(line.find_first_of(std::string_view("\r\n\0", 3)) == line.npos, "lines end as they should");
        field.remove_prefix(std::min(field.size(), line.size() + 2));
    }
}

void edit_all(std::string_view changes, std::string_view message, message::Headers headers) {
    constexpr std::string_view before = "Received: by mx.example.com\r\n";
    HeaderEdit edit(before, message, headers);
    while (!changes.empty()) {
        const auto line = changes.substr(0, changes.find('\n'));
        change(edit, line);
        changes.remove_prefix(std::min(changes.size(), line.size() + 1));
    }
    std::vector<std::pair<std::string, std::string>> expected;
    for (const auto& field : edit.fields()) {
        expected.emplace_back(field.name, message::unfold(field.value));
        const bool is_original =
            field.whole.data() >= message.data() && field.whole.data() < message.data() + message.size();
        if (!is_original) check_written(field.whole, headers);
    }
    const auto edited = edit.finish({});
    const auto whole = edited.before + edited.message.value_or(std::string(message));
    std::vector<std::pair<std::string, std::string>> found;
    for (const auto& field : message::Fields(whole))
        if (!field.is_malformed()) found.emplace_back(field.name, message::unfold(field.value));
    check(found == expected, "a reader finds the fields that were left and put in");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto end = std::min(text.find("\n\n"), text.size());
    const auto changes = text.substr(0, end);
    auto message = text.substr(std::min(end + 2, text.size()));
    // Such a line is given a name before anything is put before it (flow::KeptForms).
    while (!message.empty() && ascii::is_blank(message.front())) message.remove_prefix(1);
    edit_all(changes, message, message::Headers::ascii);
    edit_all(changes, message, message::Headers::utf8);
    return 0;
}
