// ENVELOPE, BODY and BODYSTRUCTURE as a server writes them (RFC 3501 §7.4.2).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "message/structure.h"
#include "message/structure_view.h"
#include "message/summary.h"

namespace hongyan::imap::wire {

// The values of an ENVELOPE, wherever they are kept. Date, Subject, In-Reply-To and Message-ID have no data()
// where the field is not there.
struct EnvelopeView {
    std::string_view date, subject, from, sender, reply_to, to, cc, bcc, in_reply_to, message_id;

    static EnvelopeView of(const message::Envelope& envelope);
    static EnvelopeView of(const message::SummaryView& kept);
};

// envelope = "(" env-date SP env-subject SP env-from SP … ")"
void put_envelope(std::string& out, const EnvelopeView& envelope);

// BODYSTRUCTURE has extension data, BODY has not.
enum class Extensions { no, yes };

// body of the whole message. `embedded` has the envelopes of the messages inside.
void put_body_structure(std::string& out, const message::Structure& structure,
                        std::span<const message::EmbeddedEnvelope> embedded, Extensions extensions);

// The same of one that holds no messages.
void put_body_structure(std::string& out, const message::StructureView& structure, Extensions extensions);

// body of one part of it.
void put_part_structure(std::string& out, const message::Structure& structure, message::Part::Index part,
                        std::span<const message::EmbeddedEnvelope> embedded, Extensions extensions);

// The envelopes of the messages inside `raw`, whose structure it is.
std::vector<message::EmbeddedEnvelope> embedded_envelopes(const message::Structure& structure,
                                                          std::string_view raw);

}  // namespace hongyan::imap::wire
