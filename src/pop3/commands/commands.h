// The functions of the command table; each is given the session and the text after its keyword.
#pragma once

#include <string_view>

namespace hongyan::pop3 {

class Session;

namespace commands {

void capa(Session& session, std::string_view argument);
void stls(Session& session, std::string_view argument);
void user(Session& session, std::string_view argument);
void pass(Session& session, std::string_view argument);
void apop(Session& session, std::string_view argument);
void auth(Session& session, std::string_view argument);
void utf8(Session& session, std::string_view argument);
void lang(Session& session, std::string_view argument);
void stat(Session& session, std::string_view argument);
void list(Session& session, std::string_view argument);
void uidl(Session& session, std::string_view argument);
void retr(Session& session, std::string_view argument);
void top(Session& session, std::string_view argument);
void dele(Session& session, std::string_view argument);
void rset(Session& session, std::string_view argument);
void last(Session& session, std::string_view argument);
void noop(Session& session, std::string_view argument);
void quit(Session& session, std::string_view argument);

}  // namespace commands

}  // namespace hongyan::pop3
