// Who judges mail, as the settings have it.
#pragma once

#include "base/random.h"
#include "config/config.h"
#include "flow/world.h"
#include "net/resolver.h"
#include "spam/panel.h"
#include "spam/report_intake.h"

namespace hongyan::server {

// What judges stand on. All of it but the settings outlives them: they copy what they need of those.
struct JudgeParts {
    const config::Config& config;
    const std::string& hostname;
    const flow::World& world;
    net::Resolver& resolver;
    Random& random;
    spam::ReportIntake& report_intake;
};

// In the order in which they are asked; empty: nobody judges. A reload makes all of them anew, so what is to
// last belongs to the world. The errors are those of what the settings name.
Result<spam::Judges> make_judges(const JudgeParts& parts);

}  // namespace hongyan::server
