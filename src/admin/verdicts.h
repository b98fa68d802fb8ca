// What the commands that judge mail have in common: whom they ask, what they read, how they say what came of
// it.
#pragma once

#include <boost/json.hpp>

#include "admin/command.h"
#include "net/blocking_resolver.h"
#include "verify/inquiry.h"
#include "verify/spf.h"

namespace hongyan::admin {

inline constexpr Argument resolver_option{
    "resolver", Argument::Kind::option,
    "The name server to ask, HOST:PORT, believed without signatures (default: as the settings say)"};
inline constexpr Argument message_file{"file", Argument::Kind::optional,
                                       "The message (default: standard input)"};
inline constexpr Argument json_object_flag{"json", Argument::Kind::flag, "Print a JSON object"};

// Answers the questions of machines, as the call and the settings say, for twenty seconds at most
// (RFC 7208 §4.6.4).
class Names {
public:
    // Invalid if --resolver makes no sense.
    static Result<Names> make(const Call& call);

    template <typename Outcome>
    Outcome conclude(std::function<std::optional<Outcome>(verify::KnownAnswers&)> machine) {
        verify::Inquiry<Outcome> inquiry(std::move(machine));
        for (auto open = inquiry.questions(); !open.empty(); open = inquiry.questions()) {
            auto answers = ask(open);
            for (std::size_t i = 0; i < open.size(); ++i) inquiry.answer(open[i], std::move(answers[i]));
        }
        return inquiry.outcome();
    }

private:
    explicit Names(std::unique_ptr<net::BlockingResolver> resolver) : resolver_(std::move(resolver)) {}
    std::vector<dns::RawAnswer> ask(const std::vector<dns::Question>& questions);
    std::unique_ptr<net::BlockingResolver> resolver_;
    net::Deadline end_ = net::after(std::chrono::seconds(20));
};

// What --ip, --helo, --mail-from and --receiver tell of a client. Invalid without an address.
Result<verify::SpfQuery> spf_query_of(const Call& call);

// The message of FILE or standard input, with CRLF where its lines end with LF.
Result<std::string> message_of(const Call& call);

// The object as JSON if --json was given; else the lines, the first of which begins with the verdict.
void show_verdict(const Call& call, const boost::json::object& object, const std::vector<std::string>& lines);

}  // namespace hongyan::admin
