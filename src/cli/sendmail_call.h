// The command line of sendmail as every Unix program knows it: cron, PHP's mail(), mail(1), git send-email.
#pragma once

#include <string>
#include <variant>
#include <vector>

namespace hongyan::cli {

struct SendmailCall {
    enum class What {
        send,        // -bm, and without any
        list,        // -bp, mailq: what waits in the queue
        serve_smtp,  // -bs: SMTP on standard input and output
        nothing,     // -q, -bi, newaliases: the server does by itself what is asked for
    };

    What what = What::send;
    bool reads_recipients = false;  // -t: from To, Cc and Bcc
    bool dot_ends = true;           // a line with a dot ends the message; not with -i, -oi
    std::string settings_file;      // -C: ours
    std::string sender;             // -f, -r
    bool has_sender = false;        // it was given; "" and "<>" are the null one
    std::string full_name;          // -F
    std::string notify;             // -N: "never", "success,delay"
    std::string wanted_return;      // -R: "full", "hdrs"
    std::string envelope_id;        // -V
    std::vector<std::string> recipients;
};

// What is wrong with it, for people.
struct WrongCall {
    std::string what;
};

// `name` is how the program was called: sendmail, mailq or newaliases; `words` are what follows. Options that
// set what only sendmail has (-o…, -B, -d, -e, -G, -h, -L, -m, -n, -O, -p, -U, -v, -X) are read and
// forgotten. Values may be joined to their option or follow it, and options without values to each other;
// "--" ends them.
std::variant<SendmailCall, WrongCall> parse_sendmail_call(std::string_view name,
                                                          const std::vector<std::string>& words);

// Is it one of the names that parse_sendmail_call knows?
bool is_sendmail_name(std::string_view name);

}  // namespace hongyan::cli
