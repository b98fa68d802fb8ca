#include "imap/wire/command_reader.h"

#include "base/scanner.h"

namespace hongyan::imap::wire {

std::optional<LiteralMark> literal_mark(std::string_view line) {
    const auto open = line.rfind('{');
    if (open == line.npos) return std::nullopt;
    Scanner in(line.substr(open + 1));
    LiteralMark mark;
    mark.size = in.number<std::uint64_t>();
    mark.synchronizing = !in.present("+");
    in.expect("}");
    if (!in.complete()) return std::nullopt;
    return mark;
}

Gathered CommandReader::advance(session::LineReader& input) {
    if (std::exchange(complete_, false)) command_.clear();
    for (;;) {
        const auto taken = input.take(literal_left_);
        command_ += taken;
        literal_left_ -= taken.size();
        if (literal_left_ > 0) return Gathered::nothing;
        const auto line = input.next();
        if (!line) return Gathered::nothing;
        if (const auto gathered = on_line(*line); gathered != Gathered::nothing) return gathered;
    }
}

Gathered CommandReader::finish(Gathered as) {
    complete_ = true;
    return as;
}

Gathered CommandReader::on_line(const session::Line& line) {
    using Kind = session::Line::Kind;
    if (line.kind == Kind::too_long || command_.size() + line.text.size() > limit_)
        return finish(Gathered::hopeless);
    command_ += line.text;
    const auto mark = literal_mark(line.text);
    const bool comes_unasked = mark && !mark->synchronizing;
    if (line.kind == Kind::stray) return finish(comes_unasked ? Gathered::hopeless : Gathered::stray);
    if (!mark) return finish(Gathered::command);
    if (mark->size > limit_ - command_.size())
        return finish(comes_unasked ? Gathered::hopeless : Gathered::too_large);
    command_ += "\r\n";
    literal_left_ = static_cast<std::size_t>(mark->size);
    return comes_unasked ? Gathered::nothing : Gathered::continuation;
}

}  // namespace hongyan::imap::wire
