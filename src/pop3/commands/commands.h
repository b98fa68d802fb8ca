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
void quit(Session& session, std::string_view argument);

}  // namespace commands

}  // namespace hongyan::pop3
