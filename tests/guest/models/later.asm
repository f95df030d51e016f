; later.asm - what tells a 386 and its successors apart: models.sh has the answers.
; Follows: Intel AP-485 "Processor Identification and the CPUID Instruction"; 80386 and i486 manuals, "Testing"; Intel SDM Vol. 3B
; "Architecture Compatibility".
%include "rom.inc"
        cpu 686
        ROM_START
        TRY "dx_at_reset", mov ax, bp
        TRY "ac_id", call ac_id
        TRY "div_flags", call div_flags
        TRY "wp", call wp
        TRY "ne", call ne
        TRY "bswap", bswap ebx
        TRY "cmpxchg", db 0fh, 0b0h, 0c3h
        TRY "xadd", xadd bl, bl
        TRY "invd", invd
        TRY "cpuid", call cpuid_max
        TRY "features", call features
        TRY "rdtsc", call rdtsc_twice
        TRY "cmpxchg8b", call compare8
        TRY "cmov", cmovc bx, cx
        TRY "mov_cr4", call cr4_
        TRY "rsm", db 0fh, 0aah
        TRY "ud2", ud2
        TRY "emms", emms
        TRY "rdpmc", call counter
        TRY "tr3", db 0fh, 24h, 0d8h
        TRY "tr6_tr7", call tlb_test
        TRY "tlb_miss", call tlb_miss
        TRY "cache_test", call cache_test
        TRY "cache_flush", call cache_flush
        ROM_END

ac_id:  pushfd
        pop ebx
        mov eax, ebx
        xor eax, 240000h
        push eax
        popfd
        pushfd
        pop eax
        push ebx
        popfd
        xor eax, ebx
        shr eax, 16
        ret

div_flags:
        xor ax, ax
        sahf
        mov ax, 5
        mov bx, 2
        div bl
        lahf
        mov al, 0
        ret

wp:     mov eax, cr0
        mov ebx, eax
        or eax, 10000h
        mov cr0, eax
        mov eax, cr0
        mov cr0, ebx
        shr eax, 16
        and ax, 1
        ret

ne:     mov eax, cr0
        mov ebx, eax
        or eax, 20h
        mov cr0, eax
        mov eax, cr0
        mov cr0, ebx
        and ax, 20h
        ret

cpuid_max:
        xor eax, eax
        cpuid
        ret

features:
        mov eax, 1
        cpuid
        mov ax, dx
        ret

rdtsc_twice:
        rdtsc
        mov ebx, eax
        rdtsc
        sub eax, ebx
        mov ax, 0
        adc ax, 0                       ; it went on
        ret

compare8:
        mov dword [700h], 1
        mov dword [704h], 2
        mov eax, 1
        mov edx, 2
        mov ebx, 3
        mov ecx, 4
        cmpxchg8b [700h]
        mov ax, [700h]
        ret

cr4_:   mov eax, cr4
        ret

counter:
        mov ecx, 0
        rdpmc
        mov ax, 0
        ret

; Write an entry of the TLB (linear 12345000h, physical 6789A000h, block 2), and look it up.
tlb_test:
        mov eax, 6789a018h
        db 0fh, 26h, 0f8h               ; MOV TR7, EAX
        mov eax, 12345d40h              ; valid, dirty, not user, writable
        db 0fh, 26h, 0f0h               ; MOV TR6, EAX
        xor eax, eax
        db 0fh, 26h, 0f8h
        mov eax, 12345d41h
        db 0fh, 26h, 0f0h
        db 0fh, 24h, 0f8h               ; MOV EAX, TR7
        mov bx, ax
        shr eax, 16
        sub ax, 6789h
        add ax, bx                      ; A018h
        ret

tlb_miss:
        mov eax, 12345da1h              ; the same, but asked for a user's
        db 0fh, 26h, 0f0h
        db 0fh, 24h, 0f8h
        and ax, 10h
        ret

; Fill buffer word 1, written to set 5, entry 3; read back.
cache_test:
        mov eax, 4
        db 0fh, 26h, 0e8h               ; MOV TR5, EAX: word 1
        mov eax, 0beefh
        db 0fh, 26h, 0d8h               ; MOV TR3, EAX
        mov eax, 0abcd400h
        db 0fh, 26h, 0e0h               ; MOV TR4, EAX: tag, valid
        mov eax, 5dh
        db 0fh, 26h, 0e8h               ; write
        xor eax, eax
        db 0fh, 26h, 0e0h
        mov eax, 5eh
        db 0fh, 26h, 0e8h               ; read
        mov eax, 4
        db 0fh, 26h, 0e8h
        db 0fh, 24h, 0d8h               ; MOV EAX, TR3
        ret

cache_flush:
        mov eax, 3
        db 0fh, 26h, 0e8h
        mov eax, 5eh
        db 0fh, 26h, 0e8h
        db 0fh, 24h, 0e0h               ; MOV EAX, TR4: nothing is valid
        and ax, 478h
        ret
        ROM_PAD
