#include "config/provider.h"

#include <algorithm>

namespace hongyan::config {

namespace {

constexpr std::string_view authorization_code =
    "switch SMTP on in the settings of the web mail, and use the authorization code that is shown there "
    "instead of the password";

constexpr std::string_view gmail[] = {"gmail.com", "googlemail.com"};
constexpr std::string_view qq[] = {"qq.com", "vip.qq.com", "foxmail.com"};
constexpr std::string_view netease_163[] = {"163.com", "vip.163.com"};
constexpr std::string_view netease_126[] = {"126.com", "vip.126.com", "yeah.net"};
constexpr std::string_view outlook[] = {"outlook.com", "hotmail.com", "live.com", "msn.com"};

// The limits are those that a provider names (Exchange Online: 3 connections, 30 messages a minute), or
// cautious ones where it names none, as all do for those who are no customers.
constexpr Provider rows[] = {
    {"gmail", "smtp.gmail.com", 465, RouteTls::implicit, LogInBy::password, false, 3, 60,
     "switch 2-step verification on, and use an app password instead of the account's", gmail, 10, 600},
    {"qq", "smtp.qq.com", 465, RouteTls::implicit, LogInBy::password, false, 2, 30, authorization_code, qq, 3,
     60},
    {"163", "smtp.163.com", 465, RouteTls::implicit, LogInBy::password, true, 2, 30, authorization_code,
     netease_163, 3, 60},
    {"126", "smtp.126.com", 465, RouteTls::implicit, LogInBy::password, true, 2, 30, authorization_code,
     netease_126, 3, 60},
    {"outlook", "smtp.office365.com", 587, RouteTls::required, LogInBy::token, false, 3, 30,
     "passwords are not accepted; renew the OAuth token, and see that SMTP AUTH is permitted for the "
     "mailbox",
     outlook, 10, 300},
};

}  // namespace

std::span<const Provider> providers() { return rows; }

const Provider* find_provider(std::string_view name) {
    const auto* const found = std::ranges::find(rows, name, &Provider::name);
    return found == std::end(rows) ? nullptr : found;
}

}  // namespace hongyan::config
