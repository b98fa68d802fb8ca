#include "message/listed_fields.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "base/ascii.h"
#include "base/bytes.h"
#include "message/field.h"

namespace hongyan::message {
namespace {

// What this edition keeps. Places are numbers on disk: names are added behind, with a new edition, since who
// finds no "List-Id" in an older one cannot know whether the message has one.
constexpr std::uint64_t edition = 1;
struct Row {
    std::string_view name;
    std::string_view (SummaryView::*value)() const = nullptr;  // where the summary has it anyway
};
constexpr std::array rows{
    Row{"Date", &SummaryView::date_text},
    Row{"Subject", &SummaryView::subject},
    Row{"From", &SummaryView::from},
    Row{"Sender", &SummaryView::sender},
    Row{"Reply-To", &SummaryView::reply_to},
    Row{"To", &SummaryView::to},
    Row{"Cc", &SummaryView::cc},
    Row{"Bcc", &SummaryView::bcc},
    Row{"In-Reply-To", &SummaryView::in_reply_to},
    Row{"Message-ID", &SummaryView::message_id},
    Row{"References", &SummaryView::references},
    Row{"Content-Type"},
    Row{"Content-Transfer-Encoding"},
    Row{"MIME-Version"},
    Row{"Newsgroups"},
    Row{"Followup-To"},
    Row{"Mail-Followup-To"},
    Row{"Mail-Reply-To"},
    Row{"Priority"},
    Row{"X-Priority"},
    Row{"Importance"},
    Row{"X-MSMail-Priority"},
    Row{"List-Id"},
    Row{"List-Post"},
    Row{"List-Unsubscribe"},
    Row{"List-Unsubscribe-Post"},
    Row{"Disposition-Notification-To"},
    Row{"Return-Receipt-To"},
    Row{"X-Mailer"},
    Row{"User-Agent"},
    Row{"X-Spam-Flag"},
    Row{"X-Spam-Status"},
    Row{"X-Uniform-Type-Identifier"},
    Row{"X-Universally-Unique-Identifier"},
    Row{"Resent-Date"},
    Row{"Resent-From"},
    Row{"Resent-To"},
    Row{"Auto-Submitted"},
    Row{"X-Auto-Response-Suppress"},
    Row{"X-GM-MSGID"},
    Row{"X-Forwarded-Message-Id"},
    Row{"X-Draft-Info"},
};
static_assert(rows.size() <= 64, "ListedNames has a bit for each");

// By length, since that tells most names apart.
constexpr std::size_t longest_name =
    std::ranges::max(rows, {}, [](const Row& row) { return row.name.size(); }).name.size();
constexpr auto first_of_length = [] {
    std::array<std::uint8_t, longest_name + 2> first{};
    for (std::size_t length = 0; length <= longest_name; ++length) {
        std::uint8_t shorter = 0;
        for (const auto& row : rows) shorter += row.name.size() < length ? 1 : 0;
        first[length] = shorter;
    }
    first[longest_name + 1] = rows.size();
    return first;
}();
constexpr auto by_length = [] {
    std::array<std::uint8_t, rows.size()> order{};
    std::uint8_t next = 0;
    for (std::size_t length = 0; length <= longest_name; ++length)
        for (std::uint8_t i = 0; i < rows.size(); ++i)
            if (rows[i].name.size() == length) order[next++] = i;
    return order;
}();

// rows.size() where it is none of them.
std::size_t index_of(std::string_view name) {
    if (name.size() > longest_name) return rows.size();
    for (auto i = first_of_length[name.size()]; i < first_of_length[name.size() + 1]; ++i)
        if (ascii::iequals(rows[by_length[i]].name, name)) return by_length[i];
    return rows.size();
}

// The field as most programs write it, where its value is the one that the summary has.
void put_plain(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
}

bool is_plain(const Field& field, const Row& row, const SummaryView& kept) {
    if (row.value == nullptr) return false;
    std::string plain;
    put_plain(plain, row.name, (kept.*row.value)());
    return field.whole == plain;
}

// listed = edition *item   item = place-and-way [field]
void put_item(std::string& out, std::size_t place, const std::optional<std::string_view>& whole) {
    bytes::put_varint(out, place * 2 + (whole ? 1 : 0));
    if (whole) bytes::put_text(out, *whole);
}

bool put_all(std::string& out, std::string_view items, const SummaryView& summary, const ListedNames& names) {
    while (!items.empty()) {
        const auto place = bytes::take_varint(items);
        if (!place || *place / 2 >= rows.size()) return false;
        const auto index = static_cast<std::size_t>(*place / 2);
        const bool wanted = names.contains(index);
        if (*place % 2 == 1) {
            const auto whole = bytes::take_text(items);
            if (!whole) return false;
            if (wanted) out.append(*whole);
        } else if (rows[index].value == nullptr) {
            return false;
        } else if (wanted) {
            put_plain(out, rows[index].name, (summary.*rows[index].value)());
        }
    }
    return true;
}

}  // namespace

std::optional<ListedNames> ListedNames::of(std::span<const std::string> names) {
    ListedNames listed;
    for (const auto& name : names) {
        const auto index = index_of(name);
        if (index == rows.size()) return std::nullopt;
        listed.set_ |= std::uint64_t{1} << index;
    }
    return listed;
}

std::string encode_listed_fields(std::string_view header, const Summary& summary) {
    const auto encoded = encode(summary);
    const auto kept = SummaryView::of(encoded);
    std::string listed;
    bytes::put_varint(listed, edition);
    for (const auto& field : Fields(header)) {
        if (field.is_malformed()) continue;
        const auto index = index_of(field.name);
        if (index == rows.size()) continue;
        const bool plain = kept && is_plain(field, rows[index], *kept);
        put_item(listed, index, plain ? std::nullopt : std::optional(field.whole));
        if (listed.size() > max_listed_fields_size) return {};
    }
    return listed;
}

bool put_listed_fields(std::string& out, const SummaryView& summary, const ListedNames& names) {
    auto items = summary.listed_fields();
    if (bytes::take_varint(items) != edition) return false;
    const auto before = out.size();
    if (put_all(out, items, summary, names)) return true;
    out.resize(before);
    return false;
}

}  // namespace hongyan::message
