// A message as it goes over the wire after DATA or in chunks.
#pragma once

#include <string>
#include <string_view>

namespace hongyan::smtp_client {

// Every line ends with CRLF, also those that ended with a CR or LF alone: a client must not send them, and
// the next server may take them for what we did not (RFC 5321 §2.3.8). Takes the text in pieces of any size.
class TextEncoder {
public:
    enum class Dots { as_they_are, doubled };  // at the beginning of lines (RFC 5321 §4.5.2)
    explicit TextEncoder(Dots dots) : dots_(dots) {}

    // Appends; holds back no more than one CR.
    void encode(std::string_view piece, std::string& out);
    // Appends what is left, and ends the last line.
    void finish(std::string& out);

private:
    void end_line(std::string& out);

    Dots dots_;
    bool at_line_start_ = true;
    bool after_cr_ = false;
};

}  // namespace hongyan::smtp_client
