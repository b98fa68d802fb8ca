// The cases of the Public Suffix List: checkPublicSuffix('name', 'registrable domain' or null).
#include <gtest/gtest.h>

#include "base/file.h"
#include "base/scanner.h"
#include "vectors.h"
#include "verify/public_suffix.h"

namespace hongyan::verify {
namespace {

// 'text' in quotes; empty for null.
std::string argument(Scanner& in) {
    if (in.present("null")) return {};
    in.expect("'");
    return std::string(in.take_until("'"));
}

TEST(PublicSuffixVectors, AllOfThem) {
    const auto file = vectors::file("psl/test_psl.txt");
    if (!std::filesystem::exists(file)) GTEST_SKIP() << file << " is not here: no case of others was tried";
    std::istringstream lines(read_file(file).value());
    int count = 0;
    for (std::string line; std::getline(lines, line);) {
        Scanner in(line);
        if (!in.present("checkPublicSuffix(")) continue;
        const auto name = argument(in);
        in.expect(", ");
        const auto wanted = argument(in);
        ASSERT_FALSE(in.failed()) << line;
        const auto parsed = dns::Name::parse(name);
        const auto found = parsed ? registrable_domain(*parsed) : std::nullopt;
        EXPECT_EQ(found ? found->text() : "", wanted.empty() ? "" : dns::Name::parse(wanted)->text()) << line;
        ++count;
    }
    EXPECT_GE(count, 70);
}

}  // namespace
}  // namespace hongyan::verify
