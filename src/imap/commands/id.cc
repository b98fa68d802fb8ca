// ID (RFC 2971): who is who. Nothing may depend on it.
#include "imap/commands/commands.h"

namespace hongyan::imap::commands {

namespace {

constexpr int most_fields = 30;  // RFC 2971 §3.3

// id_params_list ::= "(" #(string SPACE nstring) ")" / nil
bool read_parameters(wire::Parser& in) {
    in.space();
    if (in.present("NIL")) return in.complete();
    in.expect("(");
    for (int fields = 0; !in.failed() && !in.present(")"); ++fields) {
        if (fields == most_fields) return false;
        if (fields > 0) in.space();
        in.string();
        in.space();
        in.nstring();
    }
    return in.complete();
}

}  // namespace

Completion id(Session& session, wire::Parser& arguments) {
    if (!read_parameters(arguments)) return syntax_error();
    session.tell(R"(ID ("name" "Hongyan"))");
    return {Completion::Kind::ok, "Nice to meet you"};
}

}  // namespace hongyan::imap::commands
