#include "flow/submission.h"

#include <fmt/format.h>

#include "message/date.h"
#include "message/field.h"

namespace hongyan::flow {

std::string missing_fields(const smtp::Client& client, std::string_view message, std::string_view hostname,
                           std::string_view id, Instant now) {
    if (client.account.empty() && client.protocol != smtp::Protocol::local) return {};
    const message::Fields header(message);
    std::string fields;
    if (!header.find("Date")) fields += fmt::format("Date: {}\r\n", message::format_date(now));
    if (!header.find("Message-ID")) fields += fmt::format("Message-ID: <{}@{}>\r\n", id, hostname);
    return fields;
}

}  // namespace hongyan::flow
