#include "imap/completion.h"

namespace hongyan::imap {
namespace {

wire::Code code_of(Error::Kind kind) {
    using enum Error::Kind;
    switch (kind) {
        case invalid:
        case unsupported:
            return wire::Code::cannot;
        case not_found:
            return wire::Code::nonexistent;
        case exists:
            return wire::Code::already_exists;
        case denied:
            return wire::Code::no_permission;
        case conflict:
            return wire::Code::in_use;
        case over_quota:
            return wire::Code::over_quota;
        case too_large:
            return wire::Code::too_big;
        case no_space:
        case unavailable:
            return wire::Code::unavailable;
        case corrupt:
            return wire::Code::corruption;
        case io:
        case internal:
            return wire::Code::server_bug;
    }
    return wire::Code::server_bug;
}

// What happened inside the server is for its log.
std::string text_of(const Error& error) {
    using enum Error::Kind;
    if (error.kind == no_space) return "No space left here, please try again later";
    const bool is_ours = error.kind == io || error.kind == internal || error.kind == corrupt;
    return is_ours ? "Something is wrong with this server" : "Not possible: " + error.message;
}

}  // namespace

Completion refusal(const Error& error) { return no(code_of(error.kind), text_of(error)); }

Completion target_refusal(const Error& error) {
    auto completion = refusal(error);
    if (error.kind == Error::Kind::not_found) completion.said.code = wire::Code::try_create;
    return completion;
}

}  // namespace hongyan::imap
