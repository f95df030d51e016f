/* dies.h - what ends the program with a message, in a child, so that the test goes on. Include after cmocka.h. */
#pragma once
#include "../../host/base.h"
#include <sys/wait.h>
#include <unistd.h>

/* run(with) must end the program with exit code 4 (the host failed, or refuses) and these words in what it prints. */
static inline void dies(void (*run)(const void *with), const void *with, const char *words)
{
    char text[512];
    int pipes[2], status;
    size_t length = 0;
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    if (!child) {
        dup2(pipes[1], STDERR_FILENO);
        run(with);
        exit(0);
    }
    close(pipes[1]);
    for (ssize_t n; (n = read(pipes[0], text + length, sizeof text - 1 - length)) > 0; )
        length += (size_t)n;
    text[length] = 0;
    close(pipes[0]);
    waitpid(child, &status, 0);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 4);
    if (!strstr(text, words))
        fail_msg("\"%s\" is not in \"%s\"", words, text);
}
