/* casts.c - types as they are written. Follows: ISO C, "Type names", of which it knows words and *. */
#include "parts.h"

static bool find(struct parser *p, char tag, const char *words, struct type *type)
{
    const struct debug_scope *s = scope_of(p);
    if (s && type_named(s, tag, words, type))
        return true;
    const struct basic_type *basic = tag ? NULL : basic_type_find(words);
    *type = (struct type){ .known = basic, .basic = basic };
    return basic;
}

/* The words of a type without its *; false: they are none. */
static bool type_words(struct parser *p, struct type *type)
{
    char word[WORD], words[2 * WORD] = "", tag = 0;
    for (size_t n; (n = word_peek(p, word)); p->at += n) {
        skip(p);
        if (!strcmp(word, "struct") || !strcmp(word, "union") || !strcmp(word, "enum"))
            tag = *word;
        else if (strcmp(word, "const") && strcmp(word, "volatile"))
            snprintf(words + strlen(words), sizeof words - strlen(words), "%s%s", *words ? " " : "", word);
    }
    *type = (struct type){ .known = false };
    if (!*words)
        return false;
    if (find(p, tag, words, type) || (!tag && !strcmp(words, "void")))
        return true;
    return tag && complain(p, "%s: no such type is known", words);
}

/* Does a type begin with this word, and nothing else? */
static bool may_be_type(struct parser *p)
{
    char word[WORD];
    struct value v;
    bool found = false, digits, big;
    u64 number;
    if (!word_peek(p, word) || is_digit(*word) || *word == '$' || register_find(word))
        return false;
    if (basic_type_find(word) || !strcmp(word, "struct") || !strcmp(word, "long") || !strcmp(word, "void"))
        return true;
    digits = language_digits(word, 16, &number, &big);
    const struct debug_scope *s = digits ? NULL : scope_of(p);
    if (s)
        variable_find(s, word, &v, &found);
    return !digits && !found;
}

bool parse_cast(struct parser *p, char close, struct type *type)
{
    const char *before = p->at++;
    if (may_be_type(p) && type_words(p, type)) {
        while (take(p, '*'))
            type->pointers++;
        skip(p);
        if (*p->at == close && (type->known || type->pointers)) {
            p->at++;
            return true;
        }
    }
    p->at = before;
    if (close == '}')
        complain(p, "{TYPE} ADDRESS, such as {int} 1000: not %s", p->at);
    return false;
}
