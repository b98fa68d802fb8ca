// The parts of the table of settings, each in the order of the manual. settings.cc joins them.
#pragma once

#include "config/settings.h"

namespace hongyan::config {

// The default of several of them.
inline constexpr std::string_view loopback[] = {"127.0.0.0/8", "::1"};

namespace sections {

// settings_server.cc: what the server is and where it listens
std::span<const Setting> server();
std::span<const Setting> listen();
std::span<const Setting> tls();
std::span<const Setting> limits();
std::span<const Setting> proxy();
std::span<const Setting> log();
std::span<const Setting> control();

// settings_sessions.cc: IMAP, SMTP, and who may log in
std::span<const Setting> imap();
std::span<const Setting> smtp();
std::span<const Setting> login();
std::span<const Setting> ban();

// settings_judging.cc: who judges mail
std::span<const Setting> spam();
std::span<const Setting> classifier();
std::span<const Setting> sending();
std::span<const Setting> verify();
std::span<const Setting> filters();
std::span<const Setting> rspamd();
std::span<const Setting> clamd();

// settings_keeping.cc: what is kept
std::span<const Setting> store();
std::span<const Setting> directory();
std::span<const Setting> queue();
std::span<const Setting> drop();

// settings_sending.cc: mail for elsewhere, and reports
std::span<const Setting> dns();
std::span<const Setting> bounce();
std::span<const Setting> forward();
std::span<const Setting> outbound();
std::span<const Setting> reports();

}  // namespace sections

}  // namespace hongyan::config
