// A session whose questions are answered on the spot, so that only what its client sees is left.
#pragma once

#include <utility>
#include <variant>

#include "session/action.h"

namespace hongyan {

// The next action that is no question.
template <typename Session, typename AnswerTo>
session::Action<session::Nothing> next_but_questions(Session& session, AnswerTo answer_to) {
    for (;;) {
        auto action = session.next();
        if (const auto* question = std::get_if<typename Session::Question>(&action)) {
            session.answer(answer_to(*question));
            continue;
        }
        if (auto* write = std::get_if<session::Write>(&action)) return std::move(*write);
        if (std::holds_alternative<session::Close>(action)) return session::Close{};
        if (std::holds_alternative<session::StartTls>(action)) return session::StartTls{};
        return std::get<session::Read>(action);
    }
}

}  // namespace hongyan
