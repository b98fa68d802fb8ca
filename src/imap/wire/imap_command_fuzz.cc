// Any bytes as commands: the reader says the same however they are cut, and what parses goes round.
#include <cstdint>
#include <functional>

#include "base/check.h"
#include "imap/wire/acl_parser.h"
#include "imap/wire/command_reader.h"
#include "imap/wire/mailbox_text.h"
#include "imap/wire/metadata_parser.h"
#include "imap/wire/multi_search.h"
#include "imap/wire/notify_parser.h"
#include "imap/wire/parser.h"
#include "imap/wire/quota_parser.h"
#include "imap/wire/search_parser.h"
#include "imap/wire/search_writer.h"
#include "imap/wire/sort_parser.h"
#include "imap/wire/url.h"
#include "imap/wire/writer.h"

namespace {

using namespace hongyan;
using namespace hongyan::imap::wire;

constexpr Limits limits{
    .command = 4096, .literal = 512, .message = 2048, .unasked = 256, .thrown_away = 10'000};

std::vector<std::string> commands(std::string_view bytes, std::size_t piece) {
    std::vector<std::string> found;
    CommandReader reader(limits);
    for (std::size_t i = 0; i < bytes.size(); i += piece) {
        reader.receive(bytes.substr(i, piece));
        while (auto reading = reader.next()) {
            if (const auto* command = std::get_if<CommandText>(&*reading)) found.push_back(command->text);
            if (const auto* refused = std::get_if<Refused>(&*reading)) found.push_back(refused->begin);
            if (std::holds_alternative<Abuse>(*reading)) return found;
        }
        check(reader.held() <= limits.command + limits.message + piece + 200, "what is held is bounded");
    }
    return found;
}

template <typename Production>
void go_round(std::string_view text, Production production) {
    Parser in(text);
    const auto value = std::invoke(production, in);
    if (!in.complete()) return;
    std::string wire;
    put(wire, value);
    Parser again(wire);
    check(std::invoke(production, again) == value && again.complete(), "what parses goes round");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto whole = commands(bytes, std::max<std::size_t>(size, 1));
    check(whole == commands(bytes, 3), "how the network cuts the bytes changes nothing");
    for (const auto& command : whole) {
        Parser in(command);
        in.tag();
        in.space();
        in.atom();
        const auto verb_end = command.find(' ', command.find(' ') + 1);
        if (in.failed() || verb_end == std::string::npos) continue;
        const auto rest = std::string_view(command).substr(verb_end);
        go_round(rest, &Parser::fetch_arguments);
        go_round(rest, &Parser::store_arguments);
        go_round(rest, &read_search);
        go_round(rest, &read_sort);
        go_round(rest, &read_multi_search);
        go_round(rest, &read_thread);
        go_round(rest, &Parser::status_arguments);
        go_round(rest, &Parser::select_arguments);
        go_round(rest, &Parser::append_arguments);
        go_round(rest, &Parser::create_arguments);
        go_round(rest, &Parser::id_arguments);
        go_round(rest, &Parser::list_arguments);
        go_round(rest, &Parser::extended_list_arguments);
        go_round(rest, &set_quota_arguments);
        go_round(rest, &notify_arguments);
        go_round(rest, &get_metadata_arguments);
        go_round(rest, &set_metadata_arguments);
        go_round(rest, &set_acl_arguments);
    }
    if (const auto url = parse_message_url(bytes))
        check(url->uid != 0 && (url->is_absolute() || url->user.empty()), "a URL names a message");
    if (const auto name = from_modified_utf7(bytes))
        check(to_modified_utf7(*name) == bytes, "a name has one spelling");
    return 0;
}
