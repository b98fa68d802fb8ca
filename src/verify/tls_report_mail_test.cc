// RFC 8460 §3: keys for reports of TLS, and for nothing else.
#include "verify/tls_report_mail.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "verify/answers_for_test.h"

namespace hongyan::verify {
namespace {

using enum DkimVerdict;

constexpr std::string_view body = "--b\r\n\r\nA report\r\n--b--\r\n";
constexpr std::string_view report_type = "multipart/report; report-type=\"tlsrpt\"; boundary=b";
const Instant now = Instant(std::chrono::seconds(1'800'000'000));

const crypto::PrivateKey& key() {
    static const auto key = crypto::PrivateKey::generate_ed25519();
    return key;
}

std::string mail_of(std::string_view type) {
    return fmt::format("From: tls@example.com\r\nContent-Type: {}\r\n\r\n{}", type, body);
}

std::string signed_mail(std::string_view message, const std::vector<std::string>& fields) {
    const SigningOptions options{.fields = fields};
    const auto size = header_size(message);
    Mail mail(message.substr(0, size));
    mail.demand(options.body_demand());
    mail.body(message.substr(size));
    mail.finish();
    return sign_dkim(mail, {"example.com", "s", key()}, options).append(message);
}

// With a key for these services.
DkimOutcome outcome_of(std::string_view message, std::string_view services) {
    TestZone zone;
    zone.text("s._domainkey.example.com",
              fmt::format("v=DKIM1; k=ed25519; s={}; p={}", services, to_base64(key().public_octets())));
    const auto mail = Mail::whole(message);
    return zone.conclude<DkimReport>([&](KnownAnswers& answers) { return verify_dkim(*mail, now, answers); })
        .signatures.at(0);
}

const std::vector<std::string> with_type{"From", "content-type"};

struct ServiceRow {
    std::string_view services;
    DkimVerdict report, mail;
};

TEST(TlsReportMail, KeysForReportsSignReportsOnly) {
    const ServiceRow rows[] = {
        {"tlsrpt", pass, permerror},
        {"x:tlsrpt", pass, permerror},
        {"email:tlsrpt", pass, pass},
        {"email", pass, pass},
        {"*", pass, pass},
        {"x", permerror, permerror},
        {"tlsrptx", permerror, permerror},
    };
    const auto report = signed_mail(mail_of(report_type), with_type);
    const auto mail = signed_mail(mail_of("text/plain"), with_type);
    for (const auto& row : rows) {
        EXPECT_EQ(outcome_of(report, row.services).verdict, row.report) << row.services;
        EXPECT_EQ(outcome_of(mail, row.services).verdict, row.mail) << row.services;
    }
    EXPECT_EQ(outcome_of(mail, "tlsrpt").reason, "the key is not for mail");
}

struct TypeRow {
    std::string_view type;
    DkimVerdict verdict;
};

TEST(TlsReportMail, IsKnownByItsContentType) {
    const TypeRow rows[] = {
        {"multipart/report; report-type=tlsrpt; boundary=b", pass},
        {"Multipart/Report;\r\n boundary=b;\r\n REPORT-TYPE=\"TlsRpt\"", pass},
        {"\r\n\tmultipart/report;\r\n\treport-type=tlsrpt; boundary=b", pass},
        {"multipart/report; boundary=b", permerror},
        {"multipart/report; report-type=delivery-status; boundary=b", permerror},
        {"multipart/report; report-type=delivery-status; report-type=tlsrpt; boundary=b", permerror},
        {"multipart/mixed; report-type=tlsrpt; boundary=b", permerror},
        {"text/html; report-type=tlsrpt", permerror},
        {"text/html\r\nContent-Type: multipart/report; report-type=tlsrpt; boundary=b", permerror},
        {"multipart/report; report-type=tlsrpt; boundary=b\r\nContent-Type: text/html", permerror},
        {"", permerror},
    };
    for (const auto& row : rows)
        EXPECT_EQ(outcome_of(signed_mail(mail_of(row.type), with_type), "tlsrpt").verdict, row.verdict)
            << row.type;
}

TEST(TlsReportMail, WhoDoesNotSignTheTypeDoesNotSayThatItIsOne) {
    EXPECT_EQ(outcome_of(signed_mail(mail_of(report_type), {"From"}), "tlsrpt").verdict, permerror);
    EXPECT_EQ(outcome_of(signed_mail(mail_of(report_type), {"From"}), "email").verdict, pass);
}

// RFC 8460 §3: reports MUST NOT be signed with l=.
TEST(TlsReportMail, ASignatureOfAPartOfTheBodySignsNoReport) {
    const auto message = mail_of(report_type);
    const auto mail = Mail::whole(message);
    Signature signature;
    signature.fields = with_type;
    EXPECT_EQ(service_of(mail->fields(), signature), KeyService::tls_reports);
    signature.length = body.size();
    EXPECT_EQ(service_of(mail->fields(), signature), KeyService::mail);
}

TEST(TlsReportMail, IsSignedByTheOwnerOfTheDomain) {
    const auto signed_by = [](const DkimOutcome& signature, const std::string& domain) {
        return is_signed_by({{{.verdict = permerror, .domain = domain}, signature}}, domain);
    };
    EXPECT_EQ(signed_by({.verdict = pass, .domain = "example.com"}, "example.com"), true);
    EXPECT_EQ(signed_by({.verdict = pass, .domain = "MAIL.example.com"}, "example.com"), true);
    EXPECT_EQ(signed_by({.verdict = pass, .domain = "example.com"}, "a.mail.example.com"), true);
    EXPECT_EQ(signed_by({.verdict = pass, .domain = "example.net"}, "example.com"), false);
    EXPECT_EQ(signed_by({.verdict = pass, .domain = "co.uk"}, "example.co.uk"), false);
    EXPECT_EQ(signed_by({.verdict = fail, .domain = "example.com"}, "example.com"), false);
    EXPECT_EQ(signed_by({.verdict = pass, .domain = "example.com", .partial = true}, "example.com"), false);
    EXPECT_EQ(signed_by({.verdict = pass, .domain = "example.com"}, ""), false);
    // RFC 6376 §3.6.1, t=y: such mail is not to be treated differently from mail that nobody has signed.
    EXPECT_EQ(signed_by({.verdict = pass, .domain = "example.com", .testing = true}, "example.com"), false);
}

// Who signs with a key of his own that cannot be had leaves nothing open about others.
TEST(TlsReportMail, IsOpenOnlyWhereAKeyOfTheOwnerIsNotToBeHad) {
    const DkimOutcome of_another{.verdict = temperror, .domain = "evil.test"};
    const DkimOutcome of_the_owner{.verdict = temperror, .domain = "mail.example.com"};
    const DkimOutcome good{.verdict = pass, .domain = "example.com"};
    EXPECT_EQ(is_signed_by({{of_another}}, "example.com"), false);
    EXPECT_EQ(is_signed_by({{of_another}}, ""), false);
    EXPECT_EQ(is_signed_by({{of_another, of_the_owner}}, "example.com"), std::nullopt);
    EXPECT_EQ(is_signed_by({{of_the_owner, good}}, "example.com"), true);
}

}  // namespace
}  // namespace hongyan::verify
