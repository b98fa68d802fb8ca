#include "imap/commands/list_line.h"

#include <iterator>

#include "imap/wire/writer.h"

namespace hongyan::imap::commands {

void put_line(Desk& desk, std::string_view response, const wire::FlagNames& attributes, std::string_view name,
              std::string_view extended) {
    auto& out = desk.out;
    fmt::format_to(std::back_inserter(out), "* {} ", response);
    wire::put_flags(out, attributes);
    fmt::format_to(std::back_inserter(out), " \"{}\" ", store::hierarchy_separator);
    wire::put_mailbox(out, name, desk.here.names);
    if (!extended.empty()) fmt::format_to(std::back_inserter(out), " {}", extended);
    out += "\r\n";
}

wire::FlagNames attributes_of(const store::Mailbox& mailbox) {
    wire::FlagNames attributes;
    if (!mailbox.selectable()) attributes.emplace_back("\\Noselect");
    attributes.emplace_back(mailbox.has_children ? "\\HasChildren" : "\\HasNoChildren");
    if (const auto* row = store::row_of(mailbox.use)) attributes.emplace_back(row->attribute);
    return attributes;
}

}  // namespace hongyan::imap::commands
