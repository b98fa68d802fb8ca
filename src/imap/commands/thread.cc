// THREAD (RFC 5256 §3).
#include <unordered_map>

#include "imap/commands/commands.h"
#include "imap/commands/finding.h"
#include "imap/commands/keyed.h"
#include "imap/threading.h"
#include "imap/wire/sort_parser.h"

namespace hongyan::imap::commands {
namespace {

using wire::ThreadAlgorithm;

KeyKinds kinds_of(ThreadAlgorithm algorithm) {
    KeyKinds kinds;
    kinds.add(KeyKind::sent);
    kinds.add(KeyKind::subject);
    if (algorithm == ThreadAlgorithm::references) kinds.add(KeyKind::references);
    return kinds;
}

// Gives equal texts equal numbers, the empty one 0.
class Numbering {
public:
    std::uint32_t of(std::string_view text) {
        if (text.empty()) return 0;
        return numbers_.try_emplace(text, static_cast<std::uint32_t>(numbers_.size()) + 1).first->second;
    }

private:
    std::unordered_map<std::string_view, std::uint32_t> numbers_;
};

std::vector<ThreadMessage> messages_of(const MessageKeys& keys, std::span<const std::size_t> places,
                                       ThreadAlgorithm algorithm) {
    Numbering subjects;
    std::vector<ThreadMessage> messages;
    messages.reserve(places.size());
    for (const auto place : places) {
        ThreadMessage message{.references = {},
                              .sent = keys.sent(place),
                              .subject = subjects.of(keys.text(KeyKind::subject).at(place)),
                              .is_reply = keys.is_reply(place)};
        if (algorithm == ThreadAlgorithm::references) {
            message.id = keys.references().own(place);
            message.references = keys.references().references(place);
        }
        messages.push_back(message);
    }
    return messages;
}

// A THREAD under way.
class Threading {
public:
    Threading(wire::ThreadArguments arguments, const Session& session, SetOf of)
        : algorithm_(arguments.algorithm),
          finding_(std::move(arguments.program), session.tag(), session.settings().keys),
          keyed_(session.settings().keys, kinds_of(algorithm_), session.tag()),
          of_(of) {}

    Step operator()(Desk& desk) {
        if (!finding_.has_begun())
            if (auto refused = finding_.begin(desk, desk.mailbox())) return *std::move(refused);
        if (!has_found_) {
            TRY(has_found_, finding_.look(desk, desk.mailbox()));
            return std::nullopt;
        }
        TRY(const auto is_done, keyed_.bring_forward(desk));
        if (!is_done) return std::nullopt;
        auto found = finding_.take_found();
        const auto threads = threads_of(found);
        std::vector<std::uint32_t> names;
        for (const auto& message : found) names.push_back(message.named(of_));
        desk.out += "* THREAD" + to_text(threads, names) + "\r\n";
        return ok("Threaded");
    }

private:
    Threads threads_of(Found& found) {
        return keyed_.with(found, [this](const MessageKeys& keys, const auto& places) {
            const auto messages = messages_of(keys, places, algorithm_);
            if (algorithm_ == ThreadAlgorithm::ordered_subject) return thread_by_subject(messages);
            return thread_by_references(messages, keys.references().bound());
        });
    }

    ThreadAlgorithm algorithm_;
    Finding finding_;
    Keyed keyed_;
    SetOf of_;
    bool has_found_ = false;
};

}  // namespace

Reaction thread(Session& session, const Arguments& arguments) {
    auto wanted = wire::read_thread(arguments.in);
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    return Job(Threading(std::move(wanted), session, arguments.of));
}

}  // namespace hongyan::imap::commands
