#include "crypto/certificate.h"

#include "admin/services.h"
#include "admin/tables.h"
#include "base/file.h"

namespace hongyan::admin {

namespace {

using Kind = Argument::Kind;

Result<directory::Account> account_of(const Call& call) {
    return call.services.kept->directory.account(call.values.text("account"));
}

// What is no fingerprint is a file.
Result<std::string> fingerprint_from(const Call& call) {
    const auto& given = call.values.text("certificate");
    if (auto fingerprint = crypto::parse_fingerprint(given)) return fingerprint;
    TRY(const auto pem, given == "-" ? Result<std::string>(call.console.input) : read_file(call.path(given)));
    return crypto::certificate_fingerprint(pem);
}

Result<void> add(const Call& call) {
    TRY(const auto account, account_of(call));
    TRY(const auto fingerprint, fingerprint_from(call));
    TRY(call.services.kept->directory.add_certificate(account.id, fingerprint));
    call.say(fingerprint);
    return {};
}

Result<void> list(const Call& call) {
    TRY(const auto account, account_of(call));
    Listing listing({"fingerprint"});
    for (const auto& fingerprint : account.certificates) listing.add({fingerprint});
    call.show(listing);
    return {};
}

Result<void> remove(const Call& call) {
    TRY(const auto account, account_of(call));
    TRY(const auto fingerprint, fingerprint_from(call));
    return call.services.kept->directory.remove_certificate(account.id, fingerprint);
}

constexpr Argument account{"account", Kind::required, "The login name, as ann@example.test"};
constexpr Argument certificate{"certificate", Kind::required,
                               "A PEM file, - for standard input, or a SHA-256 fingerprint in hexadecimal"};

constexpr Argument change_arguments[] = {account, certificate};
constexpr Argument list_arguments[] = {account, json_flag};

constexpr Command rows[] = {
    {"certificate", "add", "Let a certificate stand for an account; its fingerprint is printed",
     change_arguments, Needs::services, &add, Reads::where_dash},
    {"certificate", "list", "List the certificates that stand for an account", list_arguments,
     Needs::services, &list},
    {"certificate", "remove", "Let a certificate stand for the account no longer", change_arguments,
     Needs::services, &remove, Reads::where_dash},
};

}  // namespace

std::span<const Command> certificate_commands() { return rows; }

}  // namespace hongyan::admin
