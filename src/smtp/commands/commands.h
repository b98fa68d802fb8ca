// The functions of the command table; each is given the session and the text after its verb.
#pragma once

#include <string_view>

namespace hongyan::smtp {

class Session;

namespace commands {

void ehlo(Session& session, std::string_view argument);
void helo(Session& session, std::string_view argument);
void lhlo(Session& session, std::string_view argument);
void starttls(Session& session, std::string_view argument);
void auth(Session& session, std::string_view argument);
void mail(Session& session, std::string_view argument);
void rcpt(Session& session, std::string_view argument);
void data(Session& session, std::string_view argument);
void bdat(Session& session, std::string_view argument);
void burl(Session& session, std::string_view argument);
void rset(Session& session, std::string_view argument);
void vrfy(Session& session, std::string_view argument);
void expn(Session& session, std::string_view argument);
void help(Session& session, std::string_view argument);
void noop(Session& session, std::string_view argument);
void quit(Session& session, std::string_view argument);
void etrn(Session& session, std::string_view argument);

}  // namespace commands

}  // namespace hongyan::smtp
