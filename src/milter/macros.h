// What is told of a session and a message beside the commands: values with the names that Postfix gives them.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "milter/protocol.h"

namespace hongyan::milter {

// All that is known at a moment, by name: one letter bare ("j", "i"), longer names in braces
// ("{client_addr}").
using Values = std::map<std::string, std::string, std::less<>>;

using Names = std::vector<std::string>;

// The names that are sent at a stage if the filter has not said which it wants.
const Names& usual_names(Stage stage);

// "i, {auth_authen} {j}": divided by blanks or commas; braces around one letter mean nothing.
Names parse_names(std::string_view text);

// Which macros one filter gets.
class Symbols {
public:
    void choose(Stage stage, Names names) { chosen_[static_cast<std::size_t>(stage)] = std::move(names); }
    const Names& names(Stage stage) const {
        const auto& own = chosen_[static_cast<std::size_t>(stage)];
        return own ? *own : usual_names(stage);
    }

private:
    std::array<std::optional<Names>, stages> chosen_;
};

}  // namespace hongyan::milter
