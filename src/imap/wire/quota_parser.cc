#include "imap/wire/quota_parser.h"

#include "imap/wire/limits.h"
#include "imap/wire/writer.h"

namespace hongyan::imap::wire {

// SP quota-root-name SP "(" [setquota-resource *(SP setquota-resource)] ")"   RFC 9208 §7
// setquota-resource = resource-name SP resource-limit
SetQuotaArguments set_quota_arguments(Parser& in) {
    SetQuotaArguments arguments;
    in.space();
    arguments.root = in.astring();
    in.space();
    in.expect("(");
    while (!in.failed() && !in.present(")")) {
        if (!arguments.limits.empty()) in.space();
        std::string resource(in.atom());
        in.space();
        arguments.limits.push_back({std::move(resource), in.number64()});
        if (arguments.limits.size() > max_quota_limits) in.fail("fewer limits");
    }
    return arguments;
}

void put(std::string& out, const SetQuotaArguments& arguments) {
    out += ' ';
    put_astring(out, arguments.root);
    out += " (";
    for (const auto& limit : arguments.limits) {
        if (!out.ends_with('(')) out += ' ';
        out += fmt::format("{} {}", limit.resource, limit.limit);
    }
    out += ')';
}

}  // namespace hongyan::imap::wire
