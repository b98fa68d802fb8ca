// What Rspamd answers (its HTTP protocol, /checkv2): JSON to values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace hongyan::spam {

struct RspamdReply {
    enum class Action {
        none,
        greylist,
        add_header,
        rewrite_subject,
        soft_reject,
        reject,
        discard,
        quarantine,
    };
    struct Symbol {
        std::string name;
        double score = 0;
        friend bool operator==(const Symbol&, const Symbol&) = default;
    };
    struct Added {
        std::string name, value;
        std::optional<std::uint32_t> order = {};  // 0 is the top; nothing: the end of the header
        friend bool operator==(const Added&, const Added&) = default;
    };
    struct Removed {
        std::string name;
        std::int64_t number = 0;  // from 1, from the end if negative; 0: all
        friend bool operator==(const Removed&, const Removed&) = default;
    };

    Action action = Action::none;
    bool is_skipped = false;  // not all was looked at; its action counts all the same
    double score = 0;
    double required = 0;               // from which score on it is rejected
    std::vector<Symbol> symbols = {};  // the weightiest first
    std::string subject = {};          // what it becomes, in UTF-8; empty: as it is
    std::string words = {};            // for the client; empty: none
    std::string spam_header = {};      // the field that marks spam; empty: none said
    std::vector<Added> added = {};
    std::vector<Removed> removed = {};
    std::vector<std::string> signatures = {};  // values of DKIM-Signature
    std::vector<std::string> add_recipients = {}, remove_recipients = {};
    std::string sender = {};  // what it becomes; empty: as it is
    bool no_action = false;   // nothing is to be done but to mark it
};

std::string_view to_string(RspamdReply::Action action);

// `invalid` if it is no JSON, or no answer of Rspamd. What is unknown in it is passed over.
Result<RspamdReply> parse_rspamd_reply(std::string_view json);

}  // namespace hongyan::spam
