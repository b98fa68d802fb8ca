#include "outbound/report_targets.h"

#include <algorithm>

#include "net/ask_all.h"

namespace hongyan::outbound {

namespace {

struct Asked {
    std::string uri;
    reports::Destination destination;
    std::optional<dns::Name> permission = {};  // where a record has to agree (RFC 7489 §7.1)
};

class Search {
public:
    Search(const log::Log& log, std::string_view domain) : log_(log), domain_(domain) {}

    std::vector<Asked> chosen(const dns::Name& domain, const std::vector<std::string>& uris) const {
        std::vector<Asked> all;
        for (const auto& uri : uris) {
            auto asked = read(domain, uri);
            if (!asked) {
                tell(uri, asked.error().message);
            } else if (all.size() == reports::most_destinations) {
                tell(uri, "the record names too many");
                break;
            } else {
                all.push_back(*std::move(asked));
            }
        }
        return all;
    }

    // `answer` is that of asked.permission.
    void add(Targets& targets, const Asked& asked, const dns::RawAnswer& raw, reports::Wanted wanted) const {
        const auto answer = dns::read<dns::Txt>(raw);
        if (answer.is_trouble()) {
            tell(asked.uri, "DNS does not say whether the destination agrees");
            targets.is_complete = false;
            return;
        }
        const auto agreed = reports::permitted(asked.destination, answer.records, wanted);
        if (agreed.empty())
            tell(asked.uri,
                 "the destination has not agreed: there is no record at " + asked.permission->text());
        targets.destinations.insert(targets.destinations.end(), agreed.begin(), agreed.end());
    }

private:
    static Result<Asked> read(const dns::Name& domain, const std::string& uri) {
        TRY(const auto destination, reports::parse_destination(uri));
        Asked asked{.uri = uri, .destination = destination};
        if (reports::needs_permission(domain, destination)) {
            TRY(asked.permission, reports::permission_name(domain, destination));
        }
        return asked;
    }

    void tell(std::string_view uri, std::string_view why) const {
        log_.info("report not sent",
                  {{"domain", std::string(domain_)}, {"to", std::string(uri)}, {"why", std::string(why)}});
    }

    const log::Log& log_;
    std::string_view domain_;
};

}  // namespace

net::Task<Targets> targets_of(net::Resolver& resolver, const log::Log& log, std::string domain,
                              std::vector<std::string> uris, reports::Wanted wanted,
                              std::chrono::milliseconds patience) {
    Targets targets;
    const auto policy_domain = dns::Name::parse(domain);
    if (!policy_domain) co_return targets;
    const Search search(log, domain);
    const auto all = search.chosen(*policy_domain, uris);
    std::vector<dns::Question> questions;
    for (const auto& asked : all)
        if (asked.permission) questions.push_back({.name = *asked.permission, .type = dns::Type::txt});
    const auto deadline = net::after(std::min(patience, longest_look_up));
    const auto answers = co_await net::ask_all(resolver, questions, deadline);
    auto answer = answers.begin();
    for (const auto& asked : all) {
        if (asked.permission)
            search.add(targets, asked, *answer++, wanted);
        else
            targets.destinations.push_back(asked.destination);
    }
    co_return targets;
}

}  // namespace hongyan::outbound
