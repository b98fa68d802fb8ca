// Writes what the parser reads, and what a server answers with (RFC 3501 §7, §9). Each function appends its
// production to a text that the caller keeps, and in which nothing lies of what is appended.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "imap/wire/parser.h"
#include "imap/wire/values.h"

namespace hongyan::imap::wire {

// string: quoted where it is short and plain, else a literal.
void put_string(std::string& out, std::string_view text);
void put_nstring(std::string& out, const std::optional<std::string>& text);
// astring: without quotes where that is enough.
void put_astring(std::string& out, std::string_view text);
void put_number(std::string& out, std::uint64_t number);
void put_literal(std::string& out, std::string_view octets);
// `name` in UTF-8.
void put_mailbox(std::string& out, std::string_view name, MailboxNames names = MailboxNames::modified_utf7);

void put_set(std::string& out, const SequenceSet& set);
void put_flags(std::string& out, std::span<const std::string> flags);
void put_date(std::string& out, const Date& date);
void put_date_time(std::string& out, const DateTime& moment);
// Of a moment in UTC.
void put_date_time(std::string& out, Instant moment);

// "BODY[HEADER.FIELDS (To)]<0>" as a response has it: the origin only, never ".PEEK" (RFC 3501 §7.4.2).
void put_section_name(std::string& out, const BodyItem& item);
// "BINARY[1]<0>" and "BINARY.SIZE[1]" likewise (RFC 3516 §4.3).
void put_section_name(std::string& out, const BinaryItem& item);
void put_section_name(std::string& out, const BinarySizeItem& item);
// nstring or literal8: a literal may not hold NUL (RFC 3516 §4.3).
void put_binary(std::string& out, std::string_view octets);
void put_status_item(std::string& out, StatusItem item);

// The arguments of commands, for those who speak to other servers, and for tests that go round.
void put(std::string& out, const FetchItem& item);
void put(std::string& out, const FetchArguments& arguments);
void put(std::string& out, const StoreArguments& arguments);
void put(std::string& out, const StatusArguments& arguments);
void put(std::string& out, const ListArguments& arguments);
void put(std::string& out, const ExtendedListArguments& arguments);
void put(std::string& out, const SelectArguments& arguments);
void put(std::string& out, const AppendArguments& arguments);
void put(std::string& out, const AppendMessage& message);
void put(std::string& out, const CreateArguments& arguments);
void put(std::string& out, const IdPairs& pairs);

}  // namespace hongyan::imap::wire
