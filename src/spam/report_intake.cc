#include "spam/report_intake.h"

#include <deque>
#include <mutex>

#include "reports/losses.h"
#include "reports/unpack.h"

namespace hongyan::spam {

namespace {

constexpr std::size_t most_waiting = std::size_t{64} << 20U;   // bytes of mail with reports in it
constexpr std::size_t most_unpacked = std::size_t{64} << 20U;  // bytes of all reports in one mail

std::string_view words_for(reports::Filed filed) {
    switch (filed) {
        case reports::Filed::anew:
            return "report kept";
        case reports::Filed::known:
            return "report known already";
        case reports::Filed::no_room:
            break;
    }
    return "report not kept, there is no room";
}

void tell(const log::Log& log, const reports::Filing& filing, const reports::Keeping& keeping) {
    const auto& outline = filing.kept.outline;
    log.info(words_for(keeping.filed), {{"report", keeping.id.empty() ? filing.kept.id : keeping.id},
                                        {"kind", std::string(to_string(outline.kind))},
                                        {"by", outline.organization},
                                        {"domain", outline.domain}});
    if (keeping.displaced.empty()) return;
    const auto& oldest = keeping.displaced.front();
    log.warning("reports gave way to a newer one", {{"count", fmt::format("{}", keeping.displaced.size())},
                                                    {"first", oldest.id},
                                                    {"by", oldest.outline.organization},
                                                    {"from", oldest.arrival.author}});
}

}  // namespace

// Kept by the jobs, too.
class ReportIntake::Desk : public std::enable_shared_from_this<Desk> {
public:
    explicit Desk(Parts parts) : parts_(std::move(parts)) {}

    void take(Mail mail) {
        const std::lock_guard lock(mutex_);
        if (bytes_ + mail.message->size() > most_waiting) return lose(mail, "too many are waiting");
        if (!is_reading_ && !begin()) return lose(mail, "too much work is waiting");
        is_reading_ = true;
        bytes_ += mail.message->size();
        waiting_.push_back(std::move(mail));
    }

    void close() {
        const std::lock_guard lock(mutex_);
        is_closed_ = true;
    }

private:
    bool begin() {
        return parts_.workers.submit([desk = shared_from_this()] {
            desk->read_next();
            desk->go_on();
        });
    }

    void read_next() {
        const auto mail = next();
        if (!mail) return;
        try {
            read(*mail);
        } catch (const std::exception& broken) {
            mail->log.error("report not read", {{"why", broken.what()}});
            lose(*mail, "a fault of ours");
        }
    }

    void go_on() {
        const std::lock_guard lock(mutex_);
        is_reading_ = !waiting_.empty() && !is_closed_ && begin();
        if (is_reading_) return;
        for (const auto& mail : waiting_)
            lose(mail, is_closed_ ? "the server closes" : "too much work is waiting");
        waiting_.clear();
        bytes_ = 0;
    }

    // Nobody waits until it is counted.
    void lose(const Mail& mail, std::string_view why) const {
        mail.log.warning("report not read", {{"why", std::string(why)}});
        std::vector<engine::Part> parts{reports::part_to_add({reports::Loss::unread, 1, parts_.clock.now()})};
        parts_.engine.submit(std::move(parts), engine::Together::each_by_itself,
                             [log = parts_.log](const std::vector<Result<void>>& outcomes) {
                                 if (!outcomes.front())
                                     log.error("loss not counted",
                                               {{"why", outcomes.front().error().message}});
                             });
    }

    std::optional<Mail> next() {
        const std::lock_guard lock(mutex_);
        if (waiting_.empty()) return std::nullopt;
        auto mail = std::move(waiting_.front());
        waiting_.pop_front();
        bytes_ -= mail.message->size();
        return mail;
    }

    void read(const Mail& mail) {
        const auto attached = reports::attached_reports(*mail.message);
        if (attached.empty()) mail.log.info("no report in this message");
        std::size_t left = most_unpacked;
        for (const auto& octets : attached) {
            const auto filing = file(octets, mail.arrival, left);
            if (!filing) {
                mail.log.warning("report not read", {{"why", filing.error().message}});
                continue;
            }
            const auto keeping = reports::keep(parts_.engine, *filing);
            if (keeping)
                tell(mail.log, *filing, *keeping);
            else
                lose(mail, keeping.error().message);
        }
    }

    // What cannot be unpacked costs as much as it might have.
    static Result<reports::Filing> file(std::string_view octets, const reports::Arrival& arrival,
                                        std::size_t& left) {
        const auto most = std::min(left, reports::largest_text);
        const auto text = reports::unpack(octets, most);
        left -= text ? text->size() : most;
        if (!text) return std::unexpected(text.error());
        if (text->starts_with("\x1f\x8b") || text->starts_with("PK\x03\x04"))
            return fail(Error::Kind::invalid, "it is packed twice");
        return reports::file_report(*text, arrival);
    }

    Parts parts_;
    std::mutex mutex_;  // guards what follows
    std::deque<Mail> waiting_;
    std::size_t bytes_ = 0;
    bool is_reading_ = false;
    bool is_closed_ = false;
};

ReportIntake::ReportIntake(Parts parts) : desk_(std::make_shared<Desk>(std::move(parts))) {}
ReportIntake::~ReportIntake() { desk_->close(); }
void ReportIntake::take(Mail mail) { desk_->take(std::move(mail)); }

}  // namespace hongyan::spam
