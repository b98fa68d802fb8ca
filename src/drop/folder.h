// The folder in which programs of this machine leave mail for the server, whether it runs or not.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "drop/letter.h"

namespace hongyan::drop {

// Who may leave mail: the folder's owner and root (0700); or everybody (1733), who then can neither list the
// folder nor remove what others have left. The files are for all to read, since the server need not be root:
// in a folder that cannot be listed it takes a name of 128 random bits to find one.
enum class Doors { private_to_owner, open_to_all };

// Makes the folder, and sets its mode if it is ours.
Result<void> make_folder(const std::filesystem::path& folder, Doors doors);

// Leaves a letter: whole or not at all, and there after a power cut when this returns. Errors: not_found if
// there is no folder; denied; no_space; invalid letters.
Result<void> leave(const std::filesystem::path& folder, const Letter& letter, Random& random);

// What lies there, at most `limit` names, the oldest first. Unfinished letters of more than a day are
// removed.
Result<std::vector<std::string>> waiting(const std::filesystem::path& folder, Instant now, std::size_t limit);

struct Found {
    Letter letter;
    std::uint32_t user = 0;  // who owns the file, as the kernel says
    Instant left;
};
// Errors: not_found; invalid for what is no letter (links, pipes, too large, unreadable, broken).
Result<Found> open(const std::filesystem::path& folder, const std::string& name, std::size_t max_size);

// Gone, also after a power cut.
Result<void> remove(const std::filesystem::path& folder, const std::string& name);
// Kept under another name, as "bad.…", for a person to look at.
Result<void> set_aside(const std::filesystem::path& folder, const std::string& name);

}  // namespace hongyan::drop
