#include "outbound/report_entry.h"

#include "flow/signing.h"
#include "message/field.h"

namespace hongyan::outbound {

engine::Part entry_of(const flow::World& world, const ReportMail& mail) {
    const std::string_view added = mail.goes_without_tls ? "TLS-Required: No\r\n" : "";
    auto blob = engine::prepare_blob(mail.text);
    queue::Entry entry;
    entry.id = world.queue.next_id();
    entry.sender = mail.sender;
    entry.prefix = flow::signatures_of(world, added, mail.text).append(added);
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

}  // namespace hongyan::outbound
