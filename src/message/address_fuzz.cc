// Any text is an address list that can be written and read again; what is taken as an address keeps to its
// limits.
#include <cstdint>

#include "base/check.h"
#include "message/address.h"
#include "message/utf8.h"

namespace {

using namespace hongyan;
using namespace hongyan::message;

void examine_list(std::string_view text) {
    const auto list = parse_address_list(text);
    int open_groups = 0;
    for (const auto& item : list) {
        open_groups += item.kind == ListedAddress::Kind::group_start ? 1 : 0;
        open_groups -= item.kind == ListedAddress::Kind::group_end ? 1 : 0;
        check(open_groups == 0 || open_groups == 1, "groups begin and end in turn");
        for (const auto& part : {item.name, item.route, item.local_part, item.domain})
            check(part.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos,
                  "a part is one line");
        if (const auto mailbox = mailbox_of(item)) {
            check(valid_utf8(mailbox->name), "a name is for people");
            check(parse_address(mailbox->address.to_string()) == mailbox->address, "an address reads back");
        }
    }
    check(open_groups == 0, "every group ends");
    if (valid_utf8(text)) check(parse_address_list(to_string(list)) == list, "a list reads back");
}

void examine_strictly(std::string_view text) {
    if (const auto address = parse_address(text)) {
        const auto written = address->to_string();
        check(written.size() <= max_local_part + 1 + max_domain, "an address keeps to its limits");
        check(written.find_first_of("\r\n") == std::string::npos, "an address is one line");
        check(parse_address(written) == *address, "an address reads back");
        if (!address->is_international())
            check(parse_address(written, International::no).has_value(), "ASCII needs no SMTPUTF8");
    }
    auto rest = text;
    if (take_path(rest))
        check(parse_path(text.substr(0, text.size() - rest.size())).has_value(), "a path is a path");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    examine_list(text);
    examine_strictly(text);
    return 0;
}
