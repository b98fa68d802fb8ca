// The program: a mail server, and the commands that look after what it keeps.
#include <sys/stat.h>

#include "cli/program.h"

int main(int argc, char** argv) {
    ::umask(077);  // RocksDB makes its files for all to read, and they hold mail and password hashes
    return hongyan::cli::run_program({argv + 1, argv + argc});
}
