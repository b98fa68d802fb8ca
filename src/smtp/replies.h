// Every reply of the session that has no names or numbers in it, with its code (RFC 5321 §4.2.3) and its
// enhanced code (RFC 3463 §3, RFC 5248). Those that the world gives come as answers.
#pragma once

#include "smtp/grounds.h"

namespace hongyan::smtp::replies {

// clang-format off
inline constexpr StandardReply
    // It went well.
    ok                      {250, "2.0.0", "Ok"},
    flushed                 {250, "2.0.0", "Flushed"},
    ready_for_tls           {220, "2.0.0", "Ready to start TLS"},
    authenticated           {235, "2.7.0", "Authentication succeeded"},
    cannot_verify           {252, "2.5.0", "Cannot say, but will try to deliver"},
    go_ahead                {354, "",      "Send the message, and end it with a line that holds a single dot"},

    // The grammar (RFC 5321 §4.2.4, §4.3.2).
    line_too_long           {500, "5.5.2", "The line is too long"},
    stray_line_end          {500, "5.5.2", "A line ends in CR LF and holds neither before"},
    unknown_command         {500, "5.5.1", "There is no such command"},
    bad_syntax              {501, "5.5.4", "That cannot be understood"},
    no_argument_allowed     {501, "5.5.4", "The command takes no argument"},
    no_client_name          {501, "5.5.4", "Say which host you are"},
    no_name_to_verify       {501, "5.5.4", "Say a name or an address"},
    bad_reverse_path        {501, "5.1.7", "The sender must be an address in angle brackets"},
    bad_forward_path        {501, "5.1.3", "The recipient must be an address in angle brackets"},
    bad_parameter           {501, "5.5.4", "A parameter has a value that it cannot have, or comes twice"},
    bad_chunk_size          {501, "5.5.4", "The size of the chunk cannot be understood, closing"},
    bad_url                 {501, "5.5.4", "Say a URL, and LAST or nothing"},
    no_urls                 {502, "5.5.1", "No URLs are fetched here"},
    bad_node                {501, "5.5.4", "Say the domain whose mail you want"},
    unknown_parameter       {555, "5.5.4", "There is no such parameter here"},
    not_offered             {555, "5.5.4", "That parameter is of an extension that is not offered here"},
    requiretls_needs_tls    {555, "5.7.10", "REQUIRETLS needs a session with TLS"},
    two_holds               {501, "5.5.4", "HOLDFOR or HOLDUNTIL, not both"},
    hold_too_long           {501, "5.5.4", "That is longer than messages are held here"},
    hold_is_over            {501, "5.5.4", "The time to hold the message until is past"},
    held_beyond_deadline    {501, "5.5.4", "The message would be held beyond the time to deliver it by"},
    too_short_a_time        {555, "5.5.4", "That is less time than it may take"},
    unknown_topic           {504, "5.5.4", "There is no help for that"},

    // The order of commands (RFC 5321 §4.1.4).
    hello_first             {503, "5.5.1", "Say hello first"},
    mail_first              {503, "5.5.1", "There is no mail transaction: MAIL comes first"},
    recipients_first        {503, "5.5.1", "There is no recipient: RCPT comes first"},
    no_valid_recipients     {554, "5.5.1", "There is no valid recipient"},
    transaction_open        {503, "5.5.1", "There is a mail transaction already"},
    chunks_begun            {503, "5.5.1", "The message comes in chunks: BDAT or RSET"},
    chunk_without_place     {503, "5.5.1", "The chunk is thrown away: it belongs to no transaction"},
    binary_needs_chunks     {503, "5.6.3", "A BINARYMIME message comes by BDAT"},
    tls_already             {503, "5.5.1", "TLS is active already"},
    authenticated_already   {503, "5.5.1", "You are authenticated already"},
    extended_hello_first    {503, "5.5.1", "AUTH needs EHLO"},

    // TLS (RFC 3207 §4) and AUTH (RFC 4954 §4, §6).
    tls_unavailable         {454, "4.7.0", "TLS is not available now"},
    tls_first               {530, "5.7.0", "Must issue a STARTTLS command first"},
    authentication_first    {530, "5.7.0", "Authentication required"},
    no_authentication       {502, "5.5.1", "Nobody needs to authenticate here"},
    unknown_mechanism       {504, "5.5.4", "That mechanism is not available"},
    encryption_first        {538, "5.7.11", "Encryption required for that mechanism"},
    mechanism_too_weak      {534, "5.7.9", "The account needs a stronger mechanism"},
    needs_transition        {432, "4.7.12", "A password transition is needed"},
    wrong_credentials       {535, "5.7.8", "Authentication credentials invalid"},
    authentication_broken   {454, "4.7.0", "Temporary authentication failure"},
    authentication_cancelled{501, "5.7.0", "Authentication cancelled"},
    bad_response            {501, "5.5.2", "The response cannot be understood"},
    response_too_long       {500, "5.5.6", "The response is too long"},

    // Addresses.
    domain_missing          {553, "5.1.7", "The sender needs a domain"},
    sender_needs_smtputf8   {553, "5.6.7", "That sender needs SMTPUTF8"},
    recipient_needs_smtputf8{553, "5.6.7", "That recipient needs SMTPUTF8"},
    name_needs_smtputf8     {252, "2.6.8", "The name cannot be told without SMTPUTF8"},

    // The message.
    message_too_large       {ground("too-large").plain()},
    no_room                 {452, "4.3.1", "There is no room for the message now, please try again later"},
    too_many_hops           {ground("too-many-hops").plain()},
    stray_line_ends         {ground("stray-line-ends").plain()},

    // Limits.
    too_many_recipients     {ground("too-many-recipients").plain()},
    too_many_transactions   {ground("too-many-messages").plain()},
    too_many_commands       {421, "4.7.0", "Too many commands, closing"},
    too_many_attempts       {421, "4.7.0", "Too many failed log-ins, closing"},

    // The world did not answer as it should.
    internal_fault          {451, "4.3.0", "Something failed here, please try again later"};
// clang-format on

}  // namespace hongyan::smtp::replies
