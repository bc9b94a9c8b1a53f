// A till in this page: its screen is painted by xterm.js, its keys go by a socket. Keys are numbered, so that those that
// a cut swallowed are sent again, and taken once.

const part = (id) => document.getElementById(id);
const [status, field, notice, words, again, starting] = ["status", "field", "notice", "words", "again", "starting"].map(part);
const WORDS = JSON.parse(document.body.dataset.words); // by their English
const inWords = (sentence) => WORDS[sentence] || sentence;
field.placeholder = inWords("Type here");
field.setAttribute("aria-label", field.placeholder);
part("keys").setAttribute("aria-label", inWords("Keys"));

const ESC = "\x1b";
const KEYS = {
  Escape: ESC, ArrowUp: `${ESC}[A`, ArrowDown: `${ESC}[B`, Tab: "\t", Backspace: "\x7f",
  PageUp: `${ESC}[5~`, PageDown: `${ESC}[6~`,
  ArrowRight: `${ESC}[C`, ArrowLeft: `${ESC}[D`, Home: `${ESC}[H`, End: `${ESC}[F`, Delete: `${ESC}[3~`,
};
[..."PQRS"].forEach((letter, at) => { KEYS[`F${at + 1}`] = `${ESC}O${letter}`; });
[15, 17, 18, 19, 20, 21, 23, 24].forEach((code, at) => { KEYS[`F${at + 5}`] = `${ESC}[${code}~`; });
// Those that the field itself takes while words are in it.
const OF_FIELD = new Set(["Backspace", "ArrowRight", "ArrowLeft", "Home", "End", "Delete"]);
const NAMES = { Escape: "Esc", ArrowUp: "↑", ArrowDown: "↓", Backspace: "⌫" };
const BAR = ["Escape", "ArrowUp", "ArrowDown", "Tab", "Backspace", ...Array.from({ length: 12 }, (_, at) => `F${at + 1}`)];

const SILENCE_MS = 12000; // the server is heard every five seconds
const UNANSWERED_MS = 4000;
const PIECE = 500;
const [COLUMNS, ROWS, SMALLEST, LARGEST] = [40, 22, 6, 16];

// The socket.

const load = crypto.randomUUID();
let socket = null;
let isOpen = false; // keys are taken
let isOver = false; // the till has ended
let run = "";
let number = 0;
let sent = []; // keys without an answer: {number, keys, at}
let heardAt = 0;
let failures = 0;
let timer = 0;

function connect(start = false) {
  clearTimeout(timer);
  drop();
  heardAt = Date.now();
  const own = new WebSocket(`${location.origin.replace(/^http/, "ws")}/till`);
  socket = own;
  own.binaryType = "arraybuffer";
  own.onopen = () => own.send(JSON.stringify({ load, run, start, columns: screen.cols, rows: screen.rows }));
  own.onmessage = ({ data }) => {
    heardAt = Date.now();
    if (typeof data === "string") hear(JSON.parse(data));
    else screen.write(new Uint8Array(data));
  };
  own.onclose = ({ code }) => cut(code);
}

function drop() {
  isOpen = false;
  if (!socket) return;
  socket.onclose = socket.onmessage = socket.onopen = null;
  socket.close();
  socket = null;
}

function cut(code = 0) {
  drop();
  document.body.classList.add("cut");
  if (code === 4001) {
    ask(inWords("This till is open in another window."), inWords("Use it here"));
  } else if (code === 4002) {
    location.reload();
  } else {
    failures += 1;
    say(inWords("No connection: no key is taken."));
    timer = setTimeout(connect, Math.min(8000, 125 * 2 ** failures) * (0.75 + Math.random() / 2));
    if (failures > 1) findReason();
  }
}

async function findReason() {
  try {
    const answer = await fetch("/way-in", { cache: "no-store" });
    if (answer.status === 403) location.reload();
    else if (failures > 2 && !isOpen) {
      say(inWords("This page came, but its socket is refused. Does this phone trust the venue's certificate? Install /ca.crt."));
    }
  } catch {
    // the server is away: the next try tells
  }
}

function hear(message) {
  if (message.version !== undefined && message.version !== document.body.dataset.version) {
    lose(sent);
    location.reload();
    return;
  }
  if (message.taken !== undefined) sent = sent.filter((one) => one.number > message.taken || run !== (message.run ?? run));
  if (message.run !== undefined) begin(message);
  if (message.ended) {
    isOver = starting.hidden = true;
    ask(message.words || inWords("This till was closed."), inWords(message.words ? "Try again" : "Start again"));
    lose(sent);
    sent = [];
  }
}

function begin(message) {
  const isSame = run === message.run;
  if (!isSame) {
    screen.reset();
    starting.hidden = false;
    field.value = typed = "";
  }
  if (sent.length && (!isSame || sent[0].number !== message.taken + 1)) {
    lose(sent);
    sent = [];
  }
  run = message.run;
  number = message.taken + sent.length;
  failures = 0;
  isOpen = true;
  isOver = false;
  notice.hidden = true;
  document.body.classList.remove("cut");
  say("");
  tellLost();
  sent.forEach(transmit);
}

function transmit(one) {
  one.at = Date.now();
  socket.send(JSON.stringify({ number: one.number, keys: one.keys }));
}

function send(keys) {
  if (!isOpen || isOver) {
    navigator.vibrate?.(50);
    return false;
  }
  tellLost("");
  const letters = Array.from(keys);
  for (let at = 0; at < letters.length; at += PIECE) {
    const one = { number: (number += 1), keys: letters.slice(at, at + PIECE).join("") };
    sent.push(one);
    transmit(one);
  }
  return true;
}

function look() {
  const now = Date.now();
  if (socket && (now - heardAt > SILENCE_MS || (isOpen && sent.length && now - sent[0].at > UNANSWERED_MS))) cut();
}

function tryNow() {
  look();
  if (!isOpen && !socket && notice.hidden) connect();
}

// What the page says.

function say(sentence) {
  status.hidden = !sentence;
  if (status.textContent !== sentence) status.textContent = sentence;
}

function ask(sentence, button) {
  words.textContent = sentence;
  again.textContent = button;
  notice.hidden = false;
}

// The keys of another run are not sent to this one. Their names are kept over a load of the page, without digits and the
// places of taps: a PIN may be among them.
function lose(keys) {
  const names = Object.fromEntries(Object.entries(KEYS).map(([name, sequence]) => [sequence, `[${NAMES[name] || name}]`]));
  names["\r"] = "[Enter]";
  const hide = (text) => text.replace(/(\x1b\[<[\d;]+[Mm])+/g, "[tap]").replace(/\d/g, "•").replaceAll("\x7f", "⌫");
  const text = keys.map((one) => names[one.keys] || hide(one.keys)).join("");
  if (text) sessionStorage.setItem("lost", (sessionStorage.getItem("lost") || "") + text);
}

function tellLost(sentence = sessionStorage.getItem("lost")) {
  if (sentence) say(inWords("Not sent: {keys}").replace("{keys}", () => sentence));
  else if (sessionStorage.getItem("lost")) {
    sessionStorage.removeItem("lost");
    say("");
  }
}

again.addEventListener("click", () => {
  notice.hidden = true;
  field.focus();
  if (isOpen) socket.send(JSON.stringify({ load, start: true }));
  else connect(isOver);
});

// The terminal.

const screen = new Terminal({
  cols: COLUMNS,
  rows: ROWS,
  scrollback: 0,
  fontSize: 16,
  fontFamily: 'ui-monospace, Menlo, "DejaVu Sans Mono", "Roboto Mono", monospace',
  cursorInactiveStyle: "none",
  theme: { background: "#101418" },
});
screen.open(part("terminal"));
screen.textarea.disabled = true; // its own way to take keys doubles words that a soft keyboard composes
screen.onData((answer) => answer === `${ESC}[O` || send(answer)); // it never has the focus, which the field has

screen.onWriteParsed(() => { starting.hidden ||= Boolean(text().trim()); });

const text = () => Array.from({ length: screen.rows }, (_, y) => screen.buffer.active.getLine(y)?.translateToString(true, 0, screen.cols) ?? "").join("\n");

const cell = () => {
  const box = document.querySelector(".xterm-screen").getBoundingClientRect();
  return { left: box.left, top: box.top, width: box.width / screen.cols, height: box.height / screen.rows };
};

// The largest letters with which a phone has 40 columns and 22 rows.
function fit() {
  document.body.style.height = `${visualViewport.height}px`;
  const box = part("terminal").getBoundingClientRect();
  Object.assign(part("touch").style, { top: `${box.top}px`, left: 0, width: `${box.width}px`, height: `${box.height}px` });
  if (box.width < 1 || box.height < 1) return;
  const { width, height } = cell();
  const own = screen.options.fontSize;
  let size = Math.floor(Math.min((box.width / COLUMNS / width) * own, (box.height / ROWS / height) * own));
  size = Math.max(SMALLEST, Math.min(LARGEST, size));
  let [columns, rows] = [0, 0];
  do {
    screen.options.fontSize = size;
    const now = cell();
    [columns, rows] = [Math.floor(box.width / now.width), Math.floor(box.height / now.height)];
    size -= 1;
  } while (size >= SMALLEST && (columns < COLUMNS || rows < ROWS));
  if (columns === screen.cols && rows === screen.rows) return;
  screen.resize(Math.max(columns, 2), Math.max(rows, 2));
  if (isOpen) socket.send(JSON.stringify({ columns: screen.cols, rows: screen.rows }));
}

// Fingers: a tap is a click, a swipe is the wheel.

let finger = null;

function point(event, button, isRelease = false) {
  if (screen.modes.mouseTrackingMode === "none") return "";
  const { left, top, width, height } = cell();
  const [x, y] = [Math.floor((event.clientX - left) / width) + 1, Math.floor((event.clientY - top) / height) + 1];
  if (x < 1 || y < 1 || x > screen.cols || y > screen.rows) return "";
  return `${ESC}[<${button};${x};${y}${isRelease ? "m" : "M"}`;
}

const turn = (event, isDown) => send(point(event, isDown ? 65 : 64));
const touch = part("touch");
touch.addEventListener("pointerdown", (event) => {
  finger = { y: event.clientY, hasMoved: false };
  touch.setPointerCapture(event.pointerId);
  event.preventDefault();
});
touch.addEventListener("pointermove", (event) => {
  if (!finger) return;
  const { height } = cell();
  while (Math.abs(event.clientY - finger.y) >= height) {
    const isDown = event.clientY < finger.y; // a finger that goes up pulls the rows below into sight
    finger.y += isDown ? -height : height;
    finger.hasMoved = true;
    turn(event, isDown);
  }
});
touch.addEventListener("pointerup", (event) => {
  if (finger && !finger.hasMoved) press(point(event, 0) + point(event, 0, true));
  finger = null;
});
touch.addEventListener("pointercancel", () => { finger = null; });
touch.addEventListener("wheel", (event) => turn(event, event.deltaY > 0), { passive: true });
touch.addEventListener("mousedown", (event) => event.preventDefault());

// Words: each change of the field goes as backspaces and new text, also while a keyboard composes.

let typed = "";

function type() {
  const [before, after] = [Array.from(typed), Array.from(field.value)];
  let same = 0;
  while (same < before.length && before[same] === after[same]) same += 1;
  const keys = KEYS.Backspace.repeat(before.length - same) + after.slice(same).join("");
  if (!keys || send(keys)) typed = field.value;
  else field.value = typed;
}

function press(keys) {
  if (keys && send(keys)) field.value = typed = "";
}

field.addEventListener("input", type);
part("entry").addEventListener("submit", (event) => {
  event.preventDefault();
  type();
  press("\r");
});
part("enter").addEventListener("pointerdown", (event) => event.preventDefault()); // the soft keyboard stays
document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.altKey || event.metaKey || !notice.hidden) return;
  field.focus();
  const letter = event.key.length === 1 ? event.key.toLowerCase() : "";
  let keys = "";
  if (event.ctrlKey && /[abd-uwyz]/.test(letter)) keys = String.fromCharCode(letter.charCodeAt(0) - 96);
  else if (!event.ctrlKey && !(OF_FIELD.has(event.key) && field.value)) keys = KEYS[event.key] || "";
  if (!keys) return;
  event.preventDefault();
  press(keys);
});
for (const name of BAR) {
  const button = document.createElement("button");
  button.type = "button";
  button.id = `key-${NAMES[name] ? name.toLowerCase() : name}`;
  button.textContent = NAMES[name] || name;
  button.addEventListener("mousedown", (event) => event.preventDefault());
  button.addEventListener("click", () => press(KEYS[name]));
  part("keys").append(button);
}

addEventListener("online", tryNow);
addEventListener("pageshow", tryNow);
document.addEventListener("visibilitychange", () => document.hidden || tryNow());
new ResizeObserver(fit).observe(part("terminal"));
visualViewport.addEventListener("resize", fit);
setInterval(look, 1000);
fit();
field.focus();
connect();

// For tests: the screen, what is on its way, and a cut.
window.till = {
  screen,
  cut: () => socket?.close(),
  text,
  get state() {
    return { load, run, number, unanswered: sent.length, isOpen, isOver };
  },
};
