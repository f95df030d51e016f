# gdb -x modes.gdb: code is shown as the processor would take it, 16 or 32 bits, at each stop.
set $shown_bits = 0
define hook-stop
  if $_thread
    if $shown_bits != $code_bits
      set $shown_bits = $code_bits
      if $code_bits == 16
        set architecture i8086
      else
        set architecture i386
      end
    end
  end
end
