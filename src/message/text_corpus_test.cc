// Dates, addresses and subjects of real mail (see corpus_test.cc): all but a few read well.
#include <cstdlib>

#include <gtest/gtest.h>

#include "message/address.h"
#include "message/date.h"
#include "message/encoded_word.h"
#include "message/field.h"
#include "message/mailbox_file.h"
#include "message/structure.h"
#include "message/utf8.h"

namespace hongyan::message {
namespace {

struct Tally {
    std::uint64_t dates = 0;
    std::uint64_t unread_dates = 0;
    std::uint64_t addresses = 0;
    std::uint64_t invalid_addresses = 0;
    std::uint64_t subjects = 0;
    std::uint64_t broken_subjects = 0;  // with U+FFFD in them
};

void count_addresses(Tally& tally, std::string_view value) {
    const auto list = parse_address_list(value);
    if (valid_utf8(value)) EXPECT_EQ(parse_address_list(to_string(list)), list) << value;
    for (const auto& item : list) {
        if (item.kind != ListedAddress::Kind::mailbox) continue;
        ++tally.addresses;
        tally.invalid_addresses += mailbox_of(item) ? 0 : 1;
    }
}

void count(Tally& tally, std::string_view header) {
    for (const auto& field : Fields(header)) {
        const auto value = unfold(field.value);
        if (field.is("Date")) {
            ++tally.dates;
            tally.unread_dates += parse_date(value) ? 0 : 1;
        } else if (field.is("Subject")) {
            ++tally.subjects;
            const auto subject = decode_header_text(value);
            EXPECT_EQ(decode_header_text(encode_header_text(subject)), subject);
            tally.broken_subjects += subject.contains(replacement_character) ? 1 : 0;
        } else if (field.is("From") || field.is("To") || field.is("Cc")) {
            count_addresses(tally, value);
        }
    }
}

TEST(TextCorpus, OfRealMailIsReadWell) {
    const char* const folder = std::getenv("HONGYAN_CORPUS");
    if (folder == nullptr) GTEST_SKIP() << "HONGYAN_CORPUS is not set: no real mail was looked at";
    Tally tally;
    ASSERT_TRUE(read_mailbox(folder, [&](const FoundMessage& message) -> Result<void> {
        count(tally, header_of(parse(message.raw).root(), message.raw));
        return {};
    }));
    EXPECT_GT(tally.dates, 6'000U);
    EXPECT_LE(tally.unread_dates, 10U);
    EXPECT_GT(tally.addresses, 19'000U);
    EXPECT_LE(tally.invalid_addresses, 30U);
    EXPECT_GT(tally.subjects, 6'000U);
    EXPECT_LE(tally.broken_subjects, 1U);
}

}  // namespace
}  // namespace hongyan::message
