// The manual, made of the same tables that the program reads: troff for man(1).
#pragma once

#include <string>

namespace hongyan::admin {

std::string manual_of_commands();  // hongyan(1)
std::string manual_of_settings();  // hongyan.toml(5)

}  // namespace hongyan::admin
