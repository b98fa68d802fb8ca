#include "spam/milter_session.h"

#include "base/scanner.h"
#include "smtp/wire/parameters.h"

namespace hongyan::spam {

namespace {

using namespace std::chrono_literals;

// However often a filter says that it takes longer: the client waits ten minutes (RFC 5321 §4.5.3.2.6).
constexpr auto longest = 9min;

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    for (Scanner in(text); in.skip_blanks(), !in.at_end();)
        words.emplace_back(in.take_some([](char c) { return c != ' '; }));
    return words;
}

std::string_view bits_of(std::string_view cipher) {
    return cipher.contains("256") || cipher.contains("CHACHA20") ? "256" : "128";
}

std::string domain_of(const smtp::Path& path) {
    return path.address ? path.address->domain.text() : std::string();
}

std::vector<std::string> parameters_of(const smtp::Recipient& recipient) {
    std::vector<std::string> words;
    if (recipient.notify.said) words.push_back("NOTIFY=" + smtp::value_of(recipient.notify));
    if (recipient.original)
        words.push_back(
            fmt::format("ORCPT={};{}", recipient.original->address_type, recipient.original->address));
    return words;
}

}  // namespace

bool MilterSession::applies_to(const smtp::Client& client) const {
    if (client.protocol == smtp::Protocol::lmtp) return settings_.lmtp;
    return is_submission(client) ? settings_.submission : settings_.relay;
}

// The names are those of Postfix; what nobody knows here is not said.
void MilterSession::learn(const smtp::Client& client) {
    const auto& host = means_.hostname;
    const auto tls = tls_words(client);
    values_ = {{"j", host}, {"{daemon_name}", host}, {"v", "Hongyan"}};
    if (!client.address.empty()) {
        values_["_"] = fmt::format("{} [{}]", client.said_name, client.address);
        values_["{client_addr}"] = client.address;
        values_["{client_name}"] = "unknown";
        values_["{client_ptr}"] = "unknown";
    }
    if (!tls.version.empty()) {
        values_["{tls_version}"] = tls.version;
        values_["{cipher}"] = tls.cipher;
        values_["{cipher_bits}"] = bits_of(tls.cipher);
    }
    if (!client.account.empty()) {
        // The mechanism is not known here; that there was one is what filters ask about.
        values_["{auth_type}"] = "SASL";
        values_["{auth_authen}"] = client.account;
    }
}

net::Task<MilterSession::Outcome> MilterSession::sender(const smtp::CheckSender& asked, std::string id) {
    learn(asked.client);
    values_["i"] = std::move(id);
    values_["{mail_addr}"] = smtp::to_string(asked.sender);
    values_["{mail_host}"] = domain_of(asked.sender);
    if (asked.parameters.submitter) values_["{auth_author}"] = *asked.parameters.submitter;
    const bool was_open = stream_ != nullptr;
    call_ = Call::not_needed;
    auto outcome = co_await begin(asked);
    // It may have been started anew since the last message.
    if (!outcome && was_open) outcome = co_await begin(asked);
    co_return outcome;
}

net::Task<MilterSession::Outcome> MilterSession::begin(const smtp::CheckSender& asked) {
    const auto& client = asked.client;
    if (!stream_)
        if (auto trouble = co_await open(client)) co_return std::unexpected(*std::move(trouble));
    if (auto greeting = client.said_name + " " + client.security; greeting != greeted_) {
        conversation_->helo(client.said_name, values_);
        if (auto heard = co_await converse(); !heard) co_return heard;
        greeted_ = std::move(greeting);
    }
    conversation_->mail({in_brackets(asked.sender), words_of(smtp::to_text(asked.parameters))}, values_);
    co_return co_await converse();
}

net::Task<std::optional<std::string>> MilterSession::open(const smtp::Client& client) {
    greeted_.clear();
    auto stream = co_await reach(means_, settings_.address, settings_.connect);
    call_ = stream ? Call::unanswered : Call::out_of_reach;
    if (!stream) co_return stream.error().message;
    stream_ = *std::move(stream);
    conversation_.emplace();
    milter::Connect connect{.host = "localhost", .address = client.address};
    if (!client.address.empty()) connect.host = fmt::format("[{}]", client.address);
    conversation_->connect(std::move(connect), values_);
    if (auto heard = co_await converse(); !heard) co_return std::move(heard).error();
    call_ = Call::answered;
    co_return std::nullopt;
}

net::Task<MilterSession::Outcome> MilterSession::recipient(const smtp::CheckRecipient& asked) {
    if (!stream_) co_return std::unexpected("the connection is gone");
    values_["{rcpt_addr}"] = smtp::to_string(asked.recipient.path);
    values_["{rcpt_host}"] = domain_of(asked.recipient.path);
    conversation_->recipient({in_brackets(asked.recipient.path), parameters_of(asked.recipient)}, values_);
    co_return co_await converse();
}

net::Task<MilterSession::Outcome> MilterSession::message(milter::Message message) {
    if (!stream_) co_return std::unexpected("the connection is gone");
    conversation_->message(std::move(message), values_);
    co_return co_await converse();
}

net::Task<MilterSession::Outcome> MilterSession::unknown(const smtp::UnknownCommand& asked) {
    if (!stream_) co_return milter::Answered{};
    conversation_->unknown(asked.line, values_);
    co_return co_await converse();
}

net::Task<void> MilterSession::abandon() {
    if (!stream_) co_return;
    conversation_->abort();
    (void)co_await converse();
}

net::Task<void> MilterSession::leave() {
    if (!stream_) co_return;
    conversation_->quit();
    (void)co_await converse();
    close();
}

std::chrono::milliseconds MilterSession::patience_for(milter::Wait wait) const {
    if (wait == milter::Wait::end) return settings_.end;
    return wait == milter::Wait::content ? settings_.content : settings_.command;
}

net::Task<MilterSession::Outcome> MilterSession::converse() {
    const auto give_up = net::after(longest);
    for (;;) {
        auto action = conversation_->next();
        if (auto* const answered = std::get_if<milter::Answered>(&action)) co_return std::move(*answered);
        if (auto* const broken = std::get_if<milter::Broken>(&action)) {
            auto why = std::move(broken->why);
            close();
            co_return std::unexpected(std::move(why));
        }
        if (const auto* write = std::get_if<session::Write>(&action)) {
            const auto deadline = std::min(give_up, net::after(settings_.content));
            const auto written = co_await stream_->write(write->bytes, deadline);
            if (!written) conversation_->lost(written.error().message);
            continue;
        }
        const auto patience = patience_for(std::get<milter::Read>(action).wait);
        const auto incoming = co_await stream_->read(std::min(give_up, net::after(patience)));
        if (incoming.kind == net::Incoming::Kind::bytes)
            conversation_->receive(incoming.bytes);
        else if (incoming.kind == net::Incoming::Kind::timed_out)
            conversation_->lost("it did not answer in time");
        else
            conversation_->lost("it closed the connection");
    }
}

void MilterSession::close() {
    stream_.reset();
    conversation_.reset();
    greeted_.clear();
}

}  // namespace hongyan::spam
