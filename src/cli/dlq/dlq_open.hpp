// The dead letters for a command, wherever the data is.
#pragma once

#include "app/letters/dead_letter_box.hpp"
#include "app/letters/dead_letter_replay.hpp"
#include "app/ports/product_store.hpp"
#include "cli/actions.hpp"
#include "cli/checked_config.hpp"
#include "cli/open_log.hpp"

namespace productd {

struct OpenLetters {
    Config config;
    OpenLog log;
    std::unique_ptr<ProductStore> store;  ///< Null behind a service, and when there is no file.
    std::optional<Error> unread;          ///< Why there is a store and none of its products can be had.
    FindStored find;
    DeadLetterBox box;

    /// Without content when a service answers.
    Task<std::vector<Found>> stored(std::vector<ProductId> ids);
};

/// Reads the dead letters of the service that runs on the data folder, or of the folder.
Result<std::unique_ptr<OpenLetters>> open_letters(const ConfigSources& sources, Console& console);

/// Those meant, in the box's order; purged ones only by id, or if the filter asks for that state. Fails for an id that
/// is none, and for a filter that is not understood.
Result<std::vector<LetterEntry>> letters_meant(const DeadLetterBox& box, const LettersMeant& meant);

enum class Overtaken { known, unknown };

/// Notes of each entry whether it is overtaken. Where the store does not tell it says why on the console, and it is
/// known of none: letters are there to be read all the same.
Overtaken look_up_overtaken(OpenLetters& letters, std::span<LetterEntry> entries, Console& console);

/// `text` for a terminal: what is not UTF-8, and control characters (C1 and such that turn text around too), as
/// `\xNN`; at most `bytes_max` of it.
std::string shown(std::string_view text, std::size_t bytes_max);

Timestamp now_ms();
/// Random, for the marks of one run.
std::string run_id();

}  // namespace productd
