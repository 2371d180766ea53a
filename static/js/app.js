/* What pages gain when scripts run: focus that survives a swap, words for the status region, a letter
 * frame of the letter's own height, an undo that says once when it is over. Nothing depends on it.
 *
 *   data-keep-scroll           (with an id) keeps its scrolling when swapped, its current row in sight
 *   data-focus                 takes focus after a swap (else the first h1[tabindex="-1"] in it)
 *   data-focus-if-lost="#field"  around what is swapped: focused when the swap took focus away
 *   data-announce="…"          words for the status region when the element arrives in a swap
 *   iframe[data-letter]        grows to the height of the letter
 *   data-undo-seconds="18"     holds [data-undo-open] (the undo) and [data-undo-over] (hidden: what
 *                              can be done instead); data-undo-over-text is announced at the end
 *   data-show-password="id"    hidden button that shows the password; data-label-hide for its other text
 */
(() => {
  "use strict";

  const BUSY_AFTER_MS = 400;
  const LETTER_MAX_PX = 20000;
  const status = () => document.getElementById("status");
  const words = (name) => document.body.dataset[name] || "";

  function announce(text) {
    const region = status();
    if (!region || !text) return;
    region.textContent = "";
    // Emptied first, or the same sentence twice is read only once.
    requestAnimationFrame(() => { region.textContent = text; });
  }

  /* Focus */
  function focusTarget(root) {
    const all = (selector) => (root.matches && root.matches(selector) ? root : root.querySelector(selector));
    return all("[data-focus]") || all('h1[tabindex="-1"]');
  }

  function focusIn(root) {
    const target = root && focusTarget(root);
    if (!target) return false;
    if (!target.hasAttribute("tabindex") && target.tabIndex < 0) target.setAttribute("tabindex", "-1");
    target.focus();
    return true;
  }

  function startedByPerson(detail) {
    const event = detail.requestConfig && detail.requestConfig.triggeringEvent;
    return Boolean(event && ["click", "submit", "keydown", "change"].includes(event.type));
  }

  /* The letter's frame */
  function fitLetter(frame) {
    let letter;
    try {
      letter = frame.contentDocument;
    } catch {
      return;
    }
    if (!letter || !letter.body) return;
    // Measured small, so that a letter of "100vh" is not as high as the frame was before.
    frame.style.height = "1px";
    const root = letter.documentElement;
    const sideways = root.scrollWidth > root.clientWidth ? 20 : 0;
    const height = Math.max(root.scrollHeight, letter.body.scrollHeight) + sideways + 4;
    frame.style.height = `${Math.min(height, LETTER_MAX_PX)}px`;
  }

  function prepareLetter(frame) {
    const loaded = () => {
      fitLetter(frame);
      frame.dispatchEvent(new CustomEvent("kp:letter-loaded", { bubbles: true }));
    };
    frame.addEventListener("load", loaded);
    if (frame.contentDocument && frame.contentDocument.readyState === "complete" && frame.contentDocument.URL !== "about:blank") loaded();
    let width = frame.clientWidth;
    new ResizeObserver(() => {
      if (frame.clientWidth === width) return;
      width = frame.clientWidth;
      fitLetter(frame);
    }).observe(frame);
  }

  /* Undo */
  function prepareUndo(box) {
    const seconds = Number(box.dataset.undoSeconds);
    if (!Number.isFinite(seconds)) return;
    setTimeout(() => {
      if (!box.isConnected) return;
      const open = box.querySelector("[data-undo-open]");
      const over = box.querySelector("[data-undo-over]");
      const hadFocus = open && open.contains(document.activeElement);
      if (open) open.hidden = true;
      if (over) over.hidden = false;
      if (hadFocus && over) {
        over.setAttribute("tabindex", "-1");
        over.focus();
      }
      announce(box.dataset.undoOverText);
    }, Math.max(0, seconds) * 1000);
  }

  function preparePassword(button) {
    const field = document.getElementById(button.dataset.showPassword);
    if (!field) return;
    const show = button.textContent;
    button.hidden = false;
    button.addEventListener("click", () => {
      const shown = field.type === "password";
      field.type = shown ? "text" : "password";
      button.textContent = shown ? button.dataset.labelHide : show;
      announce(shown ? button.dataset.saidShown : button.dataset.saidHidden);
    });
    // Browsers must not learn the password as an ordinary text field's value.
    if (field.form) field.form.addEventListener("submit", () => { field.type = "password"; });
  }

  function once(root, selector, prepare) {
    const found = [...root.querySelectorAll(selector)];
    if (root.matches && root.matches(selector)) found.push(root);
    for (const element of found) {
      if (element.dataset.prepared) continue;
      element.dataset.prepared = "yes";
      prepare(element);
    }
  }

  function prepare(root) {
    once(root, "iframe[data-letter]", prepareLetter);
    once(root, "[data-undo-seconds]", prepareUndo);
    once(root, "[data-show-password]", preparePassword);
  }

  /* A list that comes anew stands where it stood, unless its current row would be out of sight. */
  const scrolled = new Map();
  function rememberScroll() {
    for (const list of document.querySelectorAll("[data-keep-scroll][id]")) scrolled.set(list.id, list.scrollTop);
  }
  function restoreScroll() {
    for (const [id, top] of scrolled) {
      const list = document.getElementById(id);
      if (!list || list.scrollHeight <= list.clientHeight) continue;
      list.scrollTop = top;
      const current = list.querySelector("[aria-current=true]");
      const row = current && current.closest("[data-row-item]");
      if (row) row.scrollIntoView({ block: "nearest" });
    }
    scrolled.clear();
  }

  /* htmx: being busy, arriving, failing */
  const timers = new WeakMap();
  document.addEventListener("htmx:beforeRequest", ({ detail }) => {
    const { elt, target, xhr } = detail;
    if (elt.matches("button, [type=submit]")) elt.setAttribute("aria-busy", "true");
    timers.set(xhr, setTimeout(() => {
      if (target) target.setAttribute("aria-busy", "true");
      announce(words("textLoading"));
    }, BUSY_AFTER_MS));
  });
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    clearTimeout(timers.get(detail.xhr));
    detail.elt.removeAttribute("aria-busy");
    if (detail.target) detail.target.removeAttribute("aria-busy");
  });
  // Somebody who was signed out gets the whole sign-in page, not one inside a pane.
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (!detail.xhr.responseText.includes('data-page="sign-in"')) {
      rememberScroll();
      return;
    }
    detail.shouldSwap = false;
    // What is being typed on the page must not go with it.
    if (detail.requestConfig.elt.closest("form[data-draft]")) announce(words("textFailed"));
    else window.location.reload();
  });
  document.addEventListener("htmx:afterSettle", ({ detail, target }) => {
    const arrived = target && target.isConnected ? target : document.getElementById(detail.target && detail.target.id);
    if (!arrived) return;
    prepare(arrived);
    restoreScroll();
    const lost = !document.activeElement || document.activeElement === document.body;
    if (lost || startedByPerson(detail)) focusIn(arrived);
    const place = arrived.closest("[data-focus-if-lost]");
    if (place && document.activeElement === document.body) document.querySelector(place.dataset.focusIfLost)?.focus();
    const told = arrived.matches("[data-announce]") ? arrived : arrived.querySelector("[data-announce]");
    if (told) announce(told.dataset.announce);
  });
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, () => announce(words("textFailed")));
  }

  document.addEventListener("kp:say", ({ detail }) => announce(detail));

  prepare(document.documentElement);
  const summary = document.querySelector(".error-summary[data-focus]");
  if (summary) summary.focus();
})();
