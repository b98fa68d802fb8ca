#include "admin/command.h"
#include "admin/spam_commands.h"
#include "admin/tables.h"

namespace hongyan::admin {

std::span<const Group> groups() {
    static constexpr Group rows[] = {
        {"config", "Look at the settings"},
        {"domain", "The domains that mail is taken for"},
        {"account", "The people (and programs) that have a mailbox here"},
        {"certificate", "Client certificates with which people log in"},
        {"ban", "Who is shut out"},
        {"alias", "Addresses that stand for others"},
        {"mailbox", "The mailboxes of an account"},
        {"message", "The messages in a mailbox"},
        {"queue", "The messages that wait to be sent to other servers"},
        {"suppression", "The addresses to which an account sends nothing any more"},
        {"sts", "What TLS other domains demand of us, as far as it is kept (MTA-STS)"},
        {"report", "What other domains are told of, and what they tell us"},
        {"store", "What lies on disk"},
        {"spf", "Who may send mail for a domain"},
        {"dkim", "Who has signed a message; keys to sign with"},
        {"arc", "Who has passed a message on"},
        {"dmarc", "Who vouches for the author of a message"},
        {"spam", "What is junk, and why; what the classifier has learned"},
    };
    return rows;
}

std::span<const Command> commands() {
    static const std::vector<Command> all = [] {
        std::vector<Command> joined;
        for (const auto& rows : {config_commands(),
                                 domain_commands(),
                                 account_commands(),
                                 account_access_commands(),
                                 certificate_commands(),
                                 ban_commands(),
                                 alias_commands(),
                                 mailbox_commands(),
                                 message_commands(),
                                 queue_commands(),
                                 suppression_commands(),
                                 sts_commands(),
                                 report_commands(),
                                 report_kept_commands(),
                                 report_sending_commands(),
                                 report_file_commands(),
                                 store_commands(),
                                 trace_commands(),
                                 spf_commands(),
                                 dkim_commands(),
                                 dkim_key_commands(),
                                 dmarc_commands(),
                                 spam_commands(),
                                 general_commands()})
            joined.insert(joined.end(), rows.begin(), rows.end());
        return joined;
    }();
    return all;
}

}  // namespace hongyan::admin
