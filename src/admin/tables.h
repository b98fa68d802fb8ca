// The rows of each group of commands; table.cc joins them.
#pragma once

#include <span>

#include "admin/command.h"

namespace hongyan::admin {

std::span<const Command> general_commands();
std::span<const Command> config_commands();
std::span<const Command> domain_commands();
std::span<const Command> account_commands();
std::span<const Command> certificate_commands();
std::span<const Command> account_access_commands();
std::span<const Command> ban_commands();
std::span<const Command> alias_commands();
std::span<const Command> mailbox_commands();
std::span<const Command> message_commands();
std::span<const Command> queue_commands();
std::span<const Command> suppression_commands();
std::span<const Command> sts_commands();
std::span<const Command> report_commands();
std::span<const Command> report_file_commands();
std::span<const Command> report_kept_commands();
std::span<const Command> report_sending_commands();
std::span<const Command> trace_commands();
std::span<const Command> store_commands();
std::span<const Command> spf_commands();
std::span<const Command> dkim_commands();
std::span<const Command> dkim_key_commands();
std::span<const Command> dmarc_commands();

}  // namespace hongyan::admin
