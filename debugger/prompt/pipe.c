/* pipe.c - `COMMAND | PROGRAM`: what a command says goes through a program of the host's. */
#include "prompt_parts.h"
#include "../../host/program.h"

/* Is that a program's name or path, and not the other operand of an OR: a number, a register? */
static bool is_program(const char *text)
{
    char word[TEXT], *end;
    size_t n = strspn(text, " \t");
    text += n;
    for (n = 0; n + 1 < sizeof word && (is_letter(text[n]) || is_digit(text[n]) || text[n] == '_'); n++)
        word[n] = to_lower(text[n]);
    word[n] = 0;
    if (!*text || *text == '/' || !strncmp(text, "./", 2) || !strncmp(text, "../", 3) || !strncmp(text, "~/", 2))
        return true;
    strtoull(word, &end, 16);
    const char *next = text + n + strspn(text + n, " \t");      /* a value is followed by an operator, or by nothing */
    bool alone = !*next || strchr("+*/%&|^<>=!?:,", *next) || (*next == '-' && (next[1] == ' ' || is_digit(next[1])));
    return is_letter(*text) && !(alone && (!*end || register_find(word)));
}

/* Behind a `|` that has a blank before it, stands outside of brackets and quotes and is none of `||`. What is a symbol, too, is ORed
 * without the blank, or between parentheses. NULL: nowhere. */
const char *pipe_find(const char *line)
{
    int depth = 0;
    char quote = 0;
    for (const char *p = line; *p; p++) {
        if (quote || *p == '"' || *p == '\'')
            quote = quote ? *p == quote ? 0 : quote : *p;
        else if (*p == '(' || *p == '[')
            depth++;
        else if (*p == ')' || *p == ']')
            depth--;
        else if (*p == '|' && p[1] == '|')
            p++;
        else if (*p == '|' && p > line && (p[-1] == ' ' || p[-1] == '\t') && depth <= 0 && is_program(p + 1))
            return p;
    }
    return NULL;
}

struct program *pipe_begin(struct debugger *d, const char *command, FILE **own)
{
    struct failure why;
    FILE *in;
    command += strspn(command, " \t");
    if (d->no_programs) {
        refuse(d, "| %s: no programs are run: %s", command, d->no_programs);
        return NULL;
    }
    if (!*command) {
        refuse(d, "|: which program? such as: info | less");
        return NULL;
    }
    fflush(d->out);
    struct program *p = program_feed(command, prompt_out(d), &in, &why);
    if (!p) {
        refuse(d, "| %s: cannot be run: %s", command, why.text);
        return NULL;
    }
    *own = d->out;
    d->out = in;
    return p;
}

void pipe_end(struct debugger *d, struct program *p, FILE *own)
{
    d->out = own;
    int code = program_end(p);
    if (code == PROGRAM_UNKNOWN)
        refuse(d, "|: there is no such program");
    else if (code)
        refuse(d, "|: the program ended with exit code %d", code);
}
