#include "outbound/report_entry.h"

#include "flow/signing.h"
#include "message/field.h"

namespace hongyan::outbound {

namespace {

std::string_view added_to(const ReportMail& mail) {
    return mail.goes_without_tls ? "TLS-Required: No\r\n" : "";
}

std::string signatures_of(const flow::World& world, const ReportMail& mail) {
    return flow::signatures_of(world, added_to(mail), mail.text);
}

engine::Part entry_of(const flow::World& world, const ReportMail& mail, std::string signatures) {
    auto blob = engine::prepare_blob(mail.text);
    queue::Entry entry;
    entry.id = world.queue.next_id();
    entry.sender = mail.sender;
    entry.prefix = signatures.append(added_to(mail));
    entry.tls_optional = mail.goes_without_tls;
    entry.blob = blob->id;
    entry.blob_size = blob->size;
    entry.arrival = world.clock.now();
    entry.message_id = message::unfolded(mail.text, "Message-ID");
    queue::Recipient recipient;
    recipient.address = mail.to.to_string();
    recipient.notify = "NEVER";
    recipient.next_attempt = entry.arrival;
    entry.recipients.push_back(std::move(recipient));
    return world.queue.part_of(std::move(entry), std::move(blob));
}

}  // namespace

engine::Part entry_of(const flow::World& world, const ReportMail& mail) {
    return entry_of(world, mail, signatures_of(world, mail));
}

std::optional<engine::Part> signed_entry_of(const flow::World& world, const ReportMail& mail) {
    auto signatures = signatures_of(world, mail);
    if (signatures.empty()) return std::nullopt;
    return entry_of(world, mail, std::move(signatures));
}

}  // namespace hongyan::outbound
