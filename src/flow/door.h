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
    // client's, empty on a unix socket. `log` bears the session's id. A client that is to prove something has
    // `time_for_a_proof`: less than others wait for his place.
    Door(const World& world, std::string_view protocol, std::string address, log::Log log,
         std::chrono::milliseconds time_for_a_proof = std::chrono::seconds(15));

    // As flow::log_in, once the reputation of whoever asks has been looked at. Waits longer where much has
    // failed, and where as many log-ins are under way as may fail, until one of them has ended.
    net::Task<sasl::Answer> answer(sasl::Question question);

    void began(std::string_view how) override;
    void granted(std::string_view account) override;
    void refused(const sasl::Refused& why) override;
    bool is_too_late() const override;
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
    struct Turn;
    std::shared_ptr<Turn> begin_turn(reputation::UnderWay::Place place, const net::Executor& executor) const;
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
    std::chrono::milliseconds time_for_a_proof_;
    std::string client_;
    // Of the log-in under way:
    std::string_view how_;
    std::string name_;                // as the directory writes it, if it can be one
    std::string guess_;               // tells what was tried from other things, and not what it was
    std::string app_password_;        // the one that fitted
    std::shared_ptr<Turn> turn_;      // while it is not known how it ends; null: it needs none
    bool is_to_be_counted_ = false;   // if it fails: it was looked at, and has not been counted
    bool app_password_only_ = false;  // the account's own password was not even looked at
};

}  // namespace hongyan::flow
