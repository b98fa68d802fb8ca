// GENURLAUTH, URLFETCH and RESETKEY (RFC 4467 §7): leave to fetch a part of a message, as a URL.
#include "base/ascii.h"
#include "crypto/digest.h"
#include "imap/commands/commands.h"
#include "imap/commands/names.h"
#include "imap/effort.h"
#include "imap/url_leave.h"
#include "imap/wire/writer.h"
#include "store/url_keys.h"

namespace hongyan::imap::commands {
namespace {

constexpr std::size_t max_urls = 100;    // of one command; a message is made of a few
constexpr std::size_t fresh_bytes = 32;  // RFC 4467 §2.2 asks for 128 bits at least

// RFC 4467 §7: the owner is named and is who asks, and it is said who may use the URL; the token is still to
// be made.
bool can_be_signed(const wire::MessageUrl& url, std::string_view account_name) {
    const auto& leave = url.authorization;
    return url.is_absolute() && is_user(url.user, account_name) && leave && leave->mechanism.empty();
}

Completion unfit() { return bad("A URL of a message of yours, with ;URLAUTH=access, is needed"); }

// A key of each mailbox from the random bytes of one command.
std::string key_from(std::string_view fresh, store::MailboxId mailbox) {
    return crypto::hmac(crypto::Hash::sha256, fresh, fmt::format("{}", mailbox));
}

Step sign(Desk& desk, const std::vector<std::string>& urls, std::string_view fresh) {
    std::string told = "* GENURLAUTH";
    for (const auto& text : urls) {
        const auto url = wire::parse_message_url(text);
        if (!url || !can_be_signed(*url, desk.here.user)) return unfit();
        const auto mailbox = mailbox_of(desk.account.view(), *url);
        if (!mailbox)
            return mailbox.error().kind == Error::Kind::not_found ? unfit() : refusal(mailbox.error());
        TRY(const auto key,
            store::need_url_key(desk.store, desk.account.id(), mailbox->id, key_from(fresh, mailbox->id)));
        told += ' ';
        wire::put_string(told, fmt::format("{}:{}:{}", text, internal_mechanism, url_token(key, text)));
    }
    desk.out.append(told) += "\r\n";
    return ok("Signed");
}

// RFC 4467 §3, as far as an ordinary user can be meant: a URL for the submission server is for none.
bool may_use(const wire::UrlAuthorization& leave, std::string_view owner, std::string_view account_name) {
    using enum wire::UrlAuthorization::Access;
    return leave.access == any_user || leave.access == anonymous ||
           (leave.access == user && is_meant(leave.user, owner, account_name));
}

// url-fetch-arg   RFC 5524 §5
struct WantedUrl {
    enum class Content { none, body, binary };

    std::string url;
    Content content = Content::none;
    bool structure = false;

    // As RFC 4467 has it, without metadata.
    bool is_simple() const { return content == Content::none && !structure; }
};

// False where it is wanted already, or cannot be together with the other (RFC 5524 §3.1), or is not known.
bool add_parameter(WantedUrl& wanted, std::string_view word) {
    if (ascii::iequals(word, "BODYPARTSTRUCTURE")) return !std::exchange(wanted.structure, true);
    const bool is_body = ascii::iequals(word, "BODY");
    if (!is_body && !ascii::iequals(word, "BINARY")) return false;
    const auto content = is_body ? WantedUrl::Content::body : WantedUrl::Content::binary;
    return std::exchange(wanted.content, content) == WantedUrl::Content::none;
}

WantedUrl read_wanted_url(wire::Parser& in) {
    WantedUrl wanted;
    if (!in.present("(")) {
        wanted.url = in.astring();
        return wanted;
    }
    wanted.url = in.astring();
    while (!in.failed() && in.present(" "))
        if (!add_parameter(wanted, in.atom())) in.fail("BODY or BINARY, and BODYPARTSTRUCTURE, each once");
    in.expect(")");
    return wanted;
}

// 1*(SP "(" url-metadata-el ")")   RFC 5524 §5
void put_metadata(std::string& out, const WantedUrl& wanted, const NamedPart& part) {
    const bool is_binary = wanted.content == WantedUrl::Content::binary;
    if (wanted.structure) {
        out += " (BODYPARTSTRUCTURE ";
        part.put_structure(out, is_binary ? NamedPart::Encoded::undone : NamedPart::Encoded::as_sent);
        out += ')';
    }
    if (wanted.content == WantedUrl::Content::none) return;
    out += is_binary ? " (BINARY " : " (BODY ";
    const auto octets = is_binary ? part.binary() : part.octets();
    if (octets)
        wire::put_binary(out, *octets);
    else
        out += "NIL";
    out += ')';
}

// Each URL has a response of its own, so that what is said goes out in portions.
class UrlFetching {
public:
    explicit UrlFetching(std::vector<WantedUrl> urls) : urls_(std::move(urls)) {}

    Step operator()(Desk& desk) {
        Effort effort;  // the message around a part is read, however little of it is told
        while (next_ < urls_.size() && desk.out.size() < enough_said && !effort.is_enough()) {
            TRY(put(desk, urls_[next_++], effort));
        }
        if (next_ < urls_.size()) return std::nullopt;
        return ok("Fetched");
    }

private:
    // NIL, whatever the reason (RFC 4467 §7, URLFETCH).
    static Result<void> put(Desk& desk, const WantedUrl& wanted, Effort& effort) {
        const auto part = read(desk, wanted.url, effort);
        if (!part && part.error().kind != Error::Kind::not_found) return std::unexpected(part.error());
        desk.out += "* URLFETCH ";
        wire::put_string(desk.out, wanted.url);
        if (!part) {
            desk.out += " NIL";
        } else if (wanted.is_simple()) {
            desk.out += ' ';
            wire::put_literal(desk.out, part->octets());
        } else {
            put_metadata(desk.out, wanted, *part);
        }
        desk.out += "\r\n";
        return {};
    }

    static Result<NamedPart> read(Desk& desk, const std::string& text, Effort& effort) {
        const auto url = wire::parse_message_url(text);
        if (!url || !url->is_absolute() || !url->authorization)
            return fail(Error::Kind::not_found, "there is no leave");
        const auto owner = owner_of(desk, *url);
        if (!owner && owner.error().kind != Error::Kind::not_found) return std::unexpected(owner.error());
        // Of nobody's mail it is looked for like of somebody's: the clock tells nobody who has an account
        // here.
        const Room counted = [&effort](std::uint64_t octets) -> Result<void> {
            effort.spend(Effort::of_making_text * octets);
            return {};
        };
        auto part = read_with_leave(desk.store, owner ? owner->id : desk.account.id(), *url, counted);
        if (!owner || !may_use(*url->authorization, owner->name, desk.here.user))
            return fail(Error::Kind::not_found, "the leave is for others, or of nobody");
        return part;
    }

    // Whose mail the URL is of; a name without a domain is of the user's.
    struct Owner {
        store::AccountId id;
        std::string name;
    };
    static Result<Owner> owner_of(Desk& desk, const wire::MessageUrl& url) {
        if (is_user(url.user, desk.here.user)) return Owner{desk.account.id(), desk.here.user};
        if (!desk.here.people) return fail(Error::Kind::not_found, "there is nobody else");
        const auto& own = desk.here.user;
        const auto domain =
            url.user.contains('@') ? std::string() : own.substr(std::min(own.rfind('@'), own.size()));
        const auto id = desk.here.people->account_of(url.user + domain);
        // What is no name at all is nobody's.
        if (!id && id.error().kind == Error::Kind::invalid)
            return fail(Error::Kind::not_found, "nobody has that name");
        TRY(id);
        TRY(auto name, desk.here.people->name_of(*id));
        return Owner{*id, std::move(name)};
    }

    std::vector<WantedUrl> urls_;
    std::size_t next_ = 0;
};

}  // namespace

// 1*(SP url-rump SP mechanism)   RFC 4467 §9
Reaction gen_url_auth(Session& session, const Arguments& arguments) {
    auto& in = arguments.in;
    std::vector<std::string> urls;
    bool all_internal = true;
    do {
        in.space();
        urls.push_back(in.astring());
        in.space();
        all_internal &= ascii::iequals(in.atom(), internal_mechanism);
        if (urls.size() > max_urls) in.fail("fewer URLs");
    } while (!in.failed() && !in.at_end());
    if (!in.complete()) return syntax_error(in);
    if (!all_internal) return bad("INTERNAL is the mechanism that there is");
    return Job([urls = std::move(urls), fresh = session.random().bytes(fresh_bytes)](Desk& desk) {
        return sign(desk, urls, fresh);
    });
}

// 1*(SP url-fetch-arg)   RFC 4467 §9, RFC 5524 §5
Reaction url_fetch(Session&, const Arguments& arguments) {
    auto& in = arguments.in;
    std::vector<WantedUrl> urls;
    do {
        in.space();
        urls.push_back(read_wanted_url(in));
        if (urls.size() > max_urls) in.fail("fewer URLs");
    } while (!in.failed() && !in.at_end());
    if (!in.complete()) return syntax_error(in);
    return Job(UrlFetching(std::move(urls)));
}

// [SP mailbox *(SP mechanism)]   RFC 4467 §9
Reaction reset_key(Session& session, const Arguments& arguments) {
    auto& in = arguments.in;
    std::string name;
    if (in.present(" ")) name = in.mailbox();
    const bool all = name.empty();
    bool all_internal = true;
    while (!all && in.present(" ")) all_internal &= ascii::iequals(in.atom(), internal_mechanism);
    if (!in.complete()) return syntax_error(in);
    if (!all_internal) return no(wire::Code::cannot, "INTERNAL is the mechanism that there is");
    return Job(
        [name = std::move(name), all, fresh = session.random().bytes(fresh_bytes)](Desk& desk) -> Step {
            if (all) {
                TRY(store::remove_url_keys(desk.store, desk.account.id()));
                return ok("All keys removed");
            }
            TRY(const auto place, find_selectable(desk, name, {Right::read}));
            if (place.account.id() != desk.account.id())
                return no(wire::Code::no_permission, "That is for its owner");
            const auto id = place.mailbox.id;
            TRY(store::reset_url_key(desk.store, desk.account.id(), id, key_from(fresh, id)));
            return ok(wire::Code::url_mechanism, "INTERNAL", "It has another key now");
        });
}

}  // namespace hongyan::imap::commands
