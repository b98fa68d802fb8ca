// The inside of a mechanism. Only the files of this folder need it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "base/random.h"
#include "sasl/circumstances.h"
#include "sasl/question.h"

namespace hongyan::sasl {

struct Challenge {
    std::string text;
};

using Step = std::variant<Challenge, Question, Granted, Refused>;

// What a machine is made from. All of it outlives the machine.
struct Context {
    const Settings& settings;
    const Circumstances& circumstances;
    Random& random;
};

// One exchange of one mechanism, seen from the server. Each call gives the next step; after Granted or
// Refused there is none. Exchange sees to it that calls come in turn and that responses are of a bearable
// size.
class Machine {
public:
    virtual ~Machine() = default;
    // What the server says before the client has said anything; clients that speak first get an empty one.
    virtual Challenge first_challenge() { return {}; }
    virtual Step respond(std::string_view response) = 0;
    virtual Step answer(const Answer& answer) = 0;
};

// Most mechanisms end with the answer to their one question.
Step outcome_of(const Answer& answer);

std::unique_ptr<Machine> make_plain(const Context& context);
std::unique_ptr<Machine> make_login(const Context& context);
std::unique_ptr<Machine> make_cram_md5(const Context& context);
std::unique_ptr<Machine> make_external(const Context& context);
std::unique_ptr<Machine> make_oauthbearer(const Context& context);
std::unique_ptr<Machine> make_xoauth2(const Context& context);
std::unique_ptr<Machine> make_scram_sha_1(const Context& context);
std::unique_ptr<Machine> make_scram_sha_1_plus(const Context& context);
std::unique_ptr<Machine> make_scram_sha_256(const Context& context);
std::unique_ptr<Machine> make_scram_sha_256_plus(const Context& context);

}  // namespace hongyan::sasl
