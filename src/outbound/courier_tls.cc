// The courier's part for TLS: what a connection must prove, what is told of it, and what is counted for
// reports.
#include "outbound/courier.h"

namespace hongyan::outbound {

namespace {

using smtp_client::Session;
using smtp_client::Stage;
using tls_policy::SenderWish;
using tls_policy::TlsResult;

constexpr std::chrono::milliseconds handshake_patience = std::chrono::minutes(1);

// In the words of reports (RFC 8460 §4.3).
TlsResult result_of(net::CertificateProblem problem) {
    switch (problem) {
        case net::CertificateProblem::host_mismatch:
            return TlsResult::certificate_host_mismatch;
        case net::CertificateProblem::expired:
            return TlsResult::certificate_expired;
        case net::CertificateProblem::not_trusted:
            return TlsResult::certificate_not_trusted;
        case net::CertificateProblem::no_tlsa_match:
        case net::CertificateProblem::none:
            break;
    }
    return TlsResult::validation_failure;
}

}  // namespace

// What the history is to tell of a host that was not used.
void Courier::explain_problem(const Stop& stop, const smtp_client::Problem& problem) {
    const bool is_about_tls = problem.stage == Stage::tls;
    if (is_about_tls && !tls_failure_) count_plain(stop);
    const bool by_certificate = tls_failure_ && tls_failure_->kind == net::TlsFailure::Kind::certificate;
    const bool is_refused = by_certificate || (is_about_tls && !tls_failure_);
    if (stop.why.empty() || !is_refused) return failed_at(explained(problem.outcome));
    const auto& text = tls_failure_ ? tls_failure_->text : to_text(problem.outcome);
    // RFC 8689 §4.2.1: such a message goes back, if no other host will do.
    const auto* const status = stop.requiretls ? "5.7.10" : by_certificate ? "4.7.5" : "4.7.10";
    failed_at(smtp_client::refused(Stage::tls, status, fmt::format("{} ({})", text, stop.why)));
}

// RFC 8689 §4.2.1, step 5: the next host may do what this one does not.
bool Courier::refuses_wish(const Stop& stop, const Session& session) {
    if (!stop.requiretls || session.capabilities().require_tls) return false;
    was_refused_ = true;
    failed_at(smtp_client::refused(Stage::offer, "5.7.30",
                                   "the message demands REQUIRETLS, which the server does not offer"));
    return true;
}

net::Task<std::expected<smtp_client::Security, std::string>> Courier::secure(net::Stream& stream,
                                                                             const Stop& stop) {
    const auto secured =
        co_await stream.secure_outward(office_.tls(), stop.demand, net::after(handshake_patience));
    count_tls(stop, secured);
    if (!secured) {
        tls_failure_ = secured.error();
        co_return std::unexpected(secured.error().text);
    }
    where_.tls = fmt::format("{} {}", secured->version, secured->cipher);
    smtp_client::Security security;
    security.tls.description = where_.tls;
    security.tls.circumstances.encrypted = true;
    auto exporter = stream.tls_facts().exporter;
    if (!exporter.empty())
        security.tls.circumstances.bindings.push_back({"tls-exporter", std::move(exporter)});
    security.is_authenticated = secured->verified && (destination_->hop ? hop_is_sure_ : stop.name_is_sure);
    co_return security;
}

// A certificate that nobody demanded counts only where a policy would like to (RFC 8461 §5).
void Courier::count_tls(const Stop& stop, const std::expected<net::OutwardTls, net::TlsFailure>& secured) {
    if (!secured) {
        if (secured.error().kind == net::TlsFailure::Kind::network) return;
        return count(stop.reported,
                     {.result = result_of(secured.error().problem), .reason = secured.error().text});
    }
    if (!stop.sts_testing) return count(stop.reported, {});
    if (stop.sts_testing_mismatch)
        return count(stop.reported,
                     {.result = TlsResult::validation_failure, .reason = "the host is none of the policy's"});
    if (secured->problem == net::CertificateProblem::none) return count(stop.reported, {});
    count(stop.reported, {.result = result_of(secured->problem), .reason = secured->explanation});
}

void Courier::count_plain(const Stop& stop) {
    count(stop.reported, {.result = TlsResult::starttls_not_supported});
}

// Each session once. Those that need no TLS are not told of, reports among them (RFC 8460 §3).
void Courier::count(const tls_policy::ReportedPolicy& policy, const tls_policy::TlsTrouble& trouble) {
    if (std::exchange(is_counted_, true) || destination_->wish == SenderWish::optional) return;
    auto& counts = office_.counts();
    if (trouble.result == TlsResult::success) return counts.add_success(destination_->name, policy);
    auto told = trouble;
    told.mx_host = where_.host;
    told.sending_address = source_;
    told.receiving_address = receiver_;
    counts.add(destination_->name, policy, told);
}

}  // namespace hongyan::outbound
