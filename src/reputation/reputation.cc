#include "reputation/reputation.h"

namespace hongyan::reputation {

Reputation::Reputation(engine::Engine& engine, const Clock& clock, const Options& options)
    : notebook_(engine, clock),
      bans_(notebook_, options.bans),
      door_(bans_, notebook_, options.door),
      log_ins_(notebook_, options.log_ins),
      greylist_(notebook_, options.greylist),
      sending_(notebook_, options.sending) {}

void Reputation::apply(const Options& options) {
    bans_.apply(options.bans);
    door_.apply(options.door);
    log_ins_.apply(options.log_ins);
    greylist_.apply(options.greylist);
    sending_.apply(options.sending);
}

}  // namespace hongyan::reputation
