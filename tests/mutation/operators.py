# operators.py - the planted errors: which one-line changes of a C source count as a mistake that somebody could make.
#
# candidates(path, text, ...) yields every change that the operators below can make in a file; a mutant is known by a hash
# of its file, the text of its line and the change, not by a line number, so that its name survives edits elsewhere.
# Comments, strings, preprocessor conditions, prototypes and what only writes a log are left alone.
# Not here: changes of several lines; changes that only the wording of a message shows.
import hashlib
import re

TABLES = ("cpu/decode/opcodes.c", "cpu/insn/x87/x87_rows.c", "cpu/insn/simd/mmx_rows.c")

# Neighbours that a tired hand takes for one another.
SWAPS = {
    "flag": [["FLAG_CF", "FLAG_ZF", "FLAG_SF", "FLAG_OF", "FLAG_PF", "FLAG_AF"], ["FLAG_IF", "FLAG_TF", "FLAG_RF", "FLAG_NT"],
             ["FLAG_VIF", "FLAG_VIP"], ["FLAG_VM", "FLAG_AC"], ["C_", "Z_", "S_", "O_", "P_", "A_"], ["CF_", "ZF_", "PF_"],
             ["ARITH", "LOGIC"], ["flag_c", "flag_z", "flag_s", "flag_o", "flag_p", "flag_a"],
             ["FSW_C0", "FSW_C1", "FSW_C2", "FSW_C3"], ["FSW_IE", "FSW_DE", "FSW_ZE", "FSW_OE", "FSW_UE", "FSW_PE"],
             ["F80_IE", "F80_DE", "F80_ZE", "F80_OE", "F80_UE", "F80_PE"]],
    "vector": [["EXC_GP", "EXC_SS", "EXC_NP", "EXC_TS"], ["EXC_PF", "EXC_AC"], ["EXC_DF", "EXC_UD", "EXC_NM", "EXC_MF"],
               ["EXC_DB", "EXC_BP"], ["EXC_DE", "EXC_BR", "EXC_OF"],
               ["DELIVER_FAULT", "DELIVER_TRAP", "DELIVER_EXTERNAL", "DELIVER_INT_N", "DELIVER_ICEBP", "DELIVER_NMI"]],
    "bit": [["CR0_PE", "CR0_PG"], ["CR0_EM", "CR0_TS", "CR0_MP"], ["CR0_WP", "CR0_AM"], ["CR0_CD", "CR0_NW"],
            ["CR4_PSE", "CR4_PAE"], ["CR4_VME", "CR4_PVI"], ["CR4_DE", "CR4_TSD"], ["CR4_PGE", "CR4_PCE", "CR4_MCE"],
            ["PTE_P", "PTE_W"], ["PTE_A", "PTE_D"], ["PTE_PS", "PTE_G"],
            ["SEG_CODE", "SEG_RW", "SEG_DC", "SEG_ACCESSED"], ["SEG_P", "SEG_S"], ["SEG_DB", "SEG_G"],
            ["TYPE_TSS16", "TYPE_TSS32"], ["TYPE_TSS16", "TYPE_TSS16_BUSY"], ["TYPE_TSS32", "TYPE_TSS32_BUSY"],
            ["TYPE_CALL_GATE16", "TYPE_CALL_GATE32"], ["TYPE_INTERRUPT_GATE32", "TYPE_TRAP_GATE32", "TYPE_INTERRUPT_GATE16"],
            ["TYPE_TASK_GATE", "TYPE_LDT"], ["FCW_NEAREST", "FCW_DOWN", "FCW_UP", "FCW_CHOP"], ["FCW_PC24", "FCW_PC53", "FCW_PC64"]],
    "register": [["EAX", "EDX", "ECX"], ["ESP", "EBP"], ["ESI", "EDI"], ["CS", "SS"], ["DS", "ES"],
                 ["o->dst", "o->src"], ["o->base", "o->index"]],
    "operand": [["Eb", "Ew", "Ev"], ["Gb", "Gv"], ["Ib", "Ibs", "Iz"], ["Iw", "Iv"], ["Md", "Mq"], ["Qd", "Qq"], ["Pq", "Qq"],
                ["Jb", "Jz"], ["Xb", "Xv"], ["Yb", "Yv"], ["Zb", "Zv"], ["Rd", "Ed"], ["AL", "rAX"], ["RvMw", "Ev"], ["Mp", "M"]],
    "size": [["u8", "u16", "u32", "u64"], ["i8", "i16", "i32", "i64"], ["ld8", "ld16", "ld32"], ["st8", "st16", "st32"],
             ["set_reg8", "set_reg16", "set_reg32"], ["reg8", "reg16", "reg32"]],
}
RELATIONS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
TOKEN = re.compile(r"0[xX][0-9a-fA-F]+[uUlL]*|\d+(?:\.\d+)?\w*|[A-Za-z_]\w*|->|<<=|>>=|<<|>>|<=|>=|==|!=|&&|\|\||\+\+|--|[-+*/%&|^]=|\S")
OPENING, CLOSING = "([{", ")]}"


def blank(text):
    """The text with comments, strings and characters blanked out, the same length."""
    out = []
    for part in re.split(r'(/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\')', text, flags=re.S):
        if part[:2] in ("/*", "//"):
            out.append(re.sub(r"[^\n]", " ", part))
        elif part[:1] in ("'", '"'):
            out.append(part[0] + "@" * (len(part) - 2) + part[0])
        else:
            out.append(part)
    return "".join(out)


class Mutant:
    """One planted error: `old` at `column` of the line becomes `new`."""

    def __init__(self, path, line, text, operator, column, old, new, nth):
        self.path, self.line, self.text, self.operator = path, line, text, operator
        self.column, self.old, self.new = column, old, new
        known_by = "\0".join((path, text.strip(), str(nth), str(column - len(text) + len(text.lstrip())), old, new))
        self.id = "m" + hashlib.sha256(known_by.encode()).hexdigest()[:7]

    def changed(self):
        return self.text[:self.column] + self.new + self.text[self.column + len(self.old):]

    def what(self):
        """The change in a few words, for one line of a table."""
        short = lambda s: re.sub(r"\s+", " ", s.strip())
        old, new = short(self.old), short(self.new)
        if self.operator == "statement":
            return "removed: " + old
        if self.operator == "check":
            return "never: " + old
        return "%s -> %s" % (old, new or "(removed)")


# ---- lines ----

def code_lines(path, blanked):
    """Numbers of the lines in which an error counts, each with the depth of braces where it begins."""
    depth, skip_statement = 0, False
    for number, line in enumerate(blanked.split("\n")):
        stripped = line.strip()
        begins = depth
        depth += line.count("{") - line.count("}")
        if skip_statement:
            skip_statement = not stripped.endswith(";")
            continue
        if not stripped or stripped in ("{", "}", "};", "else {", "} else {"):
            continue
        if re.match(r"#(?!define)", stripped) or re.match(r"_Static_assert|assert\b|typedef|extern|struct \w+;", stripped):
            continue
        if re.search(r"\blog_(on|event)\b", stripped):                  # to the end of the call
            skip_statement = not stripped.endswith(";") and "log_event" in stripped
            continue
        if begins == 0 and re.match(r"[\w \*]+\([^{]*\);$", stripped):  # a prototype
            continue
        yield number, begins


# ---- operators: each yields (column, old, new) ----

def binary(tokens, k):
    """Is the operator at tokens[k] between two operands? Tells a difference from a sign, AND from an address."""
    before = tokens[k - 1].group() if k else ""
    return bool(re.match(r"[\w)\]@]", before[-1:])) and before not in ("return", "case", "sizeof", "else") and not (
        before == ")" and is_cast(tokens, k - 1))


TYPES = {"u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64", "uW", "iW", "int", "bool", "unsigned", "char", "size_t", "double"}


def is_cast(tokens, k):
    """Does the ) at tokens[k] close a cast?"""
    names = []
    while k > 0:
        k -= 1
        t = tokens[k].group()
        if t == "(":
            return bool(names) and (names[-1] in TYPES or names[-1] in ("const", "struct", "enum"))
        if not re.match(r"\w+$|\*$", t):
            return False
        names.append(t)
    return False


def op_relation(tokens, line):
    for k, t in enumerate(tokens):
        if t.group() in RELATIONS and binary(tokens, k):
            yield t.start(), t.group(), RELATIONS[t.group()]


def op_constant(tokens, line):
    declares = re.match(r"\s*(const )?(struct \w+|[ui](8|16|32|64)|bool|int|char)\b[^=(]*;", line)
    for t in tokens:
        s = t.group()
        m = re.match(r"(0[xX][0-9a-fA-F]+|\d+)([uUlL]*)$", s)
        if not m or declares:
            continue
        v = int(m.group(1), 0)
        form = "0x%x" if "x" in s.lower() else "%d"
        yield t.start(), s, form % (v + 1) + m.group(2)
        if v:
            yield t.start(), s, form % (v - 1) + m.group(2)


def op_mask(tokens, line):
    for k, t in enumerate(tokens):
        m = re.match(r"(0[xX][0-9a-fA-F]+)([uUlL]*)$", t.group())
        around = {tokens[k - 1].group() if k else "", tokens[k + 1].group() if k + 1 < len(tokens) else ""}
        if m and int(m.group(1), 16) and around & {"&", "|", "~", "&=", "|=", "^"}:
            v = int(m.group(1), 16)
            yield t.start(), t.group(), "0x%x" % (v << 1) + m.group(2)
            yield t.start(), t.group(), "0x%x" % (v >> 1) + m.group(2)


def op_bits(tokens, line):
    other = {"&": ["|"], "|": ["&", "^"], "^": ["|"], "<<": [">>"], ">>": ["<<"], "|=": ["&=", "="], "&=": ["|=", "="], "^=": ["|="]}
    for k, t in enumerate(tokens):
        if binary(tokens, k):
            for new in other.get(t.group(), []):
                yield t.start(), t.group(), new


def op_arithmetic(tokens, line):
    other = {"+": "-", "-": "+", "*": "+", "/": "%", "%": "/", "+=": "-=", "-=": "+=", "++": "--", "--": "++"}
    for k, t in enumerate(tokens):
        if t.group() in other and (t.group() in ("++", "--") or binary(tokens, k)):
            yield t.start(), t.group(), other[t.group()]


def op_negation(tokens, line):
    for k, t in enumerate(tokens):
        if t.group() in "!~" and k + 1 < len(tokens) and not binary(tokens, k):
            yield t.start(), t.group(), ""


def half_end(tokens, k, step):
    """From the && or || at tokens[k], the last token of its right (left) half, or None if it does not end on this line."""
    inner, outer = (OPENING, CLOSING) if step > 0 else (CLOSING, OPENING)
    stop = {"&&", "||", "?", ":", ";", ",", "return", "=", "{", "}", "\\"}
    depth, j = 0, k + step
    while 0 <= j < len(tokens):
        s = tokens[j].group()
        if depth == 0 and (s in outer or s in stop):
            return j - step if j - step != k else None
        depth += (s in inner) - (s in outer)
        j += step
    return j - step if depth == 0 and j - step != k else None


def op_condition(tokens, line):
    for k, t in enumerate(tokens):
        if t.group() not in ("&&", "||"):
            continue
        right, left = half_end(tokens, k, 1), half_end(tokens, k, -1)
        if right is not None and k:
            begin = tokens[k - 1].end()
            yield begin, line[begin:tokens[right].end()], ""
        if left is not None and k + 1 < len(tokens):
            begin = tokens[left].start()
            yield begin, line[begin:tokens[k + 1].start()], ""
        yield t.start(), t.group(), "||" if t.group() == "&&" else "&&"


def op_check(tokens, line):
    """if (X) that never holds."""
    for k, t in enumerate(tokens):
        if t.group() == "if" and k + 1 < len(tokens) and tokens[k + 1].group() == "(":
            depth = 0
            for u in tokens[k + 1:]:
                depth += (u.group() == "(") - (u.group() == ")")
                if depth == 0:
                    begin = tokens[k + 1].end()
                    yield begin, line[begin:u.start()], "0 && (%s)" % line[begin:u.start()]
                    break


def op_statement(tokens, line):
    """A call or an assignment that is a statement of its own."""
    begin = 0
    words = [t.group() for t in tokens]
    for k, s in enumerate(words):
        if s == ";":
            part = words[begin:k]
            if len(part) > 1 and "{" not in part and "}" not in part and part.count("(") == part.count(")"):
                assigns = [j for j, w in enumerate(part) if re.match(r"([-+*/%&|^]|<<|>>)?=$", w)]
                first = part[0] not in ("return", "if", "for", "while", "else", "case", "default", "goto", "struct", "const",
                                        "enum", "static", "do", "handler", "GO", "HAND_TO", "HAND_TO_AT", "JUMP") and part[0] not in TYPES
                call = part[-1] == ")" and re.match(r"[A-Za-z_]\w*$", part[0]) and part[1] == "("
                if first and (assigns or call):
                    yield tokens[begin].start(), line[tokens[begin].start():tokens[k].start()], ""
        if s in ";{}" or s == ")" and k + 1 < len(words) and re.match(r"[A-Za-z_*]", words[k + 1]) and "if" in words[begin:k]:
            begin = k + 1


def op_code(tokens, line):
    """An error code: 0 for a selector, and the reverse. Where the vector has one."""
    for m in re.finditer(r"\b(?:cpu_raise_gp\(cpu|cpu_raise\(cpu, (EXC_TS|EXC_NP|EXC_SS|EXC_GP|EXC_PF|[a-z]\w*)), ", line):
        arg = re.match(r"[^,;()]*(\([^()]*\))?[^,;()]*", line[m.end():]).group()
        if arg:
            yield m.end(), arg, "4" if arg.strip() == "0" else "0"


def swap_operator(groups):
    def op(tokens, line):
        joined = []
        for k, t in enumerate(tokens):
            joined.append((t.start(), t.group()))
            if t.group() == "->" and 0 < k < len(tokens) - 1:
                begin, end = tokens[k - 1].start(), tokens[k + 1].end()
                joined.append((begin, line[begin:end]))
        for column, s in joined:
            for group in groups:
                if s in group:
                    at = group.index(s)
                    for new in {group[(at + 1) % len(group)], group[at - 1]}:
                        yield column, s, new
    return op


def op_cast(tokens, line):
    """Another width in a cast or an access, not in a declaration."""
    for k, t in enumerate(tokens):
        for group in SWAPS["size"]:
            if t.group() not in group:
                continue
            at = group.index(t.group())
            cast = k and tokens[k - 1].group() == "(" and k + 1 < len(tokens) and tokens[k + 1].group() == ")"
            if cast or t.group()[0] not in "ui":
                for new in ([group[at - 1]] if at else []) + group[at + 1:at + 2]:
                    yield t.start(), t.group(), new
            if cast and t.group() in TYPES:
                sign = {"u": "i", "i": "u"}[t.group()[0]] + t.group()[1:]
                yield t.start(), t.group(), sign


def op_width(tokens, line):
    """2 for 4 and so on where a size in bytes is passed, 16 for 32 where it is in bits."""
    other = {"1": "2", "2": "4", "4": "2", "8": "4", "16": "32", "32": "16"}
    for k, t in enumerate(tokens):
        if t.group() in other and 0 < k < len(tokens) - 1 and tokens[k - 1].group() in (",", "?", ":") \
                and tokens[k + 1].group() in (")", ",", ":", ";"):
            yield t.start(), t.group(), other[t.group()]


CODE = {
    "relation": op_relation, "constant": op_constant, "mask": op_mask, "bits": op_bits, "arithmetic": op_arithmetic,
    "negation": op_negation, "condition": op_condition, "check": op_check, "statement": op_statement, "error code": op_code,
    "flag": swap_operator(SWAPS["flag"]), "vector": swap_operator(SWAPS["vector"]), "bit": swap_operator(SWAPS["bit"]),
    "register": swap_operator(SWAPS["register"]), "cast": op_cast, "width": op_width,
}


# ---- the opcode tables ----

def op_body(bodies):
    """The body of a neighbouring row."""
    def op(tokens, line):
        for t in tokens:
            if t.group() in bodies and line[:t.start()].rstrip()[-1:] == ",":
                at = bodies.index(t.group())
                yield t.start(), t.group(), bodies[at - 1]
                yield t.start(), t.group(), bodies[(at + 1) % len(bodies)]
    return op


def op_attribute(read):
    """An attribute that some code reads, left out."""
    def op(tokens, line):
        for t in tokens:
            if t.group() in read:
                yield t.start(), t.group(), "0"
    return op


def op_row(tokens, line):
    """A row at the next opcode."""
    for m in re.finditer(r"(?<!\w)\[(0x[0-9a-f]+)\] =|\b(?:ROW|MEM|COL|ONE|J|C|S|SHIFT|MOVE)\((0x[0-9a-f]+|\d),", line):
        g = 1 if m.group(1) else 2
        s = m.group(g)
        yield m.start(g), s, ("0x%02x" if "x" in s else "%d") % (int(s, 0) ^ 1)


def op_feature(tokens, line):
    for t in tokens:
        if t.group().startswith("FEATURE_"):
            yield t.start(), t.group(), "0"


def op_lost(tokens, line):
    """One flag of a list of reads or writes, left out."""
    for m in re.finditer(r"\.(reads|writes) = ((?:\w+)(?: \| \w+)*)", line):
        yield m.start(2), m.group(2), "0"


def table_operators(text, read):
    hot = list(dict.fromkeys(re.findall(r'\bHOT3?\("[^"]*", (\w+),', text)))
    plain = list(dict.fromkeys(re.findall(r"\b((?:op|x87)_\w+|mmx_\w+)\b", text)))
    mmx = list(dict.fromkeys(re.findall(r"\bROW\(\w+, (\w+), Pq, Qq", text)))
    return {
        "row": op_row, "body": op_body([b for b in hot + [] if b] if hot else plain), "function": op_body(plain or mmx),
        "mmx body": op_body(mmx), "operand": swap_operator(SWAPS["operand"]), "attribute": op_attribute(read), "feature": op_feature,
        "row flags": op_lost, "flag": swap_operator(SWAPS["flag"]),
    }


def attributes_read(sources):
    """The attributes of rows that code in cpu/ looks at: {path: text} of all its files."""
    read = set()
    for path, text in sources.items():
        if path not in TABLES and not path.endswith("op.h"):
            read |= set(re.findall(r"\bA_[A-Z0-9]+\b", blank(text)))
    return read


def candidates(path, text, read):
    """Every mutant of a file, in the order of its lines."""
    lines, blanked = text.split("\n"), blank(text).split("\n")
    operators = table_operators(text, read) if path in TABLES else CODE
    seen, found = {}, {}
    for number, depth in code_lines(path, "\n".join(blanked)):
        line, b = lines[number], blanked[number]
        nth = seen.setdefault(line.strip(), -1) + 1
        seen[line.strip()] = nth
        tokens = list(TOKEN.finditer(b))
        for name, operator in operators.items():
            if name == "statement" and depth == 0 and not re.search(r"\{|\\$|^#define", b):
                continue
            for column, old, new in operator(tokens, b):
                m = Mutant(path, number + 1, line, name, column, line[column:column + len(old)], new_text(line, b, column, old, new), nth)
                if m.changed() != line:
                    found.setdefault(m.id, m)
    return list(found.values())


def new_text(line, blanked, column, old, new):
    """`new` was made from the blanked line: put the strings back where it repeats part of it."""
    return new.replace(old, line[column:column + len(old)]) if "@" in old and new else new
