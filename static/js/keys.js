/* Keys for people who do this all day. An element says itself which key presses it:
 *
 *   data-key="1"              one key; several separated by commas: "f,/"
 *   data-key="g q"            first g, then q
 *   data-key="mod+enter"      Ctrl or Cmd with Enter; the only kind that works while typing
 *   data-key-focus="#panel"   where focus goes afterwards, so that the next key still works
 *   data-key-go="focus"       a link that its key leads to but does not follow; data-key-says="…" is read out
 *   data-key-label="…"        the words of the list of keys, when the element's own text does not do
 *
 * Buttons and links are clicked, fields are focused. Every key is also a visible control. With
 * data-shortcuts="off" on <body> only mod+enter is left: it needs a modifier, so WCAG 2.1.4 lets it be.
 * Keys are matched by what they write (event.key), because "/" is Shift+7 on Nordic keyboards.
 */
(() => {
  "use strict";

  const SEQUENCE_MS = 1500;
  const KEY_NAMES = { mod: "Ctrl", enter: "Enter", arrowleft: "←", arrowright: "→" };
  const TEXT_INPUTS = "input:not([type=checkbox], [type=radio], [type=button], [type=submit], [type=reset]), textarea, select";
  let prefix = "";
  let prefixTimer = 0;

  // What lies in closed details has a place on the page all the same, but cannot be seen.
  const visible = (element) =>
    element.getClientRects().length > 0 && !element.disabled && (!element.checkVisibility || element.checkVisibility());
  const shortcutsOff = () => document.body.dataset.shortcuts === "off";
  const keysOf = (element) => element.dataset.key.split(",").map((key) => key.trim());

  function isTyping(target) {
    return Boolean(target && target.closest && target.closest(`${TEXT_INPUTS}, [contenteditable=true]`));
  }

  function find(key) {
    for (const element of document.querySelectorAll("[data-key]")) {
      if (keysOf(element).includes(key) && visible(element)) return element;
    }
    return null;
  }

  function startsSequence(key) {
    return [...document.querySelectorAll("[data-key]")].some(
      (element) => visible(element) && keysOf(element).some((candidate) => candidate.startsWith(`${key} `)),
    );
  }

  function use(element) {
    // A key may come in the moment between a swap and htmx's look at it: without that look a link would
    // load the whole page anew.
    if (window.htmx) window.htmx.process(element);
    if (element.matches(TEXT_INPUTS)) {
      element.focus();
      if (element.select) element.select();
      return;
    }
    if (element.dataset.keyGo === "focus") {
      element.focus();
      document.dispatchEvent(new CustomEvent("kp:say", { detail: element.dataset.keySays }));
      return;
    }
    element.click();
    const next = element.dataset.keyFocus && document.querySelector(element.dataset.keyFocus);
    if (next) next.focus();
  }

  /* Without a "next" link on the page (the list alone, on a small screen) j and k walk the rows. */
  function walkRows(step) {
    const rows = [...document.querySelectorAll("[data-row]")].filter(visible);
    if (!rows.length) return false;
    const from = rows.findIndex((row) => row === document.activeElement);
    const start = from < 0 ? rows.findIndex((row) => row.hasAttribute("aria-current")) : from;
    const to = start < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, start + step));
    rows[to].focus();
    return true;
  }

  function openCurrentRow() {
    const row = document.querySelector("[data-row][aria-current]");
    if (!row || !visible(row) || document.activeElement !== document.body) return false;
    row.click();
    return true;
  }

  function press(name) {
    const element = find(name);
    if (element) {
      use(element);
      return true;
    }
    if (name === "j") return walkRows(1);
    if (name === "k") return walkRows(-1);
    if (name === "enter") return openCurrentRow();
    if (name === "?") return openHelp();
    return false;
  }

  function onKeydown(event) {
    if (event.defaultPrevented || event.isComposing || event.repeat) return;
    const key = event.key.length === 1 ? event.key : event.key.toLowerCase();
    if ((event.ctrlKey || event.metaKey) && !event.altKey && key === "enter") {
      if (press("mod+enter")) event.preventDefault();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (shortcutsOff() || isTyping(event.target) || document.querySelector("dialog[open]")) return;
    const name = prefix ? `${prefix} ${key}` : key;
    clearTimeout(prefixTimer);
    const wasSequence = Boolean(prefix);
    prefix = "";
    if (!wasSequence && startsSequence(key)) {
      prefix = key;
      prefixTimer = setTimeout(() => { prefix = ""; }, SEQUENCE_MS);
      event.preventDefault();
      return;
    }
    if (press(name)) event.preventDefault();
  }

  function keyName(key) {
    // A capital letter is how Shift and the letter arrive.
    if (/^\p{Lu}$/u.test(key)) return `Shift + ${key.toLowerCase()}`;
    return key.split("+").map((part) => KEY_NAMES[part] || part).join(" + ");
  }

  function labelOf(element) {
    if (element.dataset.keyLabel) return element.dataset.keyLabel;
    if (element.getAttribute("aria-label")) return element.getAttribute("aria-label");
    const words = ((element.labels && element.labels[0]) || element).cloneNode(true);
    for (const hint of words.querySelectorAll(".key-hint, .optional")) hint.remove();
    for (const line of words.querySelectorAll("br")) line.replaceWith(" – ");
    return words.textContent.replace(/\s+/g, " ").trim();
  }

  function openHelp() {
    const dialog = document.getElementById("keys-dialog");
    if (!dialog || dialog.open) return false;
    const list = dialog.querySelector("dl");
    list.replaceChildren();
    for (const element of document.querySelectorAll("[data-key]")) {
      // Of two that have the same key only the first is pressed by it.
      if (!visible(element) || !keysOf(element).some((key) => find(key) === element)) continue;
      const term = document.createElement("dt");
      keysOf(element).forEach((key) => {
        for (const part of key.split(" ")) {
          const kbd = document.createElement("kbd");
          kbd.textContent = keyName(part);
          term.append(kbd, " ");
        }
      });
      const words = document.createElement("dd");
      words.textContent = labelOf(element);
      list.append(term, words);
    }
    dialog.showModal();
    return true;
  }

  /* A sandboxed frame of our own origin runs no script, but lets its parent listen: without this the
   * keys die as soon as somebody clicks in the letter. */
  function listenInside(frame) {
    try {
      frame.contentDocument.addEventListener("keydown", onKeydown);
    } catch {
      // Another origin or no document: nothing to hear, and nothing that may be heard.
    }
  }

  document.addEventListener("keydown", onKeydown);
  document.addEventListener("kp:letter-loaded", (event) => listenInside(event.target));
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-open-keys]")) openHelp();
  });
})();
