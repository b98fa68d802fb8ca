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

std::string old_name(const Desk& desk, std::string_view asked, std::string_view name) {
    if (asked == name) return "";
    std::string extended = R"(("OLDNAME" ()";
    wire::put_mailbox(extended, asked, desk.here.names);
    return extended += "))";
}

void put_old_name(Desk& desk, const wire::FlagNames& attributes, std::string_view asked,
                  std::string_view name) {
    if (!desk.here.rev2 || asked == name) return;
    put_line(desk, "LIST", attributes, name, old_name(desk, asked, name));
}

wire::FlagNames attributes_of(const store::Mailbox& mailbox) {
    wire::FlagNames attributes;
    if (!mailbox.selectable()) attributes.emplace_back("\\Noselect");
    attributes.emplace_back(mailbox.has_children ? "\\HasChildren" : "\\HasNoChildren");
    if (const auto* row = store::row_of(mailbox.use)) attributes.emplace_back(row->attribute);
    return attributes;
}

}  // namespace hongyan::imap::commands
