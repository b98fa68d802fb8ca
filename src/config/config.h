// The settings as values, for those who are set by them. What each means, its default and its bounds stand in
// the one table in settings.cc; no value here has a default of its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "config/domain_limit.h"
#include "config/filter.h"
#include "config/network.h"
#include "config/route.h"

namespace hongyan::config {

enum class Language { english, simplified_chinese };
enum class StrayLineEnds { refuse, keep };
// What TLS is demanded of other servers at least: none at all, what they offer, some, one with a certificate.
enum class OutwardTls { never, may, must, verified };

using Addresses = std::vector<ListenAddress>;
using Networks = std::vector<Network>;

struct Listen {
    Addresses smtp, submission, submissions, lmtp, imap, imaps, pop3, pop3s;
};

// PEM files; both may be one. As text "CERTIFICATE:KEY", or "FILE" for both in one.
struct CertificateFiles {
    std::filesystem::path certificate;
    std::filesystem::path key;

    static Result<CertificateFiles> parse(std::string_view text);
    std::string to_string() const;
    friend bool operator==(const CertificateFiles&, const CertificateFiles&) = default;
};

struct Tls {
    std::filesystem::path certificate;  // both empty: one that the server makes for itself
    std::filesystem::path key;
    std::vector<CertificateFiles> others;      // for clients that ask for a name of theirs
    std::filesystem::path client_authorities;  // empty: no certificate is asked for
};

struct Limits {
    std::uint64_t message_size = 0;  // bytes
    std::uint64_t memory = 0;        // bytes
    std::uint64_t connections = 0;
    std::uint64_t connections_per_address = 0;
    std::uint64_t imap_per_account = 0, pop3_per_account = 0, smtp_per_account = 0;  // sessions
    Networks exempt_networks;
    std::chrono::milliseconds smtp_patience{}, imap_patience{}, pop3_patience{};
    std::chrono::milliseconds login_patience{}, handshake_patience{};
};

struct Imap {
    bool raw_headers = false;
    std::uint64_t message_limit = 0, save_limit = 0;  // 0: none
};

// Of SMTP and LMTP.
struct Smtp {
    std::uint64_t recipients = 0, transactions = 0, commands = 0, errors = 0, hops = 0;
    Networks relay_networks;
    bool own_senders = false;
    bool verify = false;
    bool log_in = false;
    std::uint64_t highest_priority = 0;
    std::chrono::milliseconds longest_hold{}, least_delivery_time{};
    StrayLineEnds stray_line_ends{}, lmtp_stray_line_ends{};
};

// Of log-ins by tokens that another server gives.
struct OAuth {
    std::filesystem::path keys;  // empty: no token is believed
    std::string issuer, audience, account_claim, scope, configuration;
    std::chrono::milliseconds leeway{};
};

// Of all protocols with log-ins.
struct Login {
    Networks plain_networks;
    std::uint64_t attempts = 0;
    bool recoverable_passwords = false;
    std::chrono::milliseconds memory_time{};
    std::uint64_t memory_size = 0;  // log-ins
    OAuth oauth;
    std::uint64_t failures = 0, failures_from_everywhere = 0;
    std::chrono::milliseconds failure_time{}, known_for{}, history{};
};

// What is made of clients that say in HELO that they are us: a score, or a refusal.
enum class HelloHandling { score, reject };

// Of those who bring mail and of what they bring.
struct Spam {
    std::vector<std::string> lists, link_lists;  // as spam::ListRule reads them
    Networks exempt_networks;
    std::uint64_t junk_score = 0, reject_score = 0;  // 0: never
    HelloHandling hello{};
    bool greylisting = false, greylisting_spf = false;
    std::chrono::milliseconds greylisting_delay{}, greeting_delay{};
    std::uint64_t greylisting_trust = 0;  // 0: never
};

// Of the server's own classifier.
struct Classifier {
    bool enabled = false;
    bool shared = false;                 // all accounts have a model together, beside their own
    std::uint64_t lessons_of_a_day = 0;  // of one account to the shared model; 0: no limit
};

// What becomes of submitted mail in which judges of its content have found something.
enum class OutgoingChecks { off, refuse, hold };

// How much an account may send, and what. Numbers of 0 mean no limit.
struct Sending {
    std::uint64_t messages = 0, recipients = 0, recipients_of_a_day = 0, strangers_of_a_day = 0;
    OutgoingChecks checks{};
    std::uint64_t check_score = 0;

    bool is_limited() const {
        return messages != 0 || recipients != 0 || recipients_of_a_day != 0 || strangers_of_a_day != 0;
    }
};

// Of those who are shut out.
struct Ban {
    std::chrono::milliseconds length{}, longest{};
    std::uint64_t failures = 0, unknown_recipients = 0, neighbours = 0;  // 0: never for that
    Networks exempt_networks;
};

// Of those who pass connections on.
struct Proxy {
    Networks networks;
};

// What is done where a domain asks for something (RFC 7489 §6.7), and where SPF says no.
enum class DmarcHandling { enforce, junk, report };
enum class SpfFailures { accept, junk, reject };
// What is done with mail of which nobody can tell who has written it.
enum class UnclearAuthors { accept, junk, reject };
// What is made of senders whose domain does not exist, or takes no mail.
enum class SenderDomains { accept, score, reject };

// Of judging who sent a message.
struct Verify {
    bool enabled = false;
    DmarcHandling dmarc{};
    SpfFailures spf_fail{};
    UnclearAuthors unclear_author{};
    SenderDomains sender_domains{};
    Networks exempt;
    bool lmtp = false;
    Networks forwarders;
    std::vector<std::string> trusted_sealers;  // domains
    std::chrono::milliseconds patience{};
};

// Of the resolver.
struct Dns {
    std::vector<std::string> servers;
    std::filesystem::path trust_anchor;  // empty: no validation
    std::filesystem::path hosts;         // empty: none
    std::uint64_t cache = 0;             // bytes
    std::chrono::milliseconds patience{};
};

struct Logging {
    log::Level level{};
    log::Format format{};
    std::filesystem::path file;

    log::Settings settings() const { return {.format = format, .level = level, .file = file.string()}; }
};

struct Store {
    std::uint64_t block_cache = 0, pack_size = 0, wal_size = 0;  // bytes
    std::uint64_t reserve = 0;                                   // bytes left free on the disk
    std::uint64_t history = 0;                                   // changes of an account
};

struct Directory {
    std::string separator;                              // empty: no sub-addresses
    std::uint64_t quota_bytes = 0, quota_messages = 0;  // 0: no limit
    std::string postmaster;                             // a login name, or empty
};

// What waits to be sent to other servers. Numbers of 0 mean no limit.
struct Queue {
    std::vector<std::chrono::milliseconds> retry;
    std::chrono::milliseconds lifetime{}, notification_lifetime{}, delay_warning{}, history{};
    std::uint64_t messages = 0, bytes = 0, account_messages = 0, account_bytes = 0;
};

// Mail that programs of this machine leave.
struct Drop {
    std::filesystem::path folder;  // empty: "drop" in the data folder
    bool everybody = false;
};

// What aliases pass on to other servers.
struct Forward {
    bool srs = false;
};

// Notifications that we write.
struct Bounce {
    std::string from;                 // empty: postmaster of the host
    std::uint64_t returned_size = 0;  // bytes
};

// How what waits is sent.
struct Outbound {
    bool enabled = false;
    Routes routes;
    DomainLimits limits;
    std::filesystem::path secrets;  // empty: "secrets" in the data folder
    std::uint64_t connections = 0, connections_per_destination = 0, messages_per_connection = 0;
    std::chrono::milliseconds idle{}, connect_patience{}, destination_rests{};
    std::uint64_t port = 0;
    Networks private_networks;
    std::string source_ipv4, source_ipv6;  // empty: as the system chooses
    std::uint64_t https_port = 0;
    OutwardTls tls{};
    bool dane = false, mta_sts = false, tls_reports = false;
    std::string tls_reports_from;  // empty: postmaster of a domain that signs
    bool suppress = false;
    std::filesystem::path authorities;  // empty: those of the system
};

// What domains are told of mail in their name, and what others tell of mail in ours.
struct Reports {
    bool dmarc = false;
    std::string from;                    // an address; empty: postmaster of a domain of ours
    std::uint64_t failures = 0;          // reports of single messages for a domain in a day; 0: none
    std::vector<std::string> addresses;  // to which others send reports
    std::chrono::milliseconds keep{};
};

// What becomes of mail that a filter has found something in, from the mildest to the strictest.
enum class Treatment { accept, junk, quarantine, discard, defer, reject };
// Which mail a filter is shown.
enum class Shown { incoming, all };

// Filters that speak the milter protocol.
struct Filters {
    Milters milters;
    std::chrono::milliseconds rest{};  // of a filter that could not be asked; 0: none
};

struct Rspamd {
    std::optional<FilterAddress> address;
    std::chrono::milliseconds patience{};
    std::uint64_t size = 0;  // bytes
    WithoutFilter otherwise{};
    Shown shown{};
    Treatment greylist{}, add_header{}, rewrite_subject{}, soft_reject{}, reject{};
};

struct Clamd {
    std::optional<FilterAddress> address;
    std::chrono::milliseconds patience{};
    std::uint64_t size = 0;  // bytes
    WithoutFilter otherwise{};
    Shown shown{};
    Treatment infected{};
};

struct Control {
    std::filesystem::path socket;
    std::uint32_t mode = 0;
};

struct Config {
    std::string hostname;
    std::filesystem::path data;
    std::string user;
    std::uint64_t workers = 0;
    Language language{};
    std::chrono::milliseconds drain_time{};
    Listen listen;
    Tls tls;
    Limits limits;
    Imap imap;
    Smtp smtp;
    Login login;
    Ban ban;
    Spam spam;
    Classifier classifier;
    Sending sending;
    Proxy proxy;
    Dns dns;
    Verify verify;
    Logging log;
    Store store;
    Directory directory;
    Queue queue;
    Drop drop;
    Bounce bounce;
    Forward forward;
    Outbound outbound;
    Reports reports;
    Filters filters;
    Rspamd rspamd;
    Clamd clamd;
    Control control;
};

}  // namespace hongyan::config
