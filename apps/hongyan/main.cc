// The program: a mail server, and the commands that look after what it keeps.
#include "cli/program.h"

int main(int argc, char** argv) { return hongyan::cli::run_program({argv + 1, argv + argc}); }
