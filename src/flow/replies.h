// What SMTP clients are told of decisions and faults: the codes in one place (RFC 5321 §4.2.3, RFC 3463 §3,
// RFC 5248).
#pragma once

#include "base/result.h"
#include "queue/suppression.h"
#include "smtp/grounds.h"

namespace hongyan::flow::replies {

using smtp::StandardReply;

// clang-format off
inline constexpr StandardReply
    sender_ok          {250, "2.1.0", "Ok"},
    recipient_ok       {250, "2.1.5", "Ok"},
    not_your_address   {smtp::ground("not-your-address").plain()},
    relaying_denied    {smtp::ground("relaying-denied").plain()},
    unknown_recipient  {smtp::ground("unknown-recipient").plain()},
    bad_domain         {550, "5.1.2", "That domain cannot exist"},
    list_too_long      {550, "5.2.4", "That list has too many members, or lists too deep within it"},
    held_needs_domain  {501, "5.1.3", "Mail that is to be held needs a recipient with a domain"},
    has_been_here      {554, "5.4.6", "The message goes in circles: that address has passed it on before"},
    disabled_recipient {smtp::ground("disabled").plain()},
    filter_astray      {smtp::ground("filter-astray").plain()},
    over_quota         {smtp::ground("over-quota").plain()},
    no_space           {452, "4.3.1", "No space left here, please try again later"},
    room_again         {250, "2.0.0", "There is room again"},
    no_room            {452, "4.3.1", "There is no room now, please try again later"},
    too_large          {552, "5.3.4", "The message is too large, or for too many mailboxes at once"},
    busy               {451, "4.3.2", "Too much to do, please try again later"},
    fault              {451, "4.3.0", "Something failed here, please try again later"},
    changed_meanwhile  {451, "4.2.0", "A recipient has changed, please try again"},
    unknown_url        {554, "5.5.4", "That is no URL of a message (imap://...)"},
    url_needs_leave    {554, "5.7.8", "The URL needs leave: URLAUTH=submit+"},
    url_for_another    {554, "5.7.0", "The URL is for somebody else to submit"},
    url_failed         {554, "5.6.6", "IMAP URL resolution failed"},
    url_too_large      {554, "5.3.4", "The message would be too large"},
    unknown_command    {500, "5.5.1", "There is no such command"},
    abandoned          {250, "2.0.0", "Ok"},
    cannot_verify      {252, "2.5.0", "Cannot say, but will try to deliver"},
    cannot_queue       {458, "4.3.0", "Unable to begin sending for that node"},
    node_not_allowed   {459, "4.7.1", "That node's mail is not for you to ask for"};
// clang-format on

// 550 5.1.1, and since when, why, and what to do about it.
smtp::Reply suppressed(const queue::Suppression& suppression, std::string_view account);

// A fault of ours is 4xx: the sender keeps the message and comes back.
StandardReply reply_to(const Error& error);

}  // namespace hongyan::flow::replies
