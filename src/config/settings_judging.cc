// Settings: who judges mail.
#include "config/settings_sections.h"
#include "config/units.h"

namespace hongyan::config {

namespace {

using namespace std::chrono_literals;
using kind::Boolean, kind::Bytes, kind::Choice, kind::DomainList, kind::Duration, kind::FilterAt,
    kind::Integer, kind::MilterList, kind::NetworkList, kind::TextList;
using enum Reload;

// In the order of the enumerations they name.
constexpr std::string_view dmarc_handlings[] = {"enforce", "junk", "report"};
constexpr std::string_view spf_failures[] = {"accept", "junk", "reject"};
constexpr std::string_view unclear_authors[] = {"accept", "junk", "reject"};
constexpr std::string_view sender_domains[] = {"accept", "score", "reject"};
constexpr std::string_view hello_handlings[] = {"score", "reject"};
constexpr std::string_view outgoing_checks[] = {"off", "refuse", "hold"};
constexpr std::string_view without_filter[] = {"defer", "accept", "reject", "quarantine"};
constexpr std::string_view treatments[] = {"accept", "junk", "quarantine", "discard", "defer", "reject"};
constexpr std::string_view shown_mail[] = {"incoming", "all"};
// Loopback, and what no other domain's mail comes from: private (RFC 1918, RFC 4193) and link-local
// addresses.
constexpr std::string_view not_outside[] = {"127.0.0.0/8",    "::1",      "10.0.0.0/8", "172.16.0.0/12",
                                            "192.168.0.0/16", "fc00::/7", "fe80::/10",  "169.254.0.0/16"};

constexpr Setting spam_rows[] = {
    {"spam.lists", TextList{at<&Config::spam, &Spam::lists>}, applies,
     "Lists in DNS of clients that send junk, or that do not (RFC 5782), each as \"ZONE weight=N "
     "codes=127.0.0.2-127.0.0.11,127.0.0.20 refuse timeout=2s\"; all but the zone may be left out. weight is "
     "what being on it adds to a message's score (3), below 0 for lists of good clients, which are then "
     "refused by no other list; codes are the answers that count (all); refuse turns clients away at once "
     "(550 5.7.1, with the list's words). A list that does not hold its test entries counts for nothing."},
    {"spam.link_lists", TextList{at<&Config::spam, &Spam::link_lists>}, applies,
     "The same of lists of domains, for those that the links of a message lead to (20 at most, in 8 MiB of "
     "its text)."},
    {"spam.exempt_networks", NetworkList{at<&Config::spam, &Spam::exempt_networks>, loopback}, applies,
     "Clients there are asked about nowhere, never wait because of greylisting, and may say what they like "
     "in HELO. So are smtp.relay_networks."},
    {"spam.junk_score", Integer{at<&Config::spam, &Spam::junk_score>, 6, 0, 1'000}, applies,
     "From which score on a message goes into the mailbox for junk. 0: never for its score."},
    {"spam.reject_score", Integer{at<&Config::spam, &Spam::reject_score>, 0, 0, 1'000}, applies,
     "From which score on a message is refused (550 5.7.1). 0: never for its score."},
    {"spam.greeting_delay", Duration{at<&Config::spam, &Spam::greeting_delay>, 0s, 0s, 1min}, applies,
     "How long a stranger waits on port 25 for the greeting. Who speaks meanwhile has 2 points more: RFC "
     "5321 §4.3.1 wants him to wait."},
    {"spam.hello", Choice::of<&Config::spam, &Spam::hello>(hello_handlings, HelloHandling::score), applies,
     "What is made of strangers that say in HELO that they are this server or a domain of ours: \"score\", 3 "
     "points; \"reject\", they are refused at MAIL (550 5.7.1). Other names are only scored: RFC 5321 §4.1.4 "
     "forbids to refuse a name that does not fit the address."},
    {"spam.greylisting", Boolean{at<&Config::spam, &Spam::greylisting>, false}, applies,
     "Whether a stranger's first message from a sender to a recipient is put off (451 4.7.1, RFC 6647): a "
     "server comes back, most senders of junk do not. Mail from whom the recipient has written to is never "
     "put off."},
    {"spam.greylisting_delay", Duration{at<&Config::spam, &Spam::greylisting_delay>, 1min, 1s, 1h}, applies,
     "How soon a client may come back; within 24 hours it must."},
    {"spam.greylisting_trust", Integer{at<&Config::spam, &Spam::greylisting_trust>, 1, 0, 1'000}, applies,
     "After how many senders and recipients of whom a client has come back its whole network (IPv4 /24, IPv6 "
     "/48) passes, for 36 days after the last message. 0: never. A good message counts too, and one that is "
     "refused or junk takes back what was earned."},
    {"spam.greylisting_spf", Boolean{at<&Config::spam, &Spam::greylisting_spf>, true}, applies,
     "Whether domains whose mail was good pass at once from any client that their SPF names."},
};

constexpr Setting classifier_rows[] = {
    {"classifier.enabled", Boolean{at<&Config::classifier, &Classifier::enabled>, true}, applies,
     "Whether the server's own classifier judges mail and learns from what people do with theirs."},
    {"classifier.shared", Boolean{at<&Config::classifier, &Classifier::shared>, true}, applies,
     "Whether all accounts have a model together, which each teaches and is judged by, beside its own. "
     "Without it an account's mail is judged only by what that account has taught."},
    {"classifier.lessons_per_day",
     Integer{at<&Config::classifier, &Classifier::lessons_of_a_day>, 200, 0, 1'000'000}, applies,
     "From how many of its messages in a day an account teaches the shared model; what it teaches beyond "
     "that is learned by its own model only. 0: no limit."},
};

constexpr Setting sending_rows[] = {
    {"sending.messages_per_hour", Integer{at<&Config::sending, &Sending::messages>, 0, 0, 1'000'000}, applies,
     "How many messages an account may send in an hour; more are put off (450 4.7.1). 0: no limit."},
    {"sending.recipients_per_hour", Integer{at<&Config::sending, &Sending::recipients>, 0, 0, 10'000'000},
     applies, "The same for recipients."},
    {"sending.recipients_per_day",
     Integer{at<&Config::sending, &Sending::recipients_of_a_day>, 0, 0, 10'000'000}, applies,
     "The same for recipients in a day."},
    {"sending.strangers_per_day",
     Integer{at<&Config::sending, &Sending::strangers_of_a_day>, 0, 0, 10'000'000}, applies,
     "The same for recipients to whom the account has not written within a year: whoever has stolen a "
     "password writes to strangers."},
    {"sending.checks", Choice::of<&Config::sending, &Sending::checks>(outgoing_checks, OutgoingChecks::off),
     applies,
     "Whether what accounts submit is judged as strangers' mail is: by spam.link_lists, the classifier, "
     "Rspamd and ClamAV. What is found to be junk is then refused (\"refuse\", 550 5.7.1) or waits in the "
     "queue until somebody releases or cancels it (\"hold\"). Mail with a virus is sent in no case."},
    {"sending.check_score", Integer{at<&Config::sending, &Sending::check_score>, 8, 1, 1'000}, applies,
     "From which score on what an account submits is taken for junk."},
};

constexpr Setting verify_rows[] = {
    {"verify.enabled", Boolean{at<&Config::verify, &Verify::enabled>, true}, applies,
     "Whether mail from outside is checked: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489), ARC (RFC "
     "8617) and the name of the client's address. What is found stands in the field Authentication-Results "
     "and in `hongyan trace`."},
    {"verify.dmarc", Choice::of<&Config::verify, &Verify::dmarc>(dmarc_handlings, DmarcHandling::enforce),
     applies,
     "What is done with mail that fails DMARC. \"enforce\": as the author's domain asks, which may be to "
     "reject it or to put it into the mailbox for junk; \"junk\": nothing is rejected, but goes there; "
     "\"report\": it is only told. Where that domain asks for either, and DNS does not tell for now whether "
     "SPF "
     "or DKIM vouch for it, \"enforce\" puts mail off (451 4.4.3), and \"junk\" is as with a failure."},
    {"verify.spf_fail", Choice::of<&Config::verify, &Verify::spf_fail>(spf_failures, SpfFailures::accept),
     applies,
     "What is done with mail for whose domain SPF says that the client may not send it, unless DMARC vouches "
     "for it: forwarders look like that too."},
    {"verify.unclear_author",
     Choice::of<&Config::verify, &Verify::unclear_author>(unclear_authors, UnclearAuthors::junk), applies,
     "What is done with mail of which nobody can tell who has written it, so that DMARC cannot protect whom "
     "its reader sees: without a From field or with several, with more than 8 domains in it or 10,000 "
     "addresses, with an address there that cannot be read or is divided from the next by no comma, or with "
     "none but those at hosts (ann@[192.0.2.1]). Bounces are put into the mailbox for junk at most."},
    {"verify.sender_domains",
     Choice::of<&Config::verify, &Verify::sender_domains>(sender_domains, SenderDomains::score), applies,
     "What is made of senders to whom nobody can reply. \"score\": a domain that takes no mail (null MX, RFC "
     "7505) is refused (550 5.7.27), one that does not exist has 3 points; \"reject\": that, and one without "
     "MX and address, is refused too (550 5.1.8), and put off while DNS does not answer (451 4.4.3); "
     "\"accept\": nobody asks. An author (From) whose domain takes no mail has 3 points, or with \"reject\" "
     "is refused as well."},
    {"verify.exempt", NetworkList{at<&Config::verify, &Verify::exempt>, not_outside}, applies,
     "Networks whose mail is not checked, beside smtp.relay_networks and accounts that have logged in. If a "
     "proxy or a gateway in such a network stands before the server, let it say who the client is "
     "(proxy.networks)."},
    {"verify.lmtp", Boolean{at<&Config::verify, &Verify::lmtp>, false}, applies,
     "Whether mail that comes by LMTP is checked too. The mailer that hands it over knows more of the "
     "client."},
    {"verify.forwarders", NetworkList{at<&Config::verify, &Verify::forwarders>, {}}, applies,
     "Networks of forwarders that users of ours have set up elsewhere: mail from there is not held to what "
     "SPF and DMARC say of it."},
    {"verify.trusted_sealers", DomainList{at<&Config::verify, &Verify::trusted_sealers>}, applies,
     "Domains, with all below them, that are believed if they seal mail with ARC: it then passes although it "
     "fails DMARC, if all that have sealed it are among them, and it had passed DMARC with the first."},
    {"verify.patience", Duration{at<&Config::verify, &Verify::patience>, 10s, 1s, 1min}, applies,
     "How long the answers of name servers about one message are waited for: those about who sends it, and "
     "then, at most as long again, what the author's domain asks for. What is not known by then is neither a "
     "pass nor a failure."},
};

constexpr Setting filters_rows[] = {
    {"filters.milters", MilterList{at<&Config::filters, &Filters::milters>}, applies,
     "Filters that speak the milter protocol, asked in this order, each as \"ADDRESS OPTION…\". ADDRESS is "
     "unix:/path or inet:HOST:PORT. Options: name=NAME (for logs and the trace); default=defer, accept, "
     "reject or quarantine: what becomes of mail while the filter cannot be asked (defer if nothing is "
     "said); for=relay,submission,lmtp: mail from other servers, of people who have logged in, and handed "
     "over by LMTP (relay,submission); connect=30s, command=30s, content=1min, end=5min: how long a "
     "connection, and the answers to a command, to a piece of the message and to its end may take."},
    {"filters.rest", Duration{at<&Config::filters, &Filters::rest>, 30s, 0s, 1h}, applies,
     "For how long a milter, Rspamd or ClamAV that could not be asked is not tried again; meanwhile mail is "
     "treated as its default says at once. 0: it is tried each time."},
};

constexpr Setting rspamd_rows[] = {
    {"rspamd.address", FilterAt{at<&Config::rspamd, &Rspamd::address>}, applies,
     "Where Rspamd's worker takes messages (HTTP, /checkv2), as inet:127.0.0.1:11333 or unix:/path. Empty: "
     "it is not asked."},
    {"rspamd.patience", Duration{at<&Config::rspamd, &Rspamd::patience>, 30s, 100ms, 9min}, applies,
     "How long its answer may take, all in all."},
    {"rspamd.size", Bytes{at<&Config::rspamd, &Rspamd::size>, 50 * MiB, 1 * KiB, 1 * GiB}, applies,
     "Messages that are larger are not shown to it."},
    {"rspamd.default", Choice::of<&Config::rspamd, &Rspamd::otherwise>(without_filter, WithoutFilter::defer),
     applies, "What becomes of mail while it cannot be asked."},
    {"rspamd.mail", Choice::of<&Config::rspamd, &Rspamd::shown>(shown_mail, Shown::all), applies,
     "Which mail it is shown: incoming is what comes from others, all is also that of people who have logged "
     "in."},
    {"rspamd.greylist", Choice::of<&Config::rspamd, &Rspamd::greylist>(treatments, Treatment::accept),
     applies,
     "What becomes of mail for which it says \"greylist\". Its own greylisting says \"soft reject\" once "
     "mail is to come again."},
    {"rspamd.add_header", Choice::of<&Config::rspamd, &Rspamd::add_header>(treatments, Treatment::junk),
     applies, "The same for \"add header\"."},
    {"rspamd.rewrite_subject",
     Choice::of<&Config::rspamd, &Rspamd::rewrite_subject>(treatments, Treatment::junk), applies,
     "The same for \"rewrite subject\"; the subject becomes what it says."},
    {"rspamd.soft_reject", Choice::of<&Config::rspamd, &Rspamd::soft_reject>(treatments, Treatment::defer),
     applies, "The same for \"soft reject\"."},
    {"rspamd.reject", Choice::of<&Config::rspamd, &Rspamd::reject>(treatments, Treatment::reject), applies,
     "The same for \"reject\"."},
};

constexpr Setting clamd_rows[] = {
    {"clamd.address", FilterAt{at<&Config::clamd, &Clamd::address>}, applies,
     "Where ClamAV's daemon listens, as unix:/run/clamav/clamd.ctl or inet:127.0.0.1:3310. Empty: it is not "
     "asked."},
    {"clamd.patience", Duration{at<&Config::clamd, &Clamd::patience>, 1min, 100ms, 9min}, applies,
     "How long its answer may take, all in all."},
    {"clamd.size", Bytes{at<&Config::clamd, &Clamd::size>, 25 * MiB, 1 * KiB, 1 * GiB}, applies,
     "Messages that are larger are not shown to it, as if nothing had been found in them; no more than its "
     "own StreamMaxLength."},
    {"clamd.default", Choice::of<&Config::clamd, &Clamd::otherwise>(without_filter, WithoutFilter::defer),
     applies, "What becomes of mail while it cannot be asked."},
    {"clamd.mail", Choice::of<&Config::clamd, &Clamd::shown>(shown_mail, Shown::all), applies,
     "Which mail it is shown, as for rspamd.mail."},
    {"clamd.infected", Choice::of<&Config::clamd, &Clamd::infected>(treatments, Treatment::reject), applies,
     "What becomes of mail in which it has found a virus."},
};

}  // namespace

std::span<const Setting> sections::spam() { return spam_rows; }
std::span<const Setting> sections::classifier() { return classifier_rows; }
std::span<const Setting> sections::sending() { return sending_rows; }
std::span<const Setting> sections::verify() { return verify_rows; }
std::span<const Setting> sections::filters() { return filters_rows; }
std::span<const Setting> sections::rspamd() { return rspamd_rows; }
std::span<const Setting> sections::clamd() { return clamd_rows; }

}  // namespace hongyan::config
