#include "cli/terminal.h"

#include <iostream>
#include <iterator>

#include <termios.h>
#include <unistd.h>

namespace hongyan::cli {

namespace {

// Keeps what is typed off the screen while it lives.
class WithoutEcho {
public:
    WithoutEcho() {
        ::tcgetattr(STDIN_FILENO, &before_);
        auto silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    }
    ~WithoutEcho() { ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_); }
    WithoutEcho(const WithoutEcho&) = delete;
    WithoutEcho& operator=(const WithoutEcho&) = delete;

private:
    termios before_{};
};

}  // namespace

std::string read_password() {
    std::string line;
    if (::isatty(STDIN_FILENO) == 0) {
        std::getline(std::cin, line);
        return line;
    }
    std::cerr << "Password: " << std::flush;
    const WithoutEcho quiet;
    std::getline(std::cin, line);
    std::cerr << "\n";
    return line;
}

std::string read_all() { return {std::istreambuf_iterator<char>(std::cin), {}}; }

}  // namespace hongyan::cli
