; taskfaults.asm - how a task switch faults: each condition of the manual's table, before the switch (the fault belongs to the
; old task, nothing has changed) and after it (to the new one, before its first instruction), for JMP, CALL, INT n, an
; exception and IRET, direct and through task gates, into 32-bit and 16-bit TSSs.
; Follows: Intel SDM Vol. 3A "Task Switching" (table "Exception Conditions Checked During a Task Switch"; table "Effect of a
; Task Switch on Busy Flag, NT Flag, Previous Task Link Field, and TS Flag"), "TSS Descriptor", "Interrupt 10".
%define GUEST "taskfaults"
%include "lib.inc"
%include "task.inc"

B     equ FREE                  ; the new task
TGATE equ FREE + 8h             ; task gate to it
D     equ FREE + 10h            ; four TSSs, of handlers
NPCODE equ FREE + 30h
CONF3 equ FREE + 38h            ; conforming code of ring 3
NPDATA equ FREE + 40h
RODATA equ FREE + 48h
XCODE equ FREE + 50h            ; execute-only
CONF0 equ FREE + 58h            ; conforming, readable
NPLDT equ FREE + 60h
SMALL equ FREE + 68h            ; code with a limit of one byte
LDTOK equ FREE + 70h
VT    equ 90h
B_STACK equ 5800h

; Segment fields, by their place among ES, CS, SS, DS, FS, GS, LDT.
I_ES equ 0
I_CS equ 1
I_SS equ 2
I_DS equ 3
I_FS equ 4
I_GS equ 5
I_LDT equ 6

NAME_SIZE equ 48
M_JMP equ 0
M_CALL equ 1
M_JMP_GATE equ 2
M_CALL_GATE equ 3
M_INT equ 4
M_EXC equ 5
M_IRET equ 6
METHODS equ 7

; name, place, value, vector, error code: after the switch
%macro AFTER 5
        STRING_ROW %1
        dd %2, %3, %4, %5
%endmacro
; name, selector, access byte of B (xor), limit of B less the minimum, vector and error code, vector and error code for IRET
%macro BEFORE 8
        STRING_ROW %1
        dd %2, %3, %4, %5, %6, %7, %8
%endmacro
%macro STRING_ROW 1
  %strlen %%n %1
        db %1
        times NAME_SIZE - %%n db 0
%endmacro
; On the stack of check_equal: the row under ESI names the check. Got, want.
%macro CHECK_ROW 2
        push dword %1
        push dword %2
        push esi
        call check_equal
%endmacro

main:
        cld
        mov dword [tss.cr3], 0
        DESC NPCODE, 0, 0fffffh, (A_CODE | A_4K) & ~80h
        DESC CONF3, 0, 0fffffh, A_CODE | A_4K | A_RING3 | 4
        DESC NPDATA, 0, 0fffffh, (A_DATA | A_4K) & ~80h
        DESC RODATA, 0, 0fffffh, (A_DATA | A_4K) & ~2
        DESC XCODE, 0, 0fffffh, (A_CODE | A_4K) & ~2
        DESC CONF0, 0, 0fffffh, A_CODE | A_4K | 4
        DESC NPLDT, 0, 0ffh, 02h
        DESC SMALL, never, 0, A_CODE
        DESC LDTOK, ldt, 0fh, 82h
        GATE gdt + TGATE, B, 0, 0e5h
        GATE idt + VT * 8, B, 0, 0e5h
        mov edi, ldt + 8                                        ; a TSS descriptor in the LDT
        mov eax, tss_b
        mov edx, 67h
        mov ecx, 89h
        call make_descriptor
        mov eax, LDTOK
        lldt ax

        ; ---- before: in the old task ----
        mov dword [row], before_rows
  .before_row:
        mov dword [method], 0
  .before_method:
        mov dword [wide], 1
  .before:
        mov eax, never
        call fresh
        call prepare
        mov esi, [row]
        add esi, NAME_SIZE
        mov eax, [esi]                                          ; the selector
        mov [pointer + 4], ax
        mov [gdt + TGATE + 2], ax
        mov [idt + VT * 8 + 2], ax
        mov [idt + UD * 8 + 2], ax
        cmp dword [method], M_IRET
        jne .no_link
        mov [tss], ax
  .no_link:
        mov eax, [esi + 4]
        xor [gdt + B + 5], al
        mov eax, [esi + 8]
        sub [gdt + B], ax
        mov eax, [gdt + B]
        mov [saved], eax
        mov eax, [gdt + B + 4]
        mov [saved + 4], eax
        mov dword [tss.eip], 0eeeeeeeeh
        mov dword [old_type], 8bh
        call switch
        mov byte [idt + UD * 8 + 5], 8eh                        ; (prepare made it a task gate)
        mov esi, [row]
        mov ebx, [esi + 60]
        mov ecx, [esi + 64]
        cmp dword [method], M_IRET
        jne .not_iret
        mov ebx, [esi + 68]
        mov ecx, [esi + 72]
  .not_iret:
        call compare
        CHECK_ROW dword [rec.htr], TSS
        CHECK_ROW dword [tss.eip], 0eeeeeeeeh
        CHECK_ROW dword [gdt + B + 4], dword [saved + 4]
        movzx eax, byte [gdt + TSS + 5]
        CHECK_ROW eax, 8bh
        mov ax, [tss_b]
        movzx eax, ax
        CHECK_ROW eax, 5555h
        mov word [tss], 0
        dec dword [wide]
        jz .before
        inc dword [method]
        cmp dword [method], METHODS
        jb .before_method
        add dword [row], NAME_SIZE + 28
        cmp dword [row], before_end
        jb .before_row

        ; ---- after: in the new task, whose handlers are tasks, because its segments are as they were found ----
        mov dword [row], after_rows
  .after_row:
        mov dword [method], 0
  .after_method:
        mov dword [wide], 1
  .after:
        mov eax, never
        call fresh
        call prepare
        mov esi, [row]
        mov eax, [esi + 52]
        mov ecx, [esi + 48]
        cmp dword [wide], 0
        je .narrow
        mov [tss_b + 72 + ecx * 4], ax
        jmp .placed
  .narrow:
        movzx edx, byte [narrow + ecx]
        test edx, edx
        jz .next                                                ; no FS, no GS
        mov [tss_b + edx], ax
  .placed:
        call handlers_on
        call switch
        call handlers_off
        mov esi, [row]
        mov ebx, [esi + 56]
        mov ecx, [esi + 60]
        call compare
        CHECK_ROW dword [rec.htr], B
        movzx eax, byte [gdt + B + 5]
        and eax, 0f7h                                           ; of both sizes
        CHECK_ROW eax, 83h
        mov ecx, 8bh                                            ; busy: the old task of CALL, INT, exception
        mov edx, TSS
        mov ebp, F_NT
        mov eax, [method]
        cmp eax, M_JMP
        je .plain
        cmp eax, M_JMP_GATE
        je .plain
        cmp eax, M_IRET
        jne .nested
  .plain:
        mov ecx, 89h
        mov edx, 5555h
        xor ebp, ebp
  .nested:
        CHECK_ROW dword [old_type], ecx
        movzx eax, word [tss_b]
        CHECK_ROW eax, edx
        cmp dword [rec.vec], OK
        je .next
        mov eax, [tss_b + 36]
        cmp dword [wide], 0
        jne .flags
        movzx eax, word [tss_b + 16]
  .flags:
        and eax, F_NT
        CHECK_ROW eax, ebp
        mov eax, [want_eip]
        CHECK_ROW dword [tss.eip], eax
  .next:
        dec dword [wide]
        jz .after
        inc dword [method]
        cmp dword [method], METHODS
        jb .after_method
        add dword [row], NAME_SIZE + 16
        cmp dword [row], after_end
        jb .after_row
        jmp both

; EBX, ECX: vector and error code that must have come; ECX has EXT added for an exception. ESI: the row.
compare:
        cmp ebx, OK
        jne .fault
        CHECK_ROW dword [rec.vec], OK
        ret
  .fault:
        cmp dword [method], M_EXC
        jne .no_ext
        or ecx, 1
  .no_ext:
        mov eax, [rec.vec]
        shl eax, 16
        mov ax, [rec.err]
        shl ebx, 16
        or ebx, ecx
        CHECK_ROW eax, ebx
        ret

; The TRY of the method; then the lib's task is current again.
switch:
        TRY "task switch"
        mov eax, [method]
        jmp [.table + eax * 4]
  .jmp: mov dword [want_eip], .e1
        jmp far [pointer]
  .e1:  int OK
  .call:
        mov dword [want_eip], .e2
        call far [pointer]
  .e2:  int OK
  .jmp_gate:
        mov dword [want_eip], .e3
        jmp TGATE:0
  .e3:  int OK
  .call_gate:
        mov dword [want_eip], .e4
        call TGATE:0
  .e4:  int OK
  .int: mov dword [want_eip], .e5
        int VT
  .e5:  int OK
  .exc: mov dword [want_eip], .e6
  .e6:  ud2
  .iret:
        mov dword [want_eip], .e7
        push dword F_NT | 2
        popfd
        iretd
  .e7:  CAUGHT_ANY
        str eax
        cmp ax, TSS
        je .same
        mov [rec.htr], eax
        cmp dword [rec.vec], OK
        je .home
        movzx eax, word [link]
        mov [rec.htr], eax
  .home:
        movzx eax, byte [gdt + TSS + 5]
        mov [old_type], eax
        HOME
  .same:
        ret
  .table dd .jmp, .call, .jmp_gate, .call_gate, .int, .exc, .iret

; B as a fresh task that starts at EAX, of the size that `wide` says.
fresh:  pushad
        mov edi, tss_b
        mov edx, B_STACK
        call make_tss
        mov edx, 67h
        mov ecx, 89h
        mov ebx, DATA32
        cmp dword [wide], 0
        jne .descriptor
        push eax
        xor eax, eax
        mov ecx, 68h / 4
        rep stosd
        pop eax
        mov [tss_b + 14], ax
        mov word [tss_b + 16], 2
        mov word [tss_b + 26], B_STACK
        mov word [tss_b + 34], bx
        mov word [tss_b + 36], CODE32
        mov word [tss_b + 38], DATA16                           ; the upper half of ESP is not in a 16-bit TSS
        mov word [tss_b + 40], bx
        mov edx, 2bh
        mov ecx, 81h
  .descriptor:
        mov word [tss_b], 5555h
        mov eax, tss_b
        mov edi, gdt + B
        call make_descriptor
        popad
        ret

; What the method needs: the pointer, the gates, for IRET the link and the busy bit.
prepare:
        mov dword [pointer], 0
        mov word [pointer + 4], B
        mov word [gdt + TGATE + 2], B
        mov word [idt + VT * 8 + 2], B
        GATE idt + UD * 8, CODE32, stubs + UD * stub_size, 8eh
        cmp dword [method], M_EXC
        jne .no_exc
        GATE idt + UD * 8, B, 0, 85h
  .no_exc:
        cmp dword [method], M_IRET
        jne .end
        mov word [tss], B
        or byte [gdt + B + 5], 2
  .end: ret

; #TS, #NP, #SS and #GP through tasks.
handlers_on:
        pushad
        xor ebx, ebx
  .next:
        imul edi, ebx, 68h
        add edi, tss_d
        mov esi, handler_tss
        mov ecx, 68h / 4
        rep movsd
        lea eax, [edi - 68h]
        movzx ecx, byte [vectors + ebx]
        mov [eax + 40], ecx
        lea edi, [gdt + D + ebx * 8]
        mov edx, 67h
        push ecx
        mov ecx, 89h
        call make_descriptor
        pop ecx
        lea edi, [idt + ecx * 8]
        xor eax, eax
        lea edx, [D + ebx * 8]
        mov ecx, 85h
        call make_gate
        inc ebx
        cmp ebx, 4
        jb .next
        popad
        ret
handlers_off:
        GATE idt + TS * 8, CODE32, stubs + TS * stub_size, 8eh
        GATE idt + NP * 8, CODE32, stubs + NP * stub_size, 8eh
        GATE idt + SS_ * 8, CODE32, stubs + SS_ * stub_size, 8eh
        GATE idt + GP * 8, CODE32, stubs + GP * stub_size, 8eh
        GATE idt + UD * 8, CODE32, stubs + UD * stub_size, 8eh
        ret

; EAX: the vector; on the stack: the error code; the back link: the task that faulted.
handler_task:
        mov [rec.vec], eax
        pop dword [rec.err]
        str eax
        movzx eax, ax
        sub eax, D
        shr eax, 3
        imul eax, 68h
        mov ax, [tss_d + eax]
        mov [link], ax
        jmp resume

; Two things are wrong at once: the order is that of the table, "the order used in the P6 family processors".
%macro BOTH 7                   ; name, two fields with values, vector, error
        mov dword [method], M_JMP
        mov dword [wide], 1
        mov eax, never
        call fresh
        call prepare
        mov word [tss_b + 72 + (%2) * 4], %3
        mov word [tss_b + 72 + (%4) * 4], %5
        call handlers_on
        call switch
        call handlers_off
        mov eax, [rec.vec]
        shl eax, 16
        mov ax, [rec.err]
        CHECK %1, eax, (%6) << 16 | (%7)
%endmacro
both:   BOTH "LDT, CS: DPL", I_LDT, DATA32, I_CS, UCODE & ~3, TS, DATA32
        BOTH "LDT not present, CS: DPL", I_LDT, NPLDT, I_CS, UCODE & ~3, TS, UCODE & ~3
        BOTH "LDT not present, SS null", I_LDT, NPLDT, I_SS, 0, TS, 0
        BOTH "LDT not present, SS not present", I_LDT, NPLDT, I_SS, NPDATA, SS_, NPDATA
        BOTH "LDT not present, CS is data", I_LDT, NPLDT, I_CS, DATA32, TS, NPLDT
        BOTH "LDT not present, SS: RPL", I_LDT, NPLDT, I_SS, DATA32 | 3, TS, NPLDT
        BOTH "CS: DPL, SS not present", I_CS, UCODE & ~3, I_SS, NPDATA, TS, UCODE & ~3
        BOTH "CS null with RPL 3, SS of ring 0", I_CS, 3, I_SS, DATA32, TS, DATA32
        BOTH "CS null, SS not present", I_CS, 0, I_SS, NPDATA, SS_, NPDATA
        BOTH "CS not present, SS is code", I_CS, NPCODE, I_SS, CODE32, TS, CODE32
        BOTH "CS not present, SS: DPL", I_CS, NPCODE, I_SS, UDATA & ~3, TS, UDATA & ~3
        BOTH "CS not present, SS: RPL", I_CS, NPCODE, I_SS, DATA32 | 3, NP, NPCODE
        BOTH "SS: RPL, DS beyond the GDT", I_SS, DATA32 | 3, I_DS, GDT_SIZE, TS, DATA32
        BOTH "DS not present, EIP beyond the limit", I_CS, SMALL, I_DS, NPDATA, NP, NPDATA
        xor eax, eax
        lldt ax
        DONE

never:  int OK

        align 8
ldt:    dq 0, 0
handler_tss:
        STATIC_TSS handler_task, B_STACK - 400h
tss_b:  times 68h db 0
tss_d:  times 4 * 68h db 0
pointer dd 0
        dw 0
link    dw 0
row     dd 0
method  dd 0
wide    dd 0
saved   dd 0, 0
old_type dd 0
want_eip dd 0
narrow  db 34, 36, 38, 40, 0, 0, 42
vectors db TS, NP, SS_, GP

; name, selector, access byte (xor), limit (less), vector, error; for IRET
before_rows:
        BEFORE "TSS selector beyond the GDT", GDT_SIZE, 0, 0, GP, GDT_SIZE, TS, GDT_SIZE
        BEFORE "TSS descriptor in the LDT", 0ch, 0, 0, GP, 0ch, TS, 0ch
        BEFORE "TSS selector is null", 0, 0, 0, GP, 0, TS, 0
        BEFORE "TSS not present", B, 80h, 0, NP, B, NP, B
        BEFORE "TSS busy; for IRET not busy", B, 2, 0, GP, B, TS, B
        BEFORE "limit of the TSS below 67h or 2Bh", B, 0, 1, TS, B, TS, B
        BEFORE "the descriptor is an LDT or of no known type", B, 0bh, 0, GP, B, TS, B
before_end:
after_rows:
        AFTER "all is well", I_DS, DATA32, OK, 0
        AFTER "LDT beyond the GDT", I_LDT, GDT_SIZE, TS, GDT_SIZE
        AFTER "LDT in the LDT", I_LDT, 0ch, TS, 0ch
        AFTER "LDT is data", I_LDT, DATA32, TS, DATA32
        AFTER "LDT is a TSS", I_LDT, TSS, TS, TSS
        AFTER "LDT not present", I_LDT, NPLDT, TS, NPLDT
        AFTER "CS null", I_CS, 0, TS, 0
        AFTER "CS beyond the GDT", I_CS, GDT_SIZE, TS, GDT_SIZE
        AFTER "CS is data", I_CS, DATA32, TS, DATA32
        AFTER "CS is a system segment", I_CS, TSS, TS, TSS
        AFTER "CS: RPL is not DPL", I_CS, CODE32 | 3, TS, CODE32
        AFTER "CS: DPL above RPL", I_CS, UCODE & ~3, TS, UCODE & ~3
        AFTER "CS conforming, DPL above RPL", I_CS, CONF3, TS, CONF3
        AFTER "CS not present", I_CS, NPCODE, NP, NPCODE
        AFTER "EIP beyond the limit of CS", I_CS, SMALL, GP, 0
        AFTER "SS null", I_SS, 0, TS, 0
        AFTER "SS beyond the GDT", I_SS, GDT_SIZE, TS, GDT_SIZE
        AFTER "SS: RPL is not CPL", I_SS, DATA32 | 3, TS, DATA32
        AFTER "SS: DPL is not CPL", I_SS, UDATA & ~3, TS, UDATA & ~3
        AFTER "SS is code", I_SS, CODE32, TS, CODE32
        AFTER "SS is read-only", I_SS, RODATA, TS, RODATA
        AFTER "SS is a system segment", I_SS, TSS, TS, TSS
        AFTER "SS not present", I_SS, NPDATA, SS_, NPDATA
%macro DATA_ROWS 1
        AFTER "data segment beyond the GDT", %1, GDT_SIZE, TS, GDT_SIZE
        AFTER "data segment is a system segment", %1, TSS, TS, TSS
        AFTER "data segment is execute-only", %1, XCODE, TS, XCODE
        AFTER "data segment: RPL above DPL", %1, DATA32 | 3, TS, DATA32
        AFTER "data segment not present", %1, NPDATA, NP, NPDATA
        AFTER "data segment is conforming, RPL above DPL", %1, CONF0 | 3, OK, 0
        AFTER "data segment null", %1, 3, OK, 0
        AFTER "data segment read-only", %1, RODATA, OK, 0
%endmacro
        DATA_ROWS I_DS
        DATA_ROWS I_ES
        DATA_ROWS I_FS
        DATA_ROWS I_GS
after_end:
image_end:
