#include "sasl/scram_message.h"

#include "base/ascii.h"
#include "base/encoding.h"
#include "base/scanner.h"
#include "message/utf8.h"

namespace hongyan::sasl {

namespace {

constexpr bool is_not_comma(char c) { return c != ',' && c != '\0'; }
constexpr bool is_printable(char c) { return c > ' ' && c < '\x7f' && c != ','; }
constexpr bool is_binding_name(char c) { return ascii::is_alnum(c) || c == '.' || c == '-'; }

// Attribute names are single letters in one case only, which Scanner::present would not see.
bool attribute(Scanner& in, std::string_view name) { return in.rest().starts_with(name) && in.present(name); }
void expect_attribute(Scanner& in, std::string_view name) {
    if (!attribute(in, name)) in.fail();
}

// saslname = 1*(value-safe-char / "=2C" / "=3D")   RFC 5802 §7
std::string saslname(Scanner& in) {
    Scanner encoded(in.take_some(is_not_comma));
    std::string name;
    while (!encoded.at_end() && !encoded.failed()) {
        if (encoded.present("=2C"))
            name += ',';
        else if (encoded.present("=3D"))
            name += '=';
        else
            name += encoded.take_some([](char c) { return c != '='; });
    }
    if (encoded.failed() || !message::valid_utf8(name)) in.fail();
    return name;
}

std::string base64(std::string_view text, Scanner& in) {
    auto bytes = from_base64(text);
    if (!bytes) in.fail();
    return std::move(bytes).value_or("");
}

// gs2-cbind-flag = ("p=" cb-name) / "n" / "y"   RFC 5802 §7
void binding_flag(Scanner& in, ClientFirst& message) {
    if (attribute(in, "p=")) {
        message.flag = BindingFlag::used;
        message.binding_type = in.take_some(is_binding_name);
    } else if (attribute(in, "y")) {
        message.flag = BindingFlag::not_offered;
    } else {
        expect_attribute(in, "n");
    }
}

// extensions = attr-val *("," attr-val)   RFC 5802 §7: those we do not know are passed over
void extensions(Scanner& in) {
    while (in.present(",")) {
        in.take_some(ascii::is_alpha);
        in.expect("=");
        in.take_some(is_not_comma);
    }
}

}  // namespace

// client-first-message = gs2-header client-first-message-bare   RFC 5802 §7
std::optional<ClientFirst> parse_client_first(std::string_view text) {
    Scanner in(text);
    ClientFirst message;
    binding_flag(in, message);
    in.expect(",");
    if (attribute(in, "a=")) message.authzid = saslname(in);
    in.expect(",");
    message.gs2_header = text.substr(0, in.position());
    message.bare = in.rest();
    expect_attribute(in, "n=");
    message.username = saslname(in);
    in.expect(",");
    expect_attribute(in, "r=");
    message.nonce = in.take_some(is_printable);
    extensions(in);
    if (!in.complete()) return std::nullopt;
    return message;
}

// client-final-message = client-final-message-without-proof "," proof   RFC 5802 §7
std::optional<ClientFinal> parse_client_final(std::string_view text) {
    // The proof is the last attribute, and nothing in it can look like the beginning of another.
    const auto split = text.rfind(",p=");
    if (split == std::string_view::npos) return std::nullopt;
    ClientFinal message;
    message.without_proof = text.substr(0, split);
    Scanner in(message.without_proof);
    expect_attribute(in, "c=");
    message.binding = base64(in.take_some(is_not_comma), in);
    in.expect(",");
    expect_attribute(in, "r=");
    message.nonce = in.take_some(is_printable);
    extensions(in);
    message.proof = base64(text.substr(split + 3), in);
    if (!in.complete()) return std::nullopt;
    return message;
}

std::optional<std::string> from_saslname(std::string_view encoded) {
    Scanner in(encoded);
    auto name = saslname(in);
    if (!in.complete()) return std::nullopt;
    return name;
}

std::string to_saslname(std::string_view name) {
    std::string out;
    for (const char c : name) out += c == ',' ? "=2C" : c == '=' ? "=3D" : std::string(1, c);
    return out;
}

}  // namespace hongyan::sasl
