// The inodes of the sockets that listen there, and of those the process has open. Calls the kernel (proc(5)).
#include "cli/doctor/listening_sockets.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

namespace productd {

namespace {

constexpr std::string_view listening = "0A";  // TCP_LISTEN, as the table writes it.

/// Of a table's rows: number, local address:port, remote, state, queues, timer, retransmits, user, timeout, inode.
void add_inodes(const std::string& table, std::uint16_t port, std::set<std::string>& inodes) {
    std::ifstream file(table);
    std::string line;
    std::getline(file, line);  // The heading.
    const auto local_port = fmt::format(":{:04X}", port);
    while (std::getline(file, line)) {
        std::istringstream row(line);
        std::string local;
        std::string state;
        std::string inode;
        std::string passed;
        row >> passed >> local >> passed >> state;
        for (int i = 0; i < 5; ++i) row >> passed;
        if (row >> inode && state == listening && local.ends_with(local_port)) inodes.insert("socket:[" + inode + ']');
    }
}

}  // namespace

Listens listens_on(pid_t process, std::uint16_t port) {
    const auto folder = fmt::format("/proc/{}", process);
    std::set<std::string> inodes;
    for (const auto* table : {"/net/tcp", "/net/tcp6"}) add_inodes(folder + table, port, inodes);
    std::error_code error;
    std::filesystem::directory_iterator files(folder + "/fd", error);
    if (error) return Listens::unknown;
    bool has_seen_all = true;
    for (; files != std::filesystem::directory_iterator{}; files.increment(error)) {
        if (error) return Listens::unknown;
        std::error_code unread;  // Closed meanwhile, and then not the listener; or not to be seen.
        if (inodes.contains(std::filesystem::read_symlink(files->path(), unread).string())) return Listens::yes;
        if (unread == std::errc::permission_denied) has_seen_all = false;
    }
    return has_seen_all ? Listens::no : Listens::unknown;
}

}  // namespace productd
