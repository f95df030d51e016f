/* dies.h - what ends the program with a message, in a child, so that the test goes on. Include after cmocka.h. */
#pragma once
#include "../../host/base.h"
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* run(with) must end the program, by abort() or with exit code 4, with these words in what it prints. */
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
    assert_true(WIFSIGNALED(status) ? WTERMSIG(status) == SIGABRT : WEXITSTATUS(status) == 4);
    if (!strstr(text, words))
        fail_msg("\"%s\" is not in \"%s\"", words, text);
}
