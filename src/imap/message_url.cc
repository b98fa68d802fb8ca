#include "imap/message_url.h"

#include <algorithm>

#include "imap/wire/section.h"
#include "message/structure.h"

namespace hongyan::imap {
namespace {

std::unexpected<Error> nothing_there() {
    return fail(Error::Kind::not_found, "the URL names nothing that is here");
}

std::string cut(std::string_view octets, const std::optional<wire::UrlPartial>& partial) {
    if (!partial) return std::string(octets);
    const auto first = std::min<std::uint64_t>(partial->first, octets.size());
    return std::string(octets.substr(first, partial->count.value_or(std::string_view::npos)));
}

}  // namespace

Result<std::string> read_part(const store::View& mail, const store::Mailbox& mailbox,
                              const wire::MessageUrl& url) {
    const auto validity = mailbox.uid_validity.value();
    if (url.uid_validity.value_or(validity) != validity) return nothing_there();
    TRY(const auto entry, mail.entry(mailbox.id, store::Uid(url.uid)));
    if (!entry) return nothing_there();
    TRY(const auto message, mail.message(entry->message));
    TRY(const auto raw, mail.read(entry->message));
    const auto structure = message::parse(std::string_view(raw).substr(message.prefix.size()));
    const auto found = wire::section_text({raw, message.prefix.size()}, structure, url.section);
    if (!found) return nothing_there();
    return cut(found->text(), url.partial);
}

}  // namespace hongyan::imap
