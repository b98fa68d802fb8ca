#include "outbound/explain.h"

#include <algorithm>

#include "base/ascii.h"
#include "message/field.h"

namespace hongyan::outbound {

namespace {

// Fragments of the texts that providers give, in lower case; what they mean is in their help pages only.
struct Row {
    std::string_view provider;  // empty: any
    std::string_view fragment;
    std::string_view words;
};
constexpr Row rows[] = {
    {"", "must be same as authorization user", "the sender must be the address of the log-in"},
    {"", "must equal authorized user", "the sender must be the address of the log-in"},
    {"", "sender address rejected", "the sender must be the address of the log-in"},
    {"outlook", "5.7.60", "the mailbox may not send as this sender: give it the right, or send as itself"},
    {"outlook", "5.7.139", "the tenant does not permit SMTP AUTH for this mailbox"},
    {"outlook", "concurrent connections", "too many connections at once: set connections= of the route"},
    {"outlook", "submission quota", "the provider's limit for a day or a minute is reached"},
    {"qq", "frequency limit", "too many messages in a short time: set messages= of the route"},
    {"gmail", "5.4.5", "the provider's limit for a day is reached"},
    {"163", "dt:spm", "the provider takes it for unwanted mail"},
    {"126", "dt:spm", "the provider takes it for unwanted mail"},
    {"163", "user has no permission", "SMTP is not switched on in the settings of the web mail"},
    {"126", "user has no permission", "SMTP is not switched on in the settings of the web mail"},
};

std::string text_of(const smtp::Reply& reply) {
    auto text = reply.status;
    for (const auto& line : reply.lines) text += " " + line;
    return ascii::to_lower(text);
}

}  // namespace

std::string explain(const config::NextHop& hop, const smtp_client::Outcome& outcome) {
    const std::string_view name = hop.provider != nullptr ? hop.provider->name : std::string_view();
    const auto text = text_of(outcome.reply);
    for (const auto& row : rows)
        if ((row.provider.empty() || row.provider == name) && text.contains(row.fragment))
            return std::string(row.words);
    if (outcome.stage != smtp_client::Stage::authentication) return {};
    if (hop.provider != nullptr) return std::string(hop.provider->what_to_do);
    return fmt::format("see the secret of {} for this route", hop.user);
}

std::optional<std::string> complaint_about_sender(const config::Provider& provider, std::string_view user,
                                                  const smtp_client::Outgoing& outgoing) {
    if (!provider.only_own_sender) return std::nullopt;
    const auto sender = smtp::to_string(outgoing.sender);
    if (!ascii::iequals(sender, user))
        return fmt::format("{} takes mail of {} only, and the sender is <{}>", provider.name, user, sender);
    const auto field = message::Fields(*outgoing.content).find("From");
    if (!field)
        return fmt::format("{} takes mail of {} only, and there is no From field", provider.name, user);
    for (const auto& mailbox : message::mailboxes_in(field->value)) {
        const auto from = mailbox.address.to_string();
        if (!ascii::iequals(from, user))
            return fmt::format("{} takes mail of {} only, and it is from {}", provider.name, user, from);
    }
    return std::nullopt;
}

}  // namespace hongyan::outbound
