// What is noted by the way and nobody waits for.
#pragma once

#include <functional>
#include <memory>

#include "base/clock.h"
#include "engine/engine.h"

namespace hongyan::reputation {

// Writes to the engine's global scope behind the backs of those who tell: one commit at a time, which takes
// all that has come meanwhile. What power failure takes of the last moments is no loss. Where too much waits,
// more is not noted. Any thread.
//
// Every key begins with "r", every value is a record whose field 1 says until when it matters, in
// milliseconds since 1970 (absent: for ever); what matters no more is removed by and by.
class Notebook {
public:
    // Both outlive what is on its way in the engine.
    Notebook(engine::Engine& engine, const Clock& clock);
    // What still waits is given to the engine.
    ~Notebook();
    Notebook(const Notebook&) = delete;
    Notebook& operator=(const Notebook&) = delete;

    // Runs on the engine's thread, in one transaction with others: perhaps more than once.
    using Note = std::function<void(engine::Transaction&)>;
    void note(Note note);
    void put(std::string key, std::string value);
    void erase(std::string key);
    // Returns when it is durable.
    Result<void> put_now(std::string_view key, std::string_view value);
    Result<void> erase_now(std::string_view key);
    // Until all that was noted before is kept, or has failed.
    void flush();

    // What is kept already. Blocks for the disk.
    Result<std::optional<std::string>> read(std::string_view key) const;
    // The same, or what put() and erase() have been given for it, without a look at the disk if it was read
    // or written a moment ago: what others have written since is then not seen.
    Result<std::optional<std::string>> read_lately(std::string_view key) const;
    // Each record whose key begins with `prefix`, until one returns false.
    using Visit = std::function<bool(std::string_view key, std::string_view value)>;
    Result<void> walk(std::string_view prefix, const Visit& visit) const;

    const Clock& clock() const;

private:
    struct Desk;
    std::shared_ptr<Desk> desk_;
};

}  // namespace hongyan::reputation
