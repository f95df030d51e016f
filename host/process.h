/* process.h - this program among others: its number, what it was told, and where the host keeps what programs bring along. */
#pragma once
#include "base.h"

/* By which the host knows it. */
u64 process_id(void);
/* What a user types in another window to end it ("kill 123"), in n bytes at `text`; empty where the host has nothing of that sort. */
void process_end_command(char *text, size_t n);
/* What kind of system this is, its own name first and then those that it is like, with spaces between ("ubuntu debian"), in n bytes: by
 * os-release(5), or "macos" or "windows"; empty where nobody says. */
void process_system(char *names, size_t n);
/* The words of its command line, in UTF-8 where the host has it otherwise: those that main() has, or others, which stay until the end. */
char **process_arguments(int *argc, char **argv);
/* The k-th folder, from 0, where data that a program brings along may lie, the first to be asked first: $VITRINE_DATA; the program's
 * own, and share/vitrine beside it; those below which packages of this host put theirs ("/usr/share"). A path of at most n bytes in
 * path, empty where there is none of that sort. False: no more. */
bool process_data_folder(int k, char *path, size_t n);
