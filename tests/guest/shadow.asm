; shadow.asm - where interrupts come around STI, CLI, POPF and loads of segment registers, whatever an emulator takes together: a
; counter runs out at all places of long rows of them; and what stands behind a load of a segment register uses it.
; Follows: Intel SDM Vol. 2 "STI" (interrupts come after the next instruction), "CLI", "POPF", "MOV" (a load of SS holds them off up to
; the end of the next instruction); Vol. 3A "Single-Step Exception Condition"; Intel 8254 data sheet.
%define GUEST "shadow"
%include "lib.inc"
%include "board.inc"

BASED   equ FREE                ; data from FREE_HIGH on
SMALL   equ FREE + 8            ; 16 bytes from FREE_HIGH + 4 on
ROWS    equ 100                 ; in a sled
COUNTS  equ 120                 ; the counter runs out after each of these counts and as many instructions
PAGE    equ 1000h

; The counter's output rises after so many counts, IRQ 0 alone is open. AX and ECX are lost.
%macro TICK_AFTER_COUNT 0
        mov al, 30h
        out 43h, al
        mov ax, [count]
        out 40h, al
        mov al, ah
        out 40h, al
        mov al, 0feh
        out 21h, al
        mov ecx, [count]
        loop $
%endmacro
%macro EACH_COUNT 0
  %push count
        mov dword [count], 1
  %$more:
%endmacro
%macro NEXT_COUNT 0
        call end_irq
        inc dword [count]
        cmp dword [count], COUNTS
        jne near %$more
  %pop count
%endmacro
; SLED name, row, first: the interrupt comes from the byte `first` of a row on, which is a macro; the last instruction of a row closes IF.
; ES, DX and EDI: as the rows want them.
%macro SLED 3
        EACH_COUNT
        TRY %1
        TICK_AFTER_COUNT
        xor ebx, ebx
        mov eax, DATA32
        mov edx, BASED
  %%sled:
  %rep ROWS
        %2
  %endrep
  %%behind:
        jmp %%sled
        CAUGHT IRQ0, NONE
        mov eax, [rec.eip]
        sub eax, %%sled
        xor edx, edx
        mov ecx, (%%behind - %%sled) / ROWS
        div ecx
        xor ecx, ecx
        cmp edx, %3
        setae cl
        CHECK "place in the row", ecx, 1
        NEXT_COUNT
%endmacro
%macro ROW_STI 0
        sti
        inc ebx
        cli
%endmacro
%macro ROW_STI_SS 0
        sti
        mov ss, ax
        inc ebx
        cli
%endmacro
%macro ROW_STI_DS 0             ; another mode, and back
        sti
        mov ds, dx
        mov ds, ax
        cli
%endmacro
%macro ROW_POPF 0
        push dword F_IF | 2
        popfd
        cli
%endmacro
%macro ROW_POP_SS 0
        push eax
        sti
        pop ss
        inc ebx
        cli
%endmacro

main:
        DESC BASED, FREE_HIGH, 0fffffh, A_DATA | A_4K
        DESC SMALL, FREE_HIGH + 4, 0fh, A_DATA
        mov dword [FREE_HIGH], 11111111h
        mov dword [FREE_HIGH + 4], 22222222h

        ; ---- an interrupt that comes at any time ----
        SLED "STI, INC, CLI", ROW_STI, 2
        SLED "STI, MOV SS, INC, CLI", ROW_STI_SS, 4
        SLED "STI, MOV DS, MOV DS, CLI", ROW_STI_DS, 3
        SLED "POPFD, CLI", ROW_POPF, 6
        SLED "STI, POP SS, INC, CLI", ROW_POP_SS, 4
        EACH_COUNT
        TRY "STI, CLI: none between"
        TICK_AFTER_COUNT
  %rep ROWS
        sti
        cli
  %endrep
        CAUGHT OK, NONE
        TRY "and it is not lost"
        sti
        jmp $
        CAUGHT IRQ0, NONE
        NEXT_COUNT

        ; ---- one that comes of the next instruction, and faults of it ----
        call one_tick
        MASKS 0ffh, 0ffh
        TRY "STI, and an OUT that lets it come: after the OUT"
        xor ebx, ebx
        mov al, 0feh
        sti
        out 21h, al
        AT
        inc ebx
        CAUGHT IRQ0, NONE
        call end_irq
        TRY "STI, and a fault"
        sti
        AT
        ud2
        CAUGHT UD, NONE
        CHECK_BITS "IF in the image", [rec.eflags], F_IF, F_IF
        call one_tick
        TRY "STI, and a fault, while one waits"
        sti
        AT
        ud2
        CAUGHT UD, NONE
        CHECK_BITS "IF in the image", [rec.eflags], F_IF, F_IF
        call end_irq
        call one_tick
        TRY "STI, STI: the second has no shadow"
        xor ebx, ebx
        sti
        sti
        AT
        inc ebx
        CAUGHT IRQ0, NONE
        call end_irq

        ; ---- the last bytes of a page ----
        call one_tick
        TRY "STI ends the page"
        xor ebx, ebx
        jmp .end_sti
        times (2 * PAGE - ($ - $$ + 7c00h) % PAGE - 1) % PAGE nop
.end_sti:
        sti
        inc ebx
        AT
        inc ebx
        CAUGHT IRQ0, NONE
        CHECK "EBX", dword [rec.ebx], 1
        call end_irq
        call one_tick
        TRY "MOV SS ends the page"
        xor ebx, ebx
        mov eax, DATA32
        jmp .end_ss
        times (2 * PAGE - ($ - $$ + 7c00h) % PAGE - 3) % PAGE nop
.end_ss:
        sti
        mov ss, ax
        inc ebx
        AT
        inc ebx
        CAUGHT IRQ0, NONE
        CHECK "EBX", dword [rec.ebx], 1
        call end_irq

        ; ---- TF ----
        TRY "POPFD sets TF: after the next instruction"
        xor ebx, ebx
        push dword F_TF | 2
        popfd
        inc ebx
        AT
        inc ebx
        CAUGHT DB_, NONE
        CHECK "EBX", dword [rec.ebx], 1

        ; ---- what a segment register was loaded with ----
        TRY "DS, three times in a row"
        mov eax, BASED
        mov ecx, SMALL
        mov edx, DATA32
        mov ds, ax
        mov ebx, [0]
        mov ds, cx
        mov esi, [0]
        mov ds, dx
        mov edi, [FREE_HIGH]
        CAUGHT OK, NONE
        CHECK "base", dword [rec.ebx], 11111111h
        CHECK "another base", dword [rec.esi], 22222222h
        CHECK "none", dword [rec.edi], 11111111h
        TRY "behind the load: its limit"
        mov ecx, SMALL
        mov ds, cx
        mov ebx, [0ch]
        AT
        mov ebx, [0dh]
        CAUGHT GP, 0
        TRY "behind the load: null"
        xor ecx, ecx
        push ecx
        pop es
        AT
        mov ebx, [es:0]
        CAUGHT GP, 0
        TRY "the load itself"
        mov ecx, DATA32
        mov es, cx
        mov ecx, GDT_SIZE
        AT
        mov es, cx
        CAUGHT GP, GDT_SIZE
        TRY "LFS, LGS"
        mov dword [FREE_LOW], 0
        mov word [FREE_LOW + 4], BASED
        lfs esi, [FREE_LOW]
        mov ebx, [fs:esi]
        mov word [FREE_LOW + 4], SMALL
        lgs edi, [FREE_LOW]
        mov ecx, [gs:edi]
        CAUGHT OK, NONE
        CHECK "FS", dword [rec.ebx], 11111111h
        CHECK "GS", dword [rec.ecx], 22222222h
        DONE

count   dd 0
image_end:
