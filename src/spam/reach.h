// How filters outside this program are reached.
#pragma once

#include <memory>
#include <string>

#include "base/random.h"
#include "config/filter.h"
#include "message/encoded_word.h"
#include "net/connector.h"
#include "net/resolver.h"
#include "net/workers.h"
#include "smtp/envelope.h"
#include "spam/judge.h"

namespace hongyan::spam {

// What judges that ask others stand on; outlives them.
struct Means {
    net::Resolver& resolver;
    Random& random;
    net::Workers& workers;  // make large changes
    std::string hostname;   // ours
};

// A connection to where a filter listens, within `patience` with all that is to be asked for. `unavailable`,
// with words for people, if there is none. A name is asked of the resolver each time; localhost is known.
net::Task<Result<std::unique_ptr<net::Stream>>> reach(const Means& means, config::FilterAddress address,
                                                      std::chrono::milliseconds patience);

// Somebody else's words as they may stand in a sentence: on one line, printable, not too long.
std::string on_one_line(std::string_view words);

// Mail of somebody who has logged in, or of a program of this machine.
inline bool is_submission(const smtp::Client& client) {
    return !client.account.empty() || client.protocol == smtp::Protocol::local;
}

// What filters may write into the header of this message.
inline message::Headers headers_of(const smtp::Deliver& came) {
    return came.envelope.parameters.smtputf8 ? message::Headers::utf8 : message::Headers::ascii;
}

// What becomes of a message while the filter `name` cannot be asked; `why` is for people.
void do_without(config::WithoutFilter otherwise, std::string_view code, std::string_view name,
                std::string_view why, Judgement& judgement);
// The same before there is a message: a refusal, or nothing where it is taken at first.
std::optional<smtp::Reply> refusal_without(config::WithoutFilter otherwise);

// Names a session, in our logs and in those of filters.
std::string new_session_id(Random& random);

// "TLSv1.3 TLS_AES_256_GCM_SHA384" in its two words; both empty in plain text.
struct TlsWords {
    std::string version;
    std::string cipher;
};
TlsWords tls_words(const smtp::Client& client);

// "<ann@here.test>", "<>".
std::string in_brackets(const smtp::Path& path);

}  // namespace hongyan::spam
