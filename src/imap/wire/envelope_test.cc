#include "imap/wire/envelope.h"

#include <random>

#include <gtest/gtest.h>

#include "message/address.h"

namespace hongyan::imap::wire {
namespace {

std::string in_quotes(std::string_view text) { return "\"" + std::string(text) + "\""; }
std::string or_nil(std::string_view text) { return text.empty() ? "NIL" : in_quotes(text); }

// The list as the reader of addresses understands it.
std::string expected(std::string_view value) {
    std::string out;
    for (const auto& address : message::parse_address_list(value)) {
        EXPECT_EQ(address.kind, message::ListedAddress::Kind::mailbox);
        out += "(" + or_nil(address.name) + " " + or_nil(address.route) + " " +
               in_quotes(address.local_part) + " " + in_quotes(address.domain) + ")";
    }
    return out.empty() ? "NIL" : "(" + out + ")";
}

std::string put_to(std::string_view value) {
    EnvelopeView envelope;
    envelope.to = value;
    std::string out;
    put_envelope(out, envelope);
    constexpr std::string_view before = "(NIL NIL NIL NIL NIL ";
    constexpr std::string_view after = " NIL NIL NIL NIL)";
    return out.substr(before.size(), out.size() - before.size() - after.size());
}

TEST(Envelope, ListsOfPlainAddressesAreToldAsTheirReaderUnderstandsThem) {
    for (const std::string_view value :
         {"ann@example.org", "Ann <ann@example.org>", "Ann Lee <ann@Example.ORG>, ben@example.org",
          "<ann@example.org>", "Ann  Lee <ann@example.org>", "ann@example.org,ben@example.org", "a.b.c@d.e",
          "a..b@d", ".a@d", "a.@d", "Ann<ann@example.org>", "Ann <ann@example.org> ",
          "Ann <ann@example.org>,", "ann", "ann@", "@example.org", "Ann Lee", "J.R. Hacker <j@example.org>"})
        EXPECT_EQ(put_to(value), expected(value)) << value;
}

// Of characters that are most of what lists are made of, so that many are just about plain.
TEST(Envelope, RandomListsAreToldAsTheirReaderUnderstandsThem) {
    std::mt19937 dice(20261121);
    constexpr std::string_view pieces[] = {"ann", "Lee", " ", ", ",           ",",
                                           "<",   ">",   "@", "@example.org", "<ben@example.org>",
                                           ".",   "-",   "_", "+1",           "9"};
    for (int round = 0; round < 20'000; ++round) {
        std::string value;
        for (auto count = dice() % 9; count > 0; --count) value += pieces[dice() % std::size(pieces)];
        ASSERT_EQ(put_to(value), expected(value)) << value;
    }
}

}  // namespace
}  // namespace hongyan::imap::wire
