// Reports of others, as a person or a program reads them.
#pragma once

#include <boost/json/object.hpp>

#include "admin/command.h"
#include "reports/reading.h"

namespace hongyan::admin {

// All that is in it.
boost::json::object object_of(const reports::Report& report);

// What it is about in some lines, then a table of its rows: of DMARC who has sent how much, of TLS what went
// how.
void show_report(const Call& call, const reports::Report& report);

// The rows of DMARC and TLS as tables.
Listing rows_of(const reports::AggregateReport& report);
Listing rows_of(const reports::TlsReport& report);

}  // namespace hongyan::admin
