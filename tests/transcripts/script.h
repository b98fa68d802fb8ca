// A conversation as text. README.md describes the format.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace hongyan::transcripts {

// Which of the two the session is.
enum class Side { server, client };

struct Item {
    enum class Kind {
        peer,      // what the session hears: a line (C: to a server, S: to a client), or bytes (c:, s:)
        session,   // what the session says: a line (S: or C:), in which (...) stands for anything
        question,  // ?: what the session asks
        answer,    // =: what the world answers
        event,     // !: what happens to the session
        report,    // R: what the session tells the world
        closes,    // X: the session ends
    };
    Kind kind{};
    std::string text;  // of the peer: the bytes, escapes resolved
    int line = 0;      // in the file, from 1
};

struct Script {
    Side side = Side::server;
    std::string file;
    int line = 0;                // where it begins
    std::set<std::string> with;  // the circumstances: "with: lmtp, starttls"
    std::vector<Item> items;
};

// The conversations of one file; they are divided by lines of "---".
Result<std::vector<Script>> parse_scripts(std::string_view text, const std::string& file,
                                          Side side = Side::server);

// \r \n \0 \\ \xHH as bytes, and \{text*count} as a run.
std::string unescape(std::string_view text);

// Whether a line is what the pattern says.
bool matches(std::string_view line, std::string_view pattern);

}  // namespace hongyan::transcripts
