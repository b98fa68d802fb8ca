// The grammar of APPEND, REPLACE and CREATE.
#include "imap/wire/limits.h"
#include "imap/wire/parser.h"

namespace hongyan::imap::wire {

// literal / literal8 / "UTF8" SP "(" literal8 ")"   RFC 3516 §7, RFC 6855 §4
AppendText Parser::append_text() {
    if (present("UTF8 (")) {
        AppendText text{AppendText::Form::utf8, literal8()};
        expect(")");
        return text;
    }
    if (in_.peek() == '~') return {AppendText::Form::literal8, literal8()};
    return {AppendText::Form::literal, literal()};
}

// cat-part = "TEXT" SP literal / "URL" SP astring / utf8-literal   RFC 4469 §5, RFC 6855 §4
AppendPart Parser::catenated_part() {
    if (present("URL ")) {
        AppendUrl part{astring()};
        if (part.url.empty()) fail("a URL");  // BADURL could not name it
        return part;
    }
    if (in_.peek() == 'U' || in_.peek() == 'u') return append_text();
    expect("TEXT");
    space();
    return append_text();
}

// append-message = [SP flag-list] [SP date-time] SP append-data   RFC 3502, RFC 4466 §6
// append-data = literal / literal8 / "CATENATE" SP "(" cat-part *(SP cat-part) ")" / utf8-literal
AppendMessage Parser::append_message() {
    AppendMessage message;
    space();
    if (in_.peek() == '(') {
        message.flags = flag_list();
        space();
    }
    if (in_.peek() == '"') {
        message.date = date_time();
        space();
    }
    message.catenates = present("CATENATE ");
    if (!message.catenates) {
        message.parts.emplace_back(append_text());
        return message;
    }
    expect("(");
    do {
        message.parts.push_back(catenated_part());
        if (message.parts.size() > max_catenated_parts) fail("fewer parts of a message");
    } while (!failed() && present(" "));
    expect(")");
    return message;
}

// SP mailbox 1*append-message   RFC 3502
AppendArguments Parser::append_arguments() {
    AppendArguments arguments;
    space();
    arguments.mailbox = mailbox();
    do {
        arguments.messages.push_back(append_message());
        if (arguments.messages.size() > max_appended_messages) fail("fewer messages");
    } while (!failed() && !at_end());
    return arguments;
}

// SP mailbox [SP "(" "USE" SP "(" [use-attr *(SP use-attr)] ")" ")"]   RFC 6154 §6
CreateArguments Parser::create_arguments() {
    CreateArguments arguments;
    space();
    arguments.mailbox = mailbox();
    if (!present(" ")) return arguments;
    expect("(USE ");
    arguments.uses = flag_list();
    expect(")");
    return arguments;
}

}  // namespace hongyan::imap::wire
