// keyboard.mjs - keys as the machine has them: USB HID usage codes (HID Usage Tables, "Keyboard/Keypad Page"), from the codes of the
// browser (UI Events KeyboardEvent code Values) and from a keyboard on the screen.

const row = (from, names) => names.map((name, k) => [name, from + k]);
export const USAGE = Object.fromEntries([
  ...row(0x04, [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'].map(c => 'Key' + c)),
  ...row(0x1e, [...'1234567890'].map(c => 'Digit' + c)),
  ...row(0x28, ['Enter', 'Escape', 'Backspace', 'Tab', 'Space', 'Minus', 'Equal', 'BracketLeft', 'BracketRight', 'Backslash']),
  ...row(0x33, ['Semicolon', 'Quote', 'Backquote', 'Comma', 'Period', 'Slash', 'CapsLock']),
  ...row(0x3a, Array.from({ length: 12 }, (_, k) => `F${k + 1}`)),
  ...row(0x46, ['PrintScreen', 'ScrollLock', 'Pause', 'Insert', 'Home', 'PageUp', 'Delete', 'End', 'PageDown', 'ArrowRight', 'ArrowLeft',
    'ArrowDown', 'ArrowUp', 'NumLock', 'NumpadDivide', 'NumpadMultiply', 'NumpadSubtract', 'NumpadAdd', 'NumpadEnter']),
  ...row(0x59, [1, 2, 3, 4, 5, 6, 7, 8, 9, 0].map(n => 'Numpad' + n)),
  ...row(0x63, ['NumpadDecimal', 'IntlBackslash', 'ContextMenu']),
  ...row(0xe0, ['ControlLeft', 'ShiftLeft', 'AltLeft', 'MetaLeft', 'ControlRight', 'ShiftRight', 'AltRight', 'MetaRight']),
]);

// By character: what the person's own layout makes of a key is typed as on a US keyboard. A text for Vitrine.type(), or null for keys
// that write nothing, which go by their place.
export function typed(event) {
  if (event.key.length !== 1 || event.ctrlKey !== event.getModifierState('AltGraph') && event.ctrlKey || event.metaKey) return null;
  return event.key === '\\' || event.key === '<' ? '\\' + event.key : event.key;
}

const LABELS = {
  Escape: 'Esc', Backspace: '⌫', Tab: 'Tab', Enter: 'Enter', CapsLock: 'Caps', ShiftLeft: 'Shift', ShiftRight: 'Shift', ControlLeft: 'Ctrl',
  AltLeft: 'Alt', AltRight: 'AltGr', Space: ' ', ArrowLeft: '←', ArrowUp: '↑', ArrowDown: '↓', ArrowRight: '→', Delete: 'Del', Insert: 'Ins',
  Minus: '-', Equal: '=', BracketLeft: '[', BracketRight: ']', Backslash: '\\', Semicolon: ';', Quote: "'", Backquote: '`', Comma: ',',
  Period: '.', Slash: '/', PageUp: 'PgUp', PageDown: 'PgDn', PrintScreen: 'Print', ScrollLock: 'Scroll',
  NumLock: 'Num',
};
// What is printed on the keys of other countries, where it differs: the guest's driver decides what they write.
const COUNTRIES = {
  us: {},
  de: { KeyY: 'Z', KeyZ: 'Y', Minus: 'ß', Equal: '´', BracketLeft: 'Ü', BracketRight: '+', Semicolon: 'Ö', Quote: 'Ä', Backquote: '^', Backslash: '#',
    Slash: '-' },
  fr: { KeyQ: 'A', KeyA: 'Q', KeyW: 'Z', KeyZ: 'W', Semicolon: 'M', KeyM: ',', Comma: ';', Period: ':', Slash: '!', Minus: ')', Digit1: '&', Digit2: 'é',
    Digit3: '"', Digit4: "'", Digit5: '(', Digit6: '-', Digit7: 'è', Digit8: '_', Digit9: 'ç', Digit0: 'à', Quote: 'ù', BracketLeft: '^', BracketRight: '$' },
};
const ROWS = [
  'Escape F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 F11 F12 Delete',
  'Backquote Digit1 Digit2 Digit3 Digit4 Digit5 Digit6 Digit7 Digit8 Digit9 Digit0 Minus Equal Backspace',
  'Tab KeyQ KeyW KeyE KeyR KeyT KeyY KeyU KeyI KeyO KeyP BracketLeft BracketRight Backslash',
  'CapsLock KeyA KeyS KeyD KeyF KeyG KeyH KeyJ KeyK KeyL Semicolon Quote Enter',
  'ShiftLeft KeyZ KeyX KeyC KeyV KeyB KeyN KeyM Comma Period Slash ArrowUp ShiftRight',
  'ControlLeft AltLeft Space AltRight ArrowLeft ArrowDown ArrowRight',
  'Insert Home End PageUp PageDown PrintScreen ScrollLock Pause NumLock',
].map(line => line.split(' '));
const HELD = /^(Shift|Control|Alt)/, WIDE = /^(Backspace|Tab|CapsLock|Enter|Shift|Control|AltRight)/;

// A keyboard in `place`; key(usage, down). A modifier stays down until the next key is up.
export function keyboardOn(place, key, country = 'us') {
  const held = new Map();
  const release = () => {
    for (const [usage, button] of held) {
      key(usage, false);
      button.classList.remove('down');
    }
    held.clear();
  };
  const label = code => COUNTRIES[country][code] ?? LABELS[code] ?? code.replace(/^(Key|Digit)/, '');
  const choice = document.createElement('select');
  choice.append(...Object.keys(COUNTRIES).map(name => new Option(name, name, false, name === country)));
  choice.setAttribute('aria-label', 'country of the keys');
  choice.onchange = () => keyboardOn(place, key, choice.value);
  place.replaceChildren(choice, ...ROWS.map(codes => {
    const line = document.createElement('div');
    line.append(...codes.map(code => {
      const button = document.createElement('button'), usage = USAGE[code];
      button.textContent = label(code);
      button.dataset.code = code;
      button.className = code === 'Space' ? 'space' : WIDE.test(code) ? 'wide' : '';
      button.addEventListener('pointerdown', event => {
        event.preventDefault();
        if (HELD.test(code) && held.has(usage)) return release();
        if (HELD.test(code)) held.set(usage, button);
        button.classList.add('down');
        key(usage, true);
      });
      const up = () => {
        if (HELD.test(code) || !button.classList.contains('down')) return;
        button.classList.remove('down');
        key(usage, false);
        release();
      };
      button.addEventListener('pointerup', up);
      button.addEventListener('pointerleave', up);
      return button;
    }));
    return line;
  }));
}
