// A conversation as text. README.md describes the format.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace hongyan::transcripts {

struct Item {
    enum class Kind {
        client,    // C: a line, c: bytes
        server,    // S: a line, in which (...) stands for anything
        question,  // ?: what the session asks
        answer,    // =: what the world answers
        event,     // !: what happens to the session
        closes,    // X: the session ends
    };
    Kind kind{};
    std::string text;  // for the client: the bytes, escapes resolved
    int line = 0;      // in the file, from 1
};

struct Script {
    std::string file;
    int line = 0;                // where it begins
    std::set<std::string> with;  // the circumstances: "with: lmtp, starttls"
    std::vector<Item> items;
};

// The conversations of one file; they are divided by lines of "---".
Result<std::vector<Script>> parse_scripts(std::string_view text, const std::string& file);

// Whether a line is what the pattern says.
bool matches(std::string_view line, std::string_view pattern);

}  // namespace hongyan::transcripts
