// The program: a mail server, and the commands that look after what it keeps.
#include <algorithm>

#include <sys/stat.h>

#include "cli/program.h"

int main(int argc, char** argv) {
    ::umask(077);  // RocksDB makes its files for all to read, and they hold mail and password hashes
    return hongyan::cli::run_program(argc > 0 ? argv[0] : "", {argv + std::min(argc, 1), argv + argc});
}
