// RFC 8617 Appendix B: a message that has passed several hands.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "verify/answers_for_test.h"
#include "verify/authentication_results.h"

namespace hongyan::verify {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// As it is printed, without what pages have between them.
constexpr std::string_view appendix_b =
    "Return-Path: <jqd@d1.example>\r\n"
    "Received: from example.org (example.org [208.69.40.157])\r\n"
    "    by gmail.example with ESMTP id d200mr22663000ykb.93.1421363207\r\n"
    "    for <fmartin@example.com>; Thu, 14 Jan 2015 15:02:40 -0800 (PST)\r\n"
    "Received: from segv.d1.example (segv.d1.example [72.52.75.15])\r\n"
    "    by lists.example.org (8.14.5/8.14.5) with ESMTP id t0EKaNU9010123\r\n"
    "    for <arc@example.org>; Thu, 14 Jan 2015 15:01:30 -0800 (PST)\r\n"
    "    (envelope-from jqd@d1.example)\r\n"
    "Received: from [2001:DB8::1A] (w-x-y-z.dsl.static.isp.example [w.x.y.z])\r\n"
    "    (authenticated bits=0)\r\n"
    "    by segv.d1.example with ESMTP id t0FN4a8O084569;\r\n"
    "    Thu, 14 Jan 2015 15:00:01 -0800 (PST)\r\n"
    "    (envelope-from jqd@d1.example)\r\n"
    "Received: from mail-ob0-f188.google.example\r\n"
    "    (mail-ob0-f188.google.example [208.69.40.157]) by\r\n"
    "    clochette.example.org with ESMTP id d200mr22663000ykb.93.1421363268\r\n"
    "    for <fmartin@example.org>; Thu, 14 Jan 2015 15:03:15 -0800 (PST)\r\n"
    "ARC-Seal: i=3; a=rsa-sha256; cv=pass; d=clochette.example.org; s=\r\n"
    "        clochette; t=12345; b=CU87XzXlNlk5X/yW4l73UvPUcP9ivwYWxyBWcVrRs7\r\n"
    "        +HPx3K05nJhny2fvymbReAmOA9GTH/y+k9kEc59hAKVg==\r\n"
    "ARC-Message-Signature: i=3; a=rsa-sha256; c=relaxed/relaxed; d=\r\n"
    "        clochette.example.org; h=message-id:date:from:to:subject; s=\r\n"
    "        clochette; t=12345; bh=KWSe46TZKCcDbH4klJPo+tjk5LWJnVRlP5pvjXFZY\r\n"
    "        LQ=; b=o71vwyLsK+Wm4cOSlirXoRwzEvi0vqIjd/2/GkYFYlSd/GGfKzkAgPqxf\r\n"
    "        K7ccBMP7Zjb/mpeggswHjEMS8x5NQ==\r\n"
    "ARC-Authentication-Results: i=3; clochette.example.org; spf=fail\r\n"
    "    smtp.from=jqd@d1.example; dkim=fail (512-bit key)\r\n"
    "    header.i=@d1.example; dmarc=fail; arc=pass (as.2.gmail.example=pass,\r\n"
    "    ams.2.gmail.example=pass, as.1.lists.example.org=pass,\r\n"
    "    ams.1.lists.example.org=fail (message has been altered))\r\n"
    "Authentication-Results: clochette.example.org; spf=fail\r\n"
    "    smtp.from=jqd@d1.example; dkim=fail (512-bit key)\r\n"
    "    header.i=@d1.example; dmarc=fail; arc=pass (as.2.gmail.example=pass,\r\n"
    "    ams.2.gmail.example=pass, as.1.lists.example.org=pass,\r\n"
    "    ams.1.lists.example.org=fail (message has been altered))\r\n"
    "ARC-Seal: i=2; a=rsa-sha256; cv=pass; d=gmail.example; s=20120806; t=\r\n"
    "        12345; b=Zpukh/kJL4Q7Kv391FKwTepgS56dgHIcdhhJZjsalhqkFIQQAJ4T9BE\r\n"
    "        8jjLXWpRNuh81yqnT1/jHn086RwezGw==\r\n"
    "ARC-Message-Signature: i=2; a=rsa-sha256; c=relaxed/relaxed; d=\r\n"
    "        gmail.example; h=message-id:date:from:to:subject; s=20120806; t=\r\n"
    "        12345; bh=KWSe46TZKCcDbH4klJPo+tjk5LWJnVRlP5pvjXFZYLQ=; b=CVoG44\r\n"
    "        cVZvoSs2mMig2wwqPaJ4OZS5XGMCegWqQs1wvRZJS894tJM0xO1RJLgCPsBOxdA5\r\n"
    "        9WSqI9s9DfyKDfWg==\r\n"
    "ARC-Authentication-Results: i=2; gmail.example; spf=fail\r\n"
    "    smtp.from=jqd@d1.example; dkim=fail (512-bit key)\r\n"
    "    header.i=@example.org; dmarc=fail; arc=pass\r\n"
    "    (as.1.lists.example.org=pass, ams.1.lists.example.org=pass)\r\n"
    "ARC-Seal: i=1; a=rsa-sha256; cv=none; d=lists.example.org; s=dk-lists;\r\n"
    "         t=12345; b=TlCCKzgk3TrAa+G77gYYO8Fxk4q/Ml0biqduZJeOYh6+0zhwQ8u/\r\n"
    "        lHxLi21pxu347isLSuNtvIagIvAQna9a5A==\r\n"
    "ARC-Message-Signature: i=1; a=rsa-sha256; c=relaxed/relaxed; d=\r\n"
    "        lists.example.org; h=message-id:date:from:to:subject; s=\r\n"
    "        dk-lists; t=12345; bh=KWSe46TZKCcDbH4klJPo+tjk5LWJnVRlP5pvjXFZYL\r\n"
    "        Q=; b=DsoD3n3hiwlrN1ma8IZQFgZx8EDO7Wah3hUjIEsYKuShRKYB4LwGUiKD5Y\r\n"
    "        yHgcIwGHhSc/4+ewYqHMWDnuFxiQ==\r\n"
    "ARC-Authentication-Results: i=1; lists.example.org; spf=pass\r\n"
    "    smtp.mfrom=jqd@d1.example; dkim=pass (512-bit key)\r\n"
    "    header.i=@d1.example; dmarc=pass\r\n"
    "DKIM-Signature: v=1; a=rsa-sha1; c=relaxed/relaxed; d=d1.example; h=\r\n"
    "        message-id:date:from:to:subject; s=origin2015; bh=bIxxaeIQvmOBdT\r\n"
    "        AitYfSNFgzPP4=; b=qKjd5fYibKXWWIcMKCgRYuo1vJ2fD+IAQPjX+uamXIGY2Q\r\n"
    "        0HjQ+Lq3/yHzG3JHJp6780/nKQPOWt2UDJQrJkEA==\r\n"
    "Message-ID: <54B84785.1060301@d1.example>\r\n"
    "Date: Thu, 14 Jan 2015 15:00:01 -0800\r\n"
    "From: John Q Doe <jqd@d1.example>\r\n"
    "To: arc@dmarc.example\r\n"
    "Subject: [List 2] Example 1\r\n"
    "\r\n"
    "Hey gang,\r\n"
    "\r\n"
    "This is a test message.\r\n"
    "\r\n"
    "--J.\r\n";

ArcOutcome verify(std::string_view message, TestZone& zone) {
    const auto mail = Mail::whole(message);
    return zone.conclude<ArcOutcome>(
        [&](KnownAnswers& answers) { return verify_arc(*mail, Instant{}, answers); });
}

// The three sets are read, with their tags on several lines. The keys were never published, so it ends with
// them: nothing else may be found wrong before. With keys too short to count (as RSA of 512 bits, which made
// these signatures) it ends there.
TEST(Rfc8617AppendixB, ThePrintedChainIsWholeButForItsKeys) {
    TestZone nothing;
    const auto outcome = verify(appendix_b, nothing);
    EXPECT_EQ(outcome.verdict, ArcVerdict::fail);
    EXPECT_EQ(outcome.instances, 3U);
    EXPECT_THAT(outcome.reason, HasSubstr("no key"));
    EXPECT_GE(nothing.asked, 1);

    TestZone zone;
    const auto small = crypto::PrivateKey::generate_rsa(512);
    const auto record = DkimKey{.type = small.type(), .octets = small.public_octets()}.to_record();
    for (const auto* name : {"clochette._domainkey.clochette.example.org",
                             "20120806._domainkey.gmail.example", "dk-lists._domainkey.lists.example.org"})
        zone.text(name, record);
    EXPECT_THAT(verify(appendix_b, zone).reason, HasSubstr("512 bits"));
}

// The original signature is of SHA-1, which counts for nothing (RFC 8301 §3.1).
TEST(Rfc8617AppendixB, TheAuthorsSignatureCountsNoMore) {
    TestZone zone;
    const auto mail = Mail::whole(appendix_b);
    const auto report = zone.conclude<DkimReport>(
        [&](KnownAnswers& answers) { return verify_dkim(*mail, Instant{}, answers); });
    ASSERT_EQ(report.signatures.size(), 1U);
    EXPECT_EQ(report.signatures[0].verdict, DkimVerdict::permerror);
    EXPECT_THAT(report.signatures[0].reason, HasSubstr("SHA-1"));
}

// What the three found, as they wrote it down.
TEST(Rfc8617AppendixB, TheResultsAreRead) {
    struct Row {
        const char* begin;
        const char* host;
        const char* passes;
    };
    constexpr Row rows[] = {
        {"ARC-Authentication-Results: i=3;", "clochette.example.org", "arc "},
        {"ARC-Authentication-Results: i=2;", "gmail.example", "arc "},
        {"ARC-Authentication-Results: i=1;", "lists.example.org", "spf dkim dmarc "},
        {"\r\nAuthentication-Results:", "clochette.example.org", "arc "},
    };
    for (const auto& row : rows) {
        auto value = appendix_b.substr(appendix_b.find(row.begin) + std::string_view(row.begin).size());
        std::size_t end = value.find("\r\n");
        while (value[end + 2] == ' ') end = value.find("\r\n", end + 2);
        value = value.substr(0, end);
        EXPECT_EQ(results_host(value), row.host) << row.begin;
        std::string passes;
        for (const auto* method : {"spf", "dkim", "dmarc", "arc"})
            if (claims_pass(value, method)) passes += std::string(method) + " ";
        EXPECT_EQ(passes, row.passes) << row.begin;
    }
}

// The way of the message, gone again with keys of our own. What the third writes of the first message
// signature
// ("message has been altered") and the second does not means that the second changed the message before it
// sealed: then the chain passes, and nothing has changed since the second (RFC 8617 §5.2, steps 4 and 5).
TEST(Rfc8617AppendixB, TheWayGoneAgain) {
    TestZone zone;
    std::map<std::string, crypto::PrivateKey> keys;
    const auto sealed = [&](const std::string& message, const std::string& domain, std::string_view results,
                            const std::string& arrived) {
        const auto& key = keys.emplace(domain, crypto::PrivateKey::generate_rsa(1024)).first->second;
        zone.text("s._domainkey." + domain,
                  DkimKey{.type = key.type(), .octets = key.public_octets()}.to_record());
        const SigningOptions options{.made = 12'345};
        const auto chain = verify(arrived, zone);
        Mail mail(std::string_view(message).substr(0, header_size(message)));
        mail.demand(options.body_demand());
        mail.body(std::string_view(message).substr(header_size(message)));
        mail.finish();
        const auto set =
            seal_arc(mail, chain, fmt::format("{}; {}", domain, results), {domain, "s", key}, options);
        return set.value_or("") + message;
    };
    const std::string origin(appendix_b.substr(appendix_b.find("DKIM-Signature:")));
    const auto first = sealed(origin, "lists.example.org", "spf=pass; dkim=pass; dmarc=pass", origin);
    auto altered = first;
    altered.replace(altered.find("[List 2]"), 8, "[List 3]");
    EXPECT_EQ(verify(altered, zone).verdict, ArcVerdict::fail) << "nobody has sealed the change";
    const auto second = sealed(altered, "gmail.example", "spf=fail; dkim=fail; dmarc=fail; arc=pass", first);
    const auto third =
        sealed(second, "clochette.example.org", "spf=fail; dkim=fail; dmarc=fail; arc=pass", second);
    const auto outcome = verify(third, zone);
    EXPECT_EQ(outcome.verdict, ArcVerdict::pass) << outcome.reason;
    EXPECT_EQ(outcome.instances, 3U);
    EXPECT_EQ(outcome.oldest_pass, 2U);
    EXPECT_THAT(outcome.sealers, ElementsAre("lists.example.org", "gmail.example", "clochette.example.org"));
    EXPECT_EQ(outcome.first_results, "lists.example.org; spf=pass; dkim=pass; dmarc=pass");
}

}  // namespace
}  // namespace hongyan::verify
