// Messages from a mailbox into files of other programs.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "message/line_ends.h"
#include "store/mailbox_name.h"
#include "store/message.h"

namespace hongyan::admin {

enum class ExportFormat { eml, mbox, maildir };

// Where exported messages go. add() is called for the messages of one mailbox after the other.
class Exporter {
public:
    virtual ~Exporter() = default;
    virtual Result<void> begin(const store::MailboxName& mailbox) = 0;
    virtual Result<void> add(const store::Entry& entry, std::string_view raw) = 0;
    virtual Result<void> finish() = 0;
};

// Folders and files below `folder`, which may exist but not hold what is to be written:
//   eml       NAME/UID.eml
//   mbox      NAME.mbox
//   maildir   NAME/{cur,new,tmp}
std::unique_ptr<Exporter> make_exporter(ExportFormat format, const std::filesystem::path& folder);

// One mbox as a stream.
std::unique_ptr<Exporter> make_mbox_stream(std::function<void(std::string_view)> out);

// The message with the line ends wanted, if it can be given them and taken back: mixed ones stay.
std::string with_line_ends(std::string raw, message::LineEnds wanted);

// The mailbox as a path: its levels are folders. What a file system would misread is written as %XX.
std::filesystem::path path_of(const store::MailboxName& mailbox);

}  // namespace hongyan::admin
