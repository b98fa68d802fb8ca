// What an SMTP server says (RFC 5321 §4.2).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hongyan::smtp {

struct Reply {
    int code = 0;  // RFC 5321 §4.2.3
    std::string enhanced =
        {};  // RFC 3463: "5.5.1"; empty where none belongs (RFC 2034 §4: greetings, EHLO, 3xx)
    std::vector<std::string> lines = {};  // at least one; no line ends in them

    Reply(int number, std::string_view status, std::string text)
        : code(number), enhanced(status), lines{std::move(text)} {}
    Reply(int number, std::string_view status, std::vector<std::string> texts)
        : code(number), enhanced(status), lines(std::move(texts)) {}

    // 4xx and 5xx.
    bool is_refusal() const { return code >= 400; }
    friend bool operator==(const Reply&, const Reply&) = default;
};

// Every line with its code; "250-" while more follow. The enhanced code stands in each (RFC 2034 §4).
std::string to_wire(const Reply& reply);

}  // namespace hongyan::smtp
