// What users have sent that lies in a mailbox already: the URLs of BURL (RFC 4468).
#pragma once

#include "flow/world.h"
#include "smtp/question.h"

namespace hongyan::flow {

// FetchedUrl, or a Reply that refuses: of mail in this store only, with leave of its owner for who submits
// (URLAUTH=submit+, RFC 4467 §3). Blocks for the disk.
smtp::Answer fetch_url(const World& world, const smtp::FetchUrl& asked);

}  // namespace hongyan::flow
