// How one session's log-ins are let in: who guesses waits, and is then shut out; who comes in is told of.
#pragma once

#include <string>

#include "flow/log_in.h"
#include "flow/world.h"
#include "sasl/observer.h"

namespace hongyan::flow {

// Answers the log-ins of a session and hears how they end. Belongs to the session's thread and outlives the
// session.
class Door final : public sasl::Observer {
public:
    // `protocol` as scopes of app passwords have it: "imap", "pop3", "smtp"; lasts. `address` is the
    // client's, empty on a unix socket. `log` bears the session's id.
    Door(const World& world, std::string_view protocol, std::string address, log::Log log);

    // As flow::log_in, once the reputation of whoever asks has been looked at. Waits longer where much has
    // failed, and where as many log-ins are under way as may fail, until one of them has ended.
    net::Task<sasl::Answer> answer(sasl::Question question);

    void began(std::string_view how) override;
    void granted(std::string_view account) override;
    void refused(const sasl::Refused& why) override;
    // What the client says that it is (RFC 2971), for the history.
    void set_client(std::string client) { client_ = std::move(client); }

private:
    struct Looked {
        reputation::Entry entry;
        sasl::Answer answer;
        LogInTerms terms;
        std::optional<reputation::Ban> ban = {};  // what has come of it
        bool is_counted = false;

        bool is_turned_away() const;
    };
    net::Task<Result<Looked>> look_after_delay(sasl::Question question) const;
    net::Task<Result<Looked>> look_when_there_is_room(sasl::Question question, net::Deadline until,
                                                      net::JobOf of) const;
    Looked look(const sasl::Question& question, reputation::UnderWay::Waiter* waiter) const;
    std::optional<reputation::Ban> count(const sasl::Refused& why, bool app_password_only) const;
    void tell(const std::optional<reputation::Ban>& ban) const;
    void tell_history(std::string name, std::string outcome) const;

    const World& world_;
    std::string_view protocol_;
    std::string address_;
    log::Log log_;
    std::string client_;
    // Of the log-in under way:
    std::string_view how_;
    std::string name_;                   // as the directory writes it, if it can be one
    std::string guess_;                  // tells what was tried from other things, and not what it was
    std::string app_password_;           // the one that fitted
    reputation::UnderWay::Place place_;  // among those under way, while it is not known how it ends
    bool is_to_be_counted_ = false;      // if it fails: it was looked at, and has not been counted
    bool app_password_only_ = false;     // the account's own password was not even looked at
};

}  // namespace hongyan::flow
