// Annotations as keys and values. For this folder.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "store/annotations.h"
#include "store/edit.h"

namespace hongyan::store {

// In the order of their names, removed ones too.
Result<std::vector<Annotation>> read_annotations(const engine::Reader& reader, MailboxId mailbox,
                                                 AccountId of);
std::string encode_annotation(const std::optional<std::string>& value, ModSeq modseq);
// All of them, whosever they are.
Result<void> erase_annotations(Edit& edit, MailboxId mailbox);
// RFC 5464 §4.1: those of INBOX stay when it is renamed, and go along too.
Result<void> copy_annotations(Edit& edit, MailboxId from, MailboxId to);

}  // namespace hongyan::store
