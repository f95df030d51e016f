/* parts.h - between the files of this folder, in the host's own terms: descriptors. Only they include it. */
#pragma once
#include "../output.h"
#include <sys/stat.h>

/* As file_claim, for a descriptor. Both flock(2) and the open file description locks of fcntl(2) are taken, the latter on the bytes by
 * which virtual machines tell each other what they do with an image. Closing the descriptor gives them back. */
bool posix_lock(int fd, bool write);
void posix_unlock(int fd);

/* ---- output_claims.c; NULL stands for no outputs ---- */

/* What the user calls the one who uses a file, or the name in a folder; NULL: nobody. */
const char *posix_user_of(const struct outputs *o, const struct stat *st, const char *name);
/* Somebody uses it from now on. `fd`, which becomes the claim's, keeps the file's number from being given to another; -1: none. */
void posix_claim(struct outputs *o, const struct stat *st, int fd, const char *name, const char *use);
/* A name in a folder that was claimed is free again. */
void posix_claim_ends(struct outputs *o, const struct stat *st, const char *name);
/* A folder's descriptor, which becomes the claims'; -1: none. `put`: a file is put in its place, or a socket removed there. */
void posix_keep_folder(struct outputs *o, int fd, bool put);
/* The k-th of these folders with `put`, or, with `all`, of all; -1: no more. */
int posix_output_folder(const struct outputs *o, int k, bool all);
const atomic_bool *posix_hurry(const struct outputs *o);

/* A socket's name is free for a server: if a server that is gone left it, it is removed, and nothing else is. */
bool posix_free_socket(struct outputs *o, const char *path, char *error, size_t n);
/* Remove the name of a socket, if it still is the one that fstat of the name gave right after bind. */
void posix_remove_socket(const char *path, u64 device, u64 inode);
