#include "outbound/report_making.h"

#include <algorithm>

#include "base/ascii.h"
#include "flow/notice.h"
#include "outbound/report_author.h"
#include "outbound/report_entry.h"
#include "outbound/settings.h"
#include "reports/archive.h"
#include "reports/losses.h"
#include "reports/mail.h"
#include "tls_policy/tls_report.h"

namespace hongyan::outbound {

namespace {

using reports::Destination;

bool takes(const Destination& destination, const std::string& mail) {
    return !destination.most || mail.size() <= *destination.most;
}

// One report for all who get it.
class Aggregate {
public:
    Aggregate(const flow::World& world, Random& random, const reports::AggregateReport& report,
              message::Mailbox from)
        : world_(world),
          random_(random),
          report_(report),
          from_(std::move(from)),
          packed_(tls_policy::gzip(to_xml(report))) {}

    void send(const Destination& destination, std::vector<engine::Part>& parts) {
        const message::Mailbox to{.name = {}, .address = destination.address};
        const auto mail = reports::aggregate_mail(report_, packed_, from_, to, world_.clock, random_);
        size_ = mail.size();
        if (takes(destination, mail)) parts.push_back(entry_of(world_, {destination.address, mail}));
    }

    // What is delivered here is not seen by those who take reports in. Whom the report is for gets it also
    // where no copy can be kept: that is told of, and counted.
    void keep(std::vector<engine::Part>& parts) const {
        auto part = copy();
        if (!part)
            world_.log.error("copy of a report not kept",
                             {{"domain", report_.policy.domain}, {"why", part.error().message}});
        parts.push_back(part ? *std::move(part)
                             : reports::part_to_add({reports::Loss::refused, 1, world_.clock.now()}));
    }

    void say_that_it_is_too_large(const Destination& destination, std::vector<engine::Part>& parts) {
        const message::Mailbox to{.name = {}, .address = destination.address};
        world_.log.info("report too large", {{"domain", report_.policy.domain},
                                             {"to", destination.address.to_string()},
                                             {"size", fmt::format("{}", size_)}});
        const auto mail = reports::too_large_mail(report_, size_, from_, to, world_.clock, random_);
        parts.push_back(entry_of(world_, {destination.address, mail}));
    }

private:
    Result<engine::Part> copy() const {
        TRY(auto filing, reports::file_report(packed_, {.when = world_.clock.now(),
                                                        .author = from_.address.domain.text(),
                                                        .vouched = true}));
        return reports::part_to_keep(world_.store.engine(), std::move(filing));
    }

    const flow::World& world_;
    Random& random_;
    const reports::AggregateReport& report_;
    message::Mailbox from_;
    std::string packed_;
    std::size_t size_ = 0;  // of the last mail
};

bool is_ours(const Author& author, const Destination& destination) {
    const auto text = destination.address.to_string();
    return std::ranges::any_of(author.addresses,
                               [&text](const std::string& address) { return ascii::iequals(address, text); });
}

}  // namespace

Author::Author(const Settings& settings)
    : hostname(settings.hostname),
      from(settings.reports.from),
      postmaster(flow::postmaster_of(settings.policy)),
      addresses(settings.reports.addresses) {}

message::Mailbox who_reports(const Author& author, const directory::Directory& directory) {
    if (auto own = message::parse_address(author.from)) return {.name = {}, .address = *own};
    auto chosen = signing_domain(directory, author.hostname).value_or(std::nullopt);
    if (!chosen)
        if (const auto domains = directory.domains(); domains && !domains->empty())
            chosen = domains->front().name;
    if (chosen)
        if (auto address = message::parse_address("postmaster@" + chosen->ascii()))
            return {.name = {}, .address = *address};
    return {.name = {}, .address = author.postmaster};
}

Result<Made> make_aggregate(const flow::World& world, Random& random, const Author& author,
                            const reports::Counted& counted, const std::vector<Destination>& destinations) {
    TRY(auto rows, reports::rows_of(*world.store.engine().snapshot(engine::Scope::global()), counted.day));
    const auto from = who_reports(author, world.directory);
    const auto report =
        reports::report_of(counted, std::move(rows), author.hostname, from.address.to_string(),
                           from.address.domain.text(), world.clock.now());
    Made made{.id = report.id, .rows = report.rows.size(), .end = report.end};
    const bool is_empty = counted.domain.messages == 0 && counted.domain.left_out == 0;
    if (is_empty || destinations.empty()) return made;
    Aggregate aggregate(world, random, report, from);
    for (const auto& destination : destinations) {
        aggregate.send(destination, made.parts);
        if (is_ours(author, destination)) aggregate.keep(made.parts);
    }
    if (made.parts.empty())
        for (const auto& destination : destinations)
            aggregate.say_that_it_is_too_large(destination, made.parts);
    return made;
}

std::vector<engine::Part> make_failure(const flow::World& world, Random& random, const Author& author,
                                       const reports::Failure& failure, std::string_view spf_record,
                                       const std::vector<Destination>& destinations) {
    const auto from = who_reports(author, world.directory);
    std::vector<engine::Part> parts;
    for (const auto& destination : destinations) {
        const message::Mailbox to{.name = {}, .address = destination.address};
        const auto mail = reports::failure_mail(failure, spf_record, from, to, world.clock, random);
        parts.push_back(entry_of(world, {destination.address, mail}));
    }
    return parts;
}

}  // namespace hongyan::outbound
