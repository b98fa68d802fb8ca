#include "admin/export.h"

#include <fstream>

#include "base/ascii.h"
#include "message/field.h"
#include "message/mailbox_file.h"

namespace hongyan::admin {

namespace {

namespace fs = std::filesystem;

Result<void> make_folder(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error)
        return std::unexpected(from_errno(error.value(), fmt::format("cannot create {}", folder.string())));
    return {};
}

Result<std::ofstream> create_file(const fs::path& path) {
    TRY(make_folder(path.parent_path()));
    if (fs::exists(path)) return fail(Error::Kind::exists, "{} is there already", path.string());
    std::ofstream file(path, std::ios::binary);
    if (!file) return std::unexpected(from_errno(errno, fmt::format("cannot create {}", path.string())));
    return file;
}

Result<void> close_file(std::ofstream& file, const fs::path& path) {
    file.close();
    if (!file) return fail(Error::Kind::io, "cannot write {}", path.string());
    return {};
}

Result<void> write_new(const fs::path& path, std::string_view bytes) {
    TRY(auto file, create_file(path));
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return close_file(file, path);
}

// Flags as Maildir has them in file names, in the order of their letters.
std::string maildir_letters(const store::Flags& flags) {
    constexpr std::pair<char, store::Flag> rows[] = {{'D', store::Flag::draft},
                                                     {'F', store::Flag::flagged},
                                                     {'R', store::Flag::answered},
                                                     {'S', store::Flag::seen},
                                                     {'T', store::Flag::deleted}};
    std::string letters;
    for (const auto& [letter, flag] : rows)
        if (flags.contains(flag)) letters += letter;
    return letters;
}

class EmlFiles final : public Exporter {
public:
    explicit EmlFiles(fs::path folder) : folder_(std::move(folder)) {}

    Result<void> begin(const store::MailboxName& mailbox) override {
        mailbox_ = folder_ / path_of(mailbox);
        return make_folder(mailbox_);
    }
    Result<void> add(const store::Entry& entry, std::string_view raw) override {
        return write_new(mailbox_ / fmt::format("{}.eml", entry.uid), raw);
    }
    Result<void> finish() override { return {}; }

private:
    fs::path folder_;
    fs::path mailbox_;
};

class MaildirFolders final : public Exporter {
public:
    explicit MaildirFolders(fs::path folder) : folder_(std::move(folder)) {}

    Result<void> begin(const store::MailboxName& mailbox) override {
        mailbox_ = folder_ / path_of(mailbox);
        for (const auto* part : {"cur", "new", "tmp"}) TRY(make_folder(mailbox_ / part));
        return {};
    }
    Result<void> add(const store::Entry& entry, std::string_view raw) override {
        const auto seconds =
            std::chrono::floor<std::chrono::seconds>(entry.received).time_since_epoch().count();
        const auto path = mailbox_ / "cur" /
                          fmt::format("{}.U{}M{}.hongyan,S={}:2,{}", seconds, entry.uid, entry.message,
                                      raw.size(), maildir_letters(entry.flags));
        TRY(write_new(path, raw));
        std::error_code ignored;  // where the file system keeps no such time the message is still whole
        fs::last_write_time(path, std::chrono::file_clock::from_sys(entry.received), ignored);
        return {};
    }
    Result<void> finish() override { return {}; }

private:
    fs::path folder_;
    fs::path mailbox_;
};

// The From_ line names the sender (RFC 4155), which only the message's own Return-Path can tell.
std::string entry_of_mbox(const store::Entry& entry, std::string_view raw) {
    constexpr std::string_view unknown_sender = "MAILER-DAEMON";
    const auto path = message::unfolded(raw, "Return-Path");
    const auto trimmed = std::string_view(path).substr(std::min(path.find_first_not_of("<"), path.size()));
    const auto address = trimmed.substr(0, trimmed.find_first_of("> \t"));
    return message::mbox_entry(raw, address.empty() ? unknown_sender : address, entry.received);
}

class MboxFiles final : public Exporter {
public:
    explicit MboxFiles(fs::path folder) : folder_(std::move(folder)) {}

    Result<void> begin(const store::MailboxName& mailbox) override {
        TRY(finish());
        path_ = folder_ / path_of(mailbox);
        path_ += ".mbox";
        TRY(file_, create_file(path_));
        return {};
    }
    Result<void> add(const store::Entry& entry, std::string_view raw) override {
        file_ << entry_of_mbox(entry, raw);
        return {};
    }
    Result<void> finish() override {
        if (!file_.is_open()) return {};
        return close_file(file_, path_);
    }

private:
    fs::path folder_;
    fs::path path_;
    std::ofstream file_;
};

class MboxStream final : public Exporter {
public:
    explicit MboxStream(std::function<void(std::string_view)> out) : out_(std::move(out)) {}

    Result<void> begin(const store::MailboxName&) override { return {}; }
    Result<void> add(const store::Entry& entry, std::string_view raw) override {
        out_(entry_of_mbox(entry, raw));
        return {};
    }
    Result<void> finish() override { return {}; }

private:
    std::function<void(std::string_view)> out_;
};

// What may stand in a file name as it is. A dot may not come first, so neither "." nor ".." is ever made.
bool is_plain(char c, bool first) {
    return ascii::is_8bit(c) || ascii::is_alnum(c) || c == ' ' || c == '-' || c == '_' || c == '+' ||
           c == '@' || (c == '.' && !first);
}

}  // namespace

std::unique_ptr<Exporter> make_exporter(ExportFormat format, const fs::path& folder) {
    switch (format) {
        case ExportFormat::eml:
            return std::make_unique<EmlFiles>(folder);
        case ExportFormat::maildir:
            return std::make_unique<MaildirFolders>(folder);
        case ExportFormat::mbox:
            break;
    }
    return std::make_unique<MboxFiles>(folder);
}

std::unique_ptr<Exporter> make_mbox_stream(std::function<void(std::string_view)> out) {
    return std::make_unique<MboxStream>(std::move(out));
}

std::string with_line_ends(std::string raw, message::LineEnds wanted) {
    const auto there = message::line_ends(raw);
    if (there == message::LineEnds::crlf && wanted == message::LineEnds::lf) return message::to_lf(raw);
    return raw;
}

fs::path path_of(const store::MailboxName& mailbox) {
    fs::path path;
    for (const auto& level : mailbox.levels()) {
        std::string name;
        for (const char c : level) {
            if (is_plain(c, name.empty()))
                name += c;
            else
                name += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
        path /= name;
    }
    return path;
}

}  // namespace hongyan::admin
