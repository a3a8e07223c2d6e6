// What the threads of this process, and the whole machine, did with the processors.
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

namespace productd::bench {

/// Seconds: running, and ready to run while others had the processors.
struct ThreadUse {
    double ran = 0, queued = 0;
};

/// By the threads' names; those of one name together.
inline std::map<std::string, ThreadUse> thread_uses() {
    std::map<std::string, ThreadUse> uses;
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
        std::string name;
        double ran = 0, queued = 0;
        std::getline(std::ifstream(task.path() / "comm"), name);
        std::ifstream(task.path() / "schedstat") >> ran >> queued;
        uses[name].ran += ran * 1e-9;
        uses[name].queued += queued * 1e-9;
    }
    return uses;
}

/// Of all processors, in ticks since the machine's start.
struct MachineUse {
    double all = 0, idle = 0;
};

inline MachineUse machine_use() {
    std::ifstream stat("/proc/stat");
    std::string cpu;
    stat >> cpu;
    MachineUse use;
    constexpr int kinds = 8;  // user, nice, system, idle, iowait, irq, softirq, steal; what follows is in user already.
    for (int kind = 0; kind < kinds; ++kind) {
        double ticks = 0;
        stat >> ticks;
        use.all += ticks;
        if (kind == 3 || kind == 4) use.idle += ticks;
    }
    return use;
}

inline double memory_peak_mib() {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
        double kib = 0;
        if (word == "VmHWM:" && status >> kib) return kib / 1024;
    }
    return 0;
}

}  // namespace productd::bench
