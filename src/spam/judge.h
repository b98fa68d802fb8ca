// Those who judge what comes by SMTP, and what they find: authentication, lists, limits, filters.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/log.h"
#include "engine/engine.h"
#include "net/task.h"
#include "smtp/grounds.h"
#include "smtp/question.h"

namespace hongyan::spam {

// What becomes of a message, from the mildest to the strictest; of several judges the strictest decides.
enum class Disposition {
    accept,      // where it is for
    junk,        // into the mailboxes for junk
    quarantine,  // into the queue, held until somebody releases or cancels it
    discard,     // nowhere: the sender hears 250, and the trace says who wished it so
    defer,       // 4xx
    reject,      // 5xx
};
std::string_view to_string(Disposition disposition);

// One thing found, in words for whoever asks why. The trace and a header field show it.
struct Finding {
    std::string code;   // stable, "dmarc-reject", "dnsbl", "milter": by which refusals are known and counted
    std::string words;  // one sentence without line ends; somebody else's text is quoted in it
    double score = 0;   // above 0 speaks for spam
};

// Why something is demanded of a message.
enum class Because {
    last_finding,  // what has just been found
    all_findings,  // no one of them alone, or none
};

struct Authenticated;  // authentication.h

// What is said of a message for one account, beyond what is said for all.
struct Placement {
    std::optional<engine::AccountId> account = {};  // nothing: everybody for whom there is no other
    std::vector<Finding> findings = {};
    bool is_junk = false;
    std::string fields = {};  // before those for all
};

// What holds for that account, or (nothing) for those elsewhere: its own, or that of the rest. Null: there is
// none.
const Placement* find_placement(std::span<const Placement> placements,
                                std::optional<engine::AccountId> account);

// What is said of a message. Judges are asked one after the other, and each sees what those before it found.
struct Judgement {
    std::vector<Finding> findings = {};
    Disposition disposition = Disposition::accept;
    // Which of the findings demanded it; nothing: no one of them alone.
    std::optional<std::size_t> decisive = {};
    // What the client is told, where the disposition is defer or reject.
    std::optional<smtp::Reply> reply = {};
    // Header fields that stand before the message, each with its line end, the newest first.
    std::string fields = {};
    // Where it depends on who gets it; one for an account at most.
    std::vector<Placement> placements = {};
    // The message in place of the one that came; null: that one. A judge that changes it sets it.
    smtp::SharedMessage message = {};
    // In place of what the client said, where a filter has changed it.
    std::optional<smtp::Envelope> envelope = {};
    // A scanner has found a virus, whatever becomes of it.
    bool is_infected = false;
    // How the sender is vouched for, in one sentence for people; empty: nobody looked.
    std::string sentence = {};
    // What was found of the sender; null: nobody looked.
    std::shared_ptr<const Authenticated> authenticated = {};

    // The strictest disposition stays; its reply and its reason come from whoever first demanded it.
    void demand(Disposition wanted, std::optional<smtp::Reply> why = {},
                Because because = Because::last_finding);
    // What decided, in a line for people: "dmarc-reject: …".
    std::string reason() const;
    double score() const;
    // The message as it is now.
    const std::string& text(const smtp::Deliver& came) const { return message ? *message : *came.message; }
};

// One judge during one session. The questions come in the order of the session, one at a time, on one thread;
// a fault of a judge is a defer, or what its settings say, never a reject. What it waits for is bounded.
class Visit {
public:
    Visit() = default;
    virtual ~Visit() = default;
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;

    // A reply refuses (4xx, 5xx); nothing lets it pass. Asked before the world is.
    virtual net::Task<std::optional<smtp::Reply>> sender(const smtp::CheckSender& asked);
    // Asked after the world has accepted the recipient.
    virtual net::Task<std::optional<smtp::Reply>> recipient(const smtp::CheckRecipient& asked);
    virtual net::Task<void> message(const smtp::Deliver& came, Judgement& judgement);
    // A command that there is not; a reply is said in place of ours, which refuses too.
    virtual net::Task<std::optional<smtp::Reply>> unknown(const smtp::UnknownCommand& asked);
    // What became of the transaction whose message() was asked, once it is known.
    virtual void kept(const smtp::Deliver& came, const Judgement& judgement, const smtp::Replies& replies);
    // The transaction comes to nothing whose sender was asked about: the client has given it up (RSET,
    // another greeting), its sender or its message was refused before message(), or a fault of ours came
    // before it was decided what becomes of the message. May come without a transaction.
    virtual net::Task<void> abandon();
    // The session is over, or its client has become another. Nothing is asked afterwards.
    virtual net::Task<void> leave();
};

// One for the program, used by all sessions on any thread.
class Judge {
public:
    Judge() = default;
    virtual ~Judge() = default;
    Judge(const Judge&) = delete;
    Judge& operator=(const Judge&) = delete;

    // Null: it has nothing to say in sessions of this client. `log` bears the session's id.
    virtual std::unique_ptr<Visit> visit(const smtp::Client& client, const log::Log& log) = 0;
};

}  // namespace hongyan::spam
