// `productd dlq …`: what its commands are given. Calls CLI11.
#include "app/letters/dead_letter_filter.hpp"
#include "cli/commands.hpp"
#include "cli/words.hpp"

namespace productd {

namespace {

void add_meant(CLI::App& command, LettersMeant& meant) {
    command.add_option("ID", meant.ids, "Dead letters, by id or by what their id alone begins with");
    command.add_option("--filter", meant.filter, "Those for which it holds; see below")->type_name("EXPR");
    command.add_flag("--all", meant.all, "All of them");
}

int kinds_given(const LettersMeant& meant) {
    return (meant.ids.empty() ? 0 : 1) + (meant.filter.empty() ? 0 : 1) + (meant.all ? 1 : 0);
}

void declare_letters_list(CLI::App& dlq, Choice& choice) {
    auto* command = dlq.add_subcommand("list", "List the dead letters, one line each");
    command->footer(std::string(letter_filter_help) + "\nExample: productd dlq list --filter 'code=not_found'");
    auto asked = action_of<DlqList>(*command, choice);
    command->add_option("--filter", asked->filter, "Those for which it holds; see below")->type_name("EXPR");
    command->add_option("--limit", asked->limit, "At most this many (100)")->type_name("N")->check(whole_number(1));
    command->add_flag("--json", asked->json, "A JSON object for each");
}

void declare_show(CLI::App& dlq, Choice& choice) {
    auto* command = dlq.add_subcommand("show", "Show one dead letter");
    command->footer("Example: productd dlq show update-product/1/17");
    auto asked = action_of<DlqShow>(*command, choice);
    command->add_option("ID", asked->id, "Its id, or what that alone begins with")->required();
    auto* json = command->add_flag("--json", asked->json, "The letter as it is in the log");
    command->add_flag("--payload", asked->payload, "The payload's bytes and nothing else")->excludes(json);
}

void declare_replay(CLI::App& dlq, Choice& choice) {
    auto* command = dlq.add_subcommand("replay", "Publish the messages of dead letters again");
    command->footer(
        std::string(letter_filter_help) +
        "\nA product's messages keep their order; what is overtaken or was replayed before is passed over,\n"
        "so a run that was broken off can be run again. After 1,000 replays a letter is replayed no more.\n"
        "Example: productd dlq replay --filter 'code=retry_exhausted' --rate 100");
    auto asked = action_of<DlqReplay>(*command, choice, [](const DlqReplay& given) {
        if (kinds_given(given.meant) != 1) throw CLI::ValidationError("replay takes IDs, --filter or --all");
    });
    add_meant(*command, asked->meant);
    command->add_flag("--dry-run", asked->dry_run, "Only say what would be done");
    command->add_option("--rate", asked->rate, "At most this many messages a second")
        ->type_name("N")
        ->check(real_number(0.01, 1e6));
    command->add_flag("--force", asked->force, "Also what is overtaken");
    command->add_flag("--again", asked->again, "Also what was replayed before, or may have been");
}

void declare_edit(CLI::App& dlq, Choice& choice) {
    auto* command = dlq.add_subcommand("edit", "Give a dead letter the payload it is replayed with");
    command->footer(
        "The letter itself stays as it is. What you wrote in $EDITOR and was refused is kept in a file that only you\n"
        "may read: the message says where it is, so that you can mend it and give it with --payload.\nExample: "
        "productd dlq edit create-product/0/3 --payload fixed.json");
    auto asked = action_of<DlqEdit>(*command, choice);
    command->add_option("ID", asked->id, "Its id, or what that alone begins with")->required();
    command->add_option("--payload", asked->payload_file, "The payload; - is standard input; without it, $EDITOR")
        ->type_name("FILE");
    command->add_flag("--force", asked->force, "Also a payload that the worker cannot read");
}

void declare_purge(CLI::App& dlq, Choice& choice) {
    auto* command = dlq.add_subcommand("purge", "Be done with dead letters, and free their room");
    command->footer(std::string(letter_filter_help) +
                    "\nRoom is freed up to the first letter of a partition that is not dealt with.\n"
                    "Example: productd dlq purge --filter 'state=replayed'");
    auto asked = action_of<DlqPurge>(*command, choice, [](const DlqPurge& given) {
        const auto kinds = kinds_given(given.meant);
        if (kinds > 1 || (kinds == 0 && !given.replayed)) {
            throw CLI::ValidationError("purge takes IDs, --filter, --all or --replayed");
        }
    });
    add_meant(*command, asked->meant);
    command->add_flag("--replayed", asked->replayed, "Those that were replayed and did not come back");
    command->add_flag("--dry-run", asked->dry_run, "Only say what would be done");
    command->add_flag("--yes", asked->yes, "Do not ask");
}

}  // namespace

void declare_dlq(CLI::App& app, Choice& choice) {
    auto* dlq = app.add_subcommand("dlq", "Dead letters: what could not be applied, and what to do about it");
    dlq->footer("Example: productd dlq list");
    dlq->require_subcommand(0, 1);
    declare_letters_list(*dlq, choice);
    declare_show(*dlq, choice);
    declare_replay(*dlq, choice);
    declare_edit(*dlq, choice);
    declare_purge(*dlq, choice);
}

}  // namespace productd
