/* saved.c - the debugger's commands that keep the machine in a file and go on from one. */
#include "parts.h"
#include "../history/history.h"

/* A file's name may have spaces. False: refused. */
static bool file_named(struct debugger *d, int argc, char **argv, bool there, char *file, size_t n)
{
    if (argc < 2)
        refuse(d, "which? FILE, such as: %s before.state", argv[0]);
    else if (!there)
        refuse(d, "this machine is not kept in files");
    else
        words_join(argc, argv, 1, file, n);
    return argc > 1 && there;
}

void do_savevm(struct debugger *d, int argc, char **argv)
{
    char file[sizeof d->last], error[512];
    if (!file_named(d, argc, argv, d->desk.save, file, sizeof file))
        return;
    if (d->desk.save(d->desk.to, file, error, sizeof error))
        fprintf(d->out, "kept in %s\n", file);
    else
        refuse(d, "savevm: %s", error);
}

void do_loadvm(struct debugger *d, int argc, char **argv)
{
    char file[sizeof d->last], error[512];
    if (!file_named(d, argc, argv, d->desk.load, file, sizeof file))
        return;
    if (!d->desk.load(d->desk.to, file, error, sizeof error)) {
        refuse(d, "loadvm: %s", error);
        return;
    }
    if (d->history)
        history_restart(d->history);
    control_moved(d->control);
    where_print(d);
}
